#!/bin/sh
# perf list as the truth about names: every hardware, cache, software, PMU and tracepoint event that it prints is in
# hwprof list, and means the same when perf opens it. What hwprof list says opens is accepted by hwprof record, and
# opens for hwprof stat's sake and for perf's.
#
# Known difference: perf's tools have counters of their own (duration_time, user_time, system_time), which are no events,
# and events and metrics of its own JSON tables, for which hwprof has events/ and libpfm4.
. "$top_srcdir/tests/lib/cli.sh"
need perf python3 events

perf list --raw-dump hw cache sw pmu tracepoint 2>/dev/null | tr ' ' '\n' | sed '/^$/d' >perf_names ||
	skip perf "perf list says nothing"
[ -s perf_names ] || skip perf "perf list says nothing"
expect_ok "$HWPROF" list --json
cp "$work/stdout" list.json

cat >compare.py <<-'EOF'
	"""Names of perf that hwprof list lacks; then a sample of what opens, a line each: name type config."""
	import json, sys
	events = json.load(open('list.json'))['events']
	known = {}
	for e in events:
	    for name in [e['name']] + e['aliases']:
	        known.setdefault(name, e)
	tools = {'duration_time', 'user_time', 'system_time'}
	missing = [n for n in open('perf_names').read().split() if n not in known and n not in tools]
	print(*missing, sep='\n', file=open('missing', 'w'))
	sample = []
	for kind, most in [('hw', 99), ('cache', 8), ('sw', 99), ('pmu', 30), ('tracepoint', 12)]:
	    of_kind = [e for e in events if e['kind'] == kind and e['encoding']]
	    step = max(1, len(of_kind) // most)
	    sample += of_kind[::step][:most]
	with open('sample', 'w') as out:
	    for e in sample:
	        c = e['encoding']
	        words = [hex(c[word]) if c[word] else '0' for word in ('config', 'config1', 'config2')]
	        print(e['name'], e['opens'], c['type'], *words, c['text'], file=out)
EOF
python3 compare.py || fail "the list cannot be read"
grep -v '^$' missing >missing_names && fail "perf list has names that hwprof list lacks: $(tr '\n' ' ' <missing_names | head -c 500)"

# fields FILE: type and config words of the first attr in perf's or hwprof's form.
fields() {
	awk '/^perf_event_attr:/ || /^event / { if (inside++) exit; next }
	     !inside { next }
	     { gsub(/ = /, " "); if (!($1 in value)) value[$1] = $2 }
	     END {
		n = split("type config config1 config2", name, " ")
		for (i = 1; i <= n; i++) {
			v = value[name[i]]
			printf "%s%s", v == "" || v == "0x0" ? "0" : v, i < n ? " " : "\n"
		}
	     }' "$1"
}

compared=0
opened=0
while read -r name opens type config config1 config2 text; do
	expect_ok "$HWPROF" record --dry-run -e "$name"
	[ "$(fields "$work/stdout")" = "$type $config $config1 $config2" ] ||
		fail "hwprof list says '$name' is $type $config $config1 $config2"
	if [ "$text" != None ]; then
		expect_ok "$HWPROF" record --dry-run -e "$text"
		[ "$(fields "$work/stdout")" = "$type $config $config1 $config2" ] ||
			fail "'$text' is not '$name': $type $config $config1 $config2"
	fi
	run perf stat -vv -e "$name" true
	if grep -q '^perf_event_attr:' "$work/stderr"; then
		[ "$(fields "$work/stderr")" = "$type $config $config1 $config2" ] ||
			fail "perf opens another event for '$name' than $type $config $config1 $config2"
		compared=$((compared + 1))
		# perf's own word for an event that cannot be opened.
		if grep -qE '<not supported>' "$work/stderr"; then
			[ "$opens" != True ] || fail "'$name' is said to open, and does not for perf"
		elif [ "$status" -eq 0 ]; then
			[ "$opens" = True ] || fail "'$name' is said not to open, and does for perf"
			opened=$((opened + 1))
		fi
	fi
done <sample
echo "$(wc -l <perf_names) names of perf are there; $compared encodings agree; $opened open for both"
[ "$compared" -ge 20 ] || fail "only $compared events were compared"
[ "$opened" -ge 8 ] || fail "only $opened events opened"
