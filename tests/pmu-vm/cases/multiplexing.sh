#!/bin/sh
# Nine events on seven counters take turns, and the profile says so of each: for how long it had a counter, and that its
# samples are all of that time's events.
. "$top_srcdir/tests/pmu-vm/case.sh"

set --
for event in cycles instructions r11 r8 cpu-cycles; do
	set -- "$@" -e $event:u -e $event:k
done
shift 4
expect_ok "$HWPROF" record "$@" -e instructions -c 500009 -o p.pb.gz -- "$workloads/serial" 1
report p.pb.gz
expect_that 'len(q["events"]) == 9 and q["samples_lost"] == 0' p.pb.gz
expect_that 'all(0.4 < e["counted_share"] < 0.95 for e in q["events"])' p.pb.gz
expect_that 'all(abs(e["time_running_ns"] / e["time_enabled_ns"] - e["counted_share"]) < 0.01 for e in q["events"])' p.pb.gz
expect_that 'all(0.98 < e["sum_check"] < 1.02 for e in q["events"] if e["samples"] > 200)' p.pb.gz
expect_that 'sum("had a counter for" in w for w in q["warnings"]) == 9' p.pb.gz
