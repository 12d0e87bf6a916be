#!/bin/sh
# hwprof list: kinds, patterns, columns, details, what matches nothing, JSON.
. "$top_srcdir/tests/lib/cli.sh"
need events

# names: the first column of what was listed.
names() {
	sed -nE 's/^  ([^ []+) .*/\1/p' "$work/stdout"
}

# A kind lists what is of it, and nothing else. Software events open for everybody.
expect_ok "$HWPROF" list sw
expect_stderr_empty
[ "$(names | wc -l)" -eq 12 ] || fail "not the kernel's 12 software events"
[ "$(grep -cE '^  [a-z-]+ +(yes|user only) +software/config=0x[0-9a-f]/ ' "$work/stdout")" -eq 12 ] ||
	fail "not every software event opens"
expect_stdout_matches '^  page-faults +.*; also faults$'
expect_ok "$HWPROF" list SOFTWARE
[ "$(names | wc -l)" -eq 12 ] || fail "perf's word for software events lists something else"
expect_ok "$HWPROF" list hw
[ "$(names | head -n 1)" = cycles ] || fail "cycles is not the first hardware event"
[ "$(names | wc -l)" -eq 10 ] || fail "not the kernel's 10 hardware events"
expect_stdout_matches '^  cache-misses .*; also cacheMisses$'
expect_ok "$HWPROF" list cache
expect_stdout_matches '^  L1-dcache-load-misses +[^ ]+.* type 3 config 0x10000 '

# A text, in any case, in a name, another name or a description; a glob, of the whole.
expect_ok "$HWPROF" list FAULTS
[ "$(names | grep -c '^[a-z]*-faults$')" -eq 5 ] || fail "not the five events called faults"
expect_ok "$HWPROF" list 'l1-i*'
[ "$(names | tr '\n' ' ')" = "L1-icache-loads L1-icache-load-misses L1-icache-prefetches L1-icache-prefetch-misses " ] ||
	fail "a glob lists something else"
expect_ok "$HWPROF" list branchMisses
expect_stdout_matches '^  branch-misses '
expect_ok "$HWPROF" list 'those of cache-references*'
expect_stdout_matches '^  cache-misses '

# Several patterns, options behind them.
expect_ok "$HWPROF" list minor-faults cpu-clock --no-pager
[ "$(names | tr '\n' ' ')" = "cpu-clock minor-faults " ] || fail "two patterns list something else"

# What stands in no list may be an event nevertheless.
expect_ok "$HWPROF" list page-faults:u
expect_stdout_matches '^  page-faults:u +yes +software/config=0x2/$'
expect_ok "$HWPROF" list r1a8
expect_stdout_matches '^  r1a8 '

# Nothing: status 1, a hint, and what else was asked for.
run "$HWPROF" list cycels
expect_status 1
expect_stdout_empty
expect_stderr_has "hwprof: list: no event, preset or metric here matches 'cycels'"
expect_stderr_has "hint: did you mean 'cycles'"
run "$HWPROF" list nosuchthing cpu-clock
expect_status 1
expect_stdout_matches '^  cpu-clock '
expect_stderr_has "'nosuchthing'"
run "$HWPROF" list 'nosuch*'
expect_status 1
expect_stderr_has "hint: 'hwprof list' without a pattern shows all"
run "$HWPROF" list --rows
expect_status 125
expect_stderr_has "unknown option '--rows'"
expect_ok "$HWPROF" list sw --help
expect_stdout_has "Usage: hwprof list"

