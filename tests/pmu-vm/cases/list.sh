#!/bin/sh
# On a machine with a PMU: what hwprof list says opens counts for perf, too, what it says does not open is not supported
# there, and the encodings are perf's. Every kind of the PMU's events is there.
. "$top_srcdir/tests/pmu-vm/case.sh"

expect_ok "$HWPROF" list
expect_stdout_matches '^core PMU +armv8_[a-z0-9_]+ \(type [0-9]+, CPUs 0'
expect_stdout_matches '^  cycles +yes +type 0 config 0x0 '
expect_stdout_matches '^  cache-misses +no \[[0-9]+\] '
expect_stdout_has "does not count the event"
expect_stdout_matches '^  armv8_[a-z0-9_]+/cpu_cycles/ +yes +armv8_[a-z0-9_]+/event=0x11/ '
expect_stdout_matches '^  CPU_CYCLES +yes +r11 '

# A sample of names: its answer, and what is encoded.
expect_ok "$HWPROF" list --json hw pmu pfm preset metric
python3 -S - "$work/stdout" >sample <<-'EOF' || fail "the list cannot be read"
	import json, sys
	events = json.load(open(sys.argv[1]))['events']
	assert {e['kind'] for e in events} >= {'hw', 'pmu', 'pfm'}, {e['kind'] for e in events}
	for e in [e for e in events if e['kind'] == 'hw'] + [e for e in events if e['kind'] == 'pmu'][:3]:
	    print(e['name'], e['opens'], e['encoding']['type'], hex(e['encoding']['config']))
EOF
[ "$(grep -c True sample)" -ge 4 ] || fail "hardly anything opens: $(cat sample)"
while read -r name opens type config; do
	case $name in
	*/) run perf stat -vv -e "${name}u" true ;;
	*) run perf stat -vv -e "$name:u" true ;;
	esac
	expect_status 0
	answer=True
	! grep -q 'not supported' "$work/stderr" || answer=False
	[ "$opens" = "$answer" ] || fail "hwprof list says of '$name' that it opens: $opens"
	[ "$type" = 0 ] || grep -qE "^ +type +$type\$" "$work/stderr" || fail "'$name' has another type than $type"
	[ "$config" = 0x0 ] || grep -qE "^ +config +$config\$" "$work/stderr" || fail "'$name' is not $config for perf"
done <sample

# What libpfm4 names is sampled under that name.
expect_ok "$HWPROF" record -e CPU_CYCLES:u -c 1000003 -o p.pb.gz -- "$workloads/serial" 0.2
report p.pb.gz
expect_that 'q["samples"] > 50' p.pb.gz

# A user sees what is left for one, and why.
chmod 755 "$work" .
echo 2 >/proc/sys/kernel/perf_event_paranoid
run su user -c "$HWPROF list cycles"
expect_status 0
expect_stdout_matches '^  cycles +user only '
