#!/bin/sh
# Several events of one recording: side by side, alone, with metrics, in JSON and CSV, on narrow terminals.
. "$top_srcdir/tests/lib/cli.sh"
. "$top_srcdir/tests/lib/report.sh"

events_profile p.pb.gz
show p.pb.gz
show p.pb.gz --cum -n 2
show p.pb.gz -e cache-misses
show p.pb.gz -e cycles --metrics
show p.pb.gz -e cycles --metrics=ipc --focus '^walk$'
show p.pb.gz --by dso
show p.pb.gz --tree --min-share 0
show p.pb.gz --json
show p.pb.gz --csv
show p.pb.gz --csv -e instructions --metrics

# A hybrid CPU's event and its two parts, which come last; a metric of wholes. The parts took turns, but at any moment one
# of them ran.
make_profile "cycles_samples/count cycles/count cpu_core/cycles/_samples/count cpu_core/cycles//count cpu_atom/cycles/_samples/count cpu_atom/cycles//count instructions_samples/count instructions/count cpu_core/instructions/_samples/count cpu_core/instructions//count cpu_atom/instructions/_samples/count cpu_atom/instructions//count" hybrid.pb.gz <<'END'
%default cycles
%samples 400
%complete 400
%event cpu_core/cycles/=80 events=8000 enabled=1000 running=600 whole=cycles pmu=cpu_core
%event cpu_atom/cycles/=20 events=2000 enabled=1000 running=400 whole=cycles pmu=cpu_atom
%event cpu_core/instructions/=240 events=24000 enabled=1000 running=600 whole=instructions pmu=cpu_core
%event cpu_atom/instructions/=60 events=6000 enabled=1000 running=400 whole=instructions pmu=cpu_atom
%metric ipc IPC instructions/cycle instructions / cycles
main;f 50 5000 40 4000 10 1000 100 10000 90 9000 10 1000
main;g 50 5000 40 4000 10 1000 200 20000 150 15000 50 5000
END
show hybrid.pb.gz
expect_shown

run "$HWPROF" report p.pb.gz --metrics=nosuch
expect_status 125
expect_stderr_has "--metrics: the profile has no metric 'nosuch'"
expect_stderr_has "hint: its metrics are: ipc, llc-mpki"
example_profile old.pb.gz
run "$HWPROF" report --metrics old.pb.gz
expect_status 125
expect_stderr_has "--metrics: the profile has no metrics"
run "$HWPROF" report --metrics --tree p.pb.gz
expect_status 125
expect_stderr_has "--metrics adds columns to the table; --tree has none of them"

# What a terminal has no room for is left out and named; nothing is wider than the terminal.
need script stty
export HWPROF
for columns in 120 80 60 40; do
	run script -qec "stty cols $columns rows 60; \"\$HWPROF\" report --color never --no-pager p.pb.gz" /dev/null </dev/null
	expect_status 0
	tr -d '\r' <"$work/stdout" | sed '1,/^$/d' >table
	[ -s table ] || fail "there is no table"
	[ "$(grep -v '^\.\.\. no room' table | wc -L)" -le "$columns" ] || fail "a line is wider than $columns columns"
	grep -q ' walk' table || fail "no row at $columns columns"
	for name in instructions cache-misses IPC; do
		if ! sed -n 1,2p table | grep -q "$name"; then
			grep "^\.\.\. no room for: .*$name" table >/dev/null || fail "$name is gone without a word at $columns columns"
		fi
	done
	for shape in --tree "--callers walk" "-e cycles"; do
		run script -qec "stty cols $columns rows 60; \"\$HWPROF\" report --color never --no-pager p.pb.gz $shape" /dev/null </dev/null
		expect_status 0
		tr -d '\r' <"$work/stdout" | sed '1,/^$/d' >table
		[ "$(grep -v '^\.\.\. no room' table | wc -L)" -le "$columns" ] || fail "$shape is wider than $columns columns"
		grep -q 'walk' table || fail "$shape has no row at $columns columns"
		grep -q samples table || fail "$shape: samples are gone without a word at $columns columns"
	done
done