# Presets and metrics: what they stand for, and whether all of it opens.
expect_ok "$HWPROF" list preset
expect_stdout_matches '^  cpu +(yes|user only|count only|no \[[0-9]+\]) +- +'
expect_ok "$HWPROF" list ipc
expect_stdout_matches '^  ipc .*; in instructions/cycle$'
expect_stdout_matches '^      formula: .*instructions'
expect_stdout_matches '^      events: .* = .*, .* = '
expect_ok "$HWPROF" list '{page-faults,minor-faults}:u'
expect_stdout_matches '^  \{page-faults,minor-faults\}:u +yes '
expect_stdout_has "events: page-faults = software/config=0x2/, minor-faults = software/config=0x5/"
echo '{' >bad.json
mkdir events && cp bad.json events/generic.json
expect_ok env HWPROF_EVENTS="$PWD/events" "$HWPROF" list
expect_stdout_has "note: no presets: "
expect_stdout_matches '^  page-faults '
run env HWPROF_EVENTS="$PWD/events" "$HWPROF" list metric
expect_status 1
expect_stderr_has "hint: no metrics: "

# The encoding is one that -e takes, and the event the same.
expect_ok "$HWPROF" record --dry-run -e software/config=0x2/u
expect_stdout_has "type = 1 (software)"
expect_stdout_has "config = 0x2"

# Libpfm4 of another CPU: encoded, and not of this machine.
case $(uname -m) in
x86_64)
	expect_ok env LIBPFM_FORCE_PMU=skl "$HWPROF" list INST_RETIRED:ANY_P
	expect_stdout_matches '^  INST_RETIRED:ANY_P +no \[1\] +r(5300)?c0 .*'
	expect_stdout_has "another CPU: LIBPFM_FORCE_PMU=skl"
	expect_stdout_has "mend: unset LIBPFM_FORCE_PMU"
	run env LIBPFM_FORCE_PMU=nosuchpmu "$HWPROF" list pfm
	expect_status 1
	expect_stderr_has "hint: no names of libpfm4: libpfm4 knows no PMU 'nosuchpmu'"
	;;
esac

# Without privileges: less opens, each with the cause; what may not be looked at is noted once.
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
	cp "$HWPROF" hwprof # the build folder may be closed to others
	chmod 755 . "$work"
	expect_ok env HOME=/nonexistent setpriv --reuid 65534 --regid 65534 --clear-groups ./hwprof list
	expect_stdout_matches '^  page-faults +(yes|user only) '
	if [ "$(stat -c %a /sys/kernel/tracing 2>/dev/null)" = 700 ]; then
		[ "$(grep -c '^note: no tracepoints: cannot read' "$work/stdout")" -eq 1 ] || fail "no note about tracefs"
		run env HOME=/nonexistent setpriv --reuid 65534 --regid 65534 --clear-groups ./hwprof list tracepoint
		expect_status 1
		expect_stderr_matches '^hint: no tracepoints: cannot read .*remount'
	fi
fi

# JSON is JSON, with every key of the manual.
need python3
expect_ok "$HWPROF" list --json
python3 - "$work/stdout" <<-'EOF' || fail "the JSON is not what the manual says"
	import json, sys
	d = json.load(open(sys.argv[1]))
	assert set(d) == {'family', 'pmus', 'notes', 'events'}, d.keys()
	keys = {'kind', 'name', 'aliases', 'description', 'unit', 'scale', 'source', 'default', 'encoding', 'opens',
	        'samples', 'user_only', 'cause', 'fix', 'details'}
	kinds = {'hw', 'cache', 'sw', 'preset', 'metric', 'event', 'pmu', 'pfm', 'raw', 'tracepoint'}
	for e in d['events']:
	    assert set(e) == keys, e
	    assert e['kind'] in kinds and e['opens'] in (True, False, None), e
	    assert e['opens'] is not False or e['cause'], e
	    assert e['encoding'] is None or set(e['encoding']) == {'type', 'config', 'config1', 'config2', 'text'}, e
	pairs = [(e['kind'], e['name']) for e in d['events']]
	assert len(pairs) == len(set(pairs)), sorted(p for p in pairs if pairs.count(p) > 1)
	by_name = {e['name']: e for e in reversed(d['events'])}
	assert by_name['page-faults']['aliases'] == ['faults']
	assert by_name['cpu-clock']['unit'] == 'nanoseconds'
	assert by_name['page-faults']['opens'] is True
EOF
