#!/bin/sh
# Nine events on seven counters take turns: the share of the time is said for each, agrees with what perf stat finds,
# and no counting event takes a turn away from them.
. "$top_srcdir/tests/pmu-vm/case.sh"

events="cycles:u r11:u r11:k instructions:u instructions:k instructions r8:u r8:k r8"
set --
for event in $events; do set -- "$@" -e "$event"; done
expect_ok "$HWPROF" record "$@" -c 400003 --ring-size 16MiB -o n.pb.gz -- "$workloads/serial" 1
expect_stderr_has "no counter is free to count beside the sampling"
expect_stderr_matches 'had a counter [67][0-9]\.[0-9] % of the time'
report n.pb.gz
expect_that 'all(0.5 < e["counted_share"] < 0.95 for e in q["events"])' n.pb.gz
expect_that 'all(e["counted_itself"] for e in q["events"] if e["samples"])' n.pb.gz
ours=$(value 'sum(e["counted_share"] for e in q["events"]) / 9' n.pb.gz)
expect_ok perf stat -x , "$@" "$workloads/serial" 1
theirs=$(awk -F , 'NF > 4 { sum += $5; n++ } END { print sum / n / 100 }' "$work/stderr")
expect_between "$ours" "$(awk "BEGIN { print $theirs - 0.05 }")" "$(awk "BEGIN { print $theirs + 0.05 }")" \
	"mean share of time (perf stat: $theirs)"
