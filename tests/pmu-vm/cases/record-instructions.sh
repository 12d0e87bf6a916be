#!/bin/sh
# Instructions at a frequency: the ten functions execute the same ones, 1 to 10 times as often, so that shares among them
# are exact. Alone, with cycles, and in a group with cycles, which makes a metric.
. "$top_srcdir/tests/pmu-vm/case.sh"

largest_difference='max(abs(100 * f[n]["flat"] / sum(f[m]["flat"] for m in f if "_expect_" in m) -
	100 * (ord(n[0]) - 64) / 55) for n in f if "_expect_" in n)'
sum_checks='all(0.98 < e["sum_check"] < 1.02 for e in q["events"])'

expect_ok "$HWPROF" record -e instructions:u -F 997 -o i.pb.gz -- "$workloads/serial" 2
report i.pb.gz
expect_whole i.pb.gz
expect_that "$sum_checks" i.pb.gz
expect_between "$(value "$largest_difference" i.pb.gz)" 0 0.5 "largest difference in instructions"
expect_that '800 < q["samples"] / p["profile"]["duration"] < 1200' i.pb.gz

# Here an instruction takes two cycles.
for events in "-e cycles:u -e instructions:u" "-e {cycles:u,instructions:u}"; do
	# shellcheck disable=SC2086 # options
	expect_ok "$HWPROF" record $events -c 200003 -o both.pb.gz -- "$workloads/serial" 0.5
	for event in cycles instructions; do
		report both.pb.gz -e $event
		expect_whole both.pb.gz
		expect_between "$(value "$largest_difference" both.pb.gz)" 0 0.5 "largest difference in $event, $events"
	done
	expect_that "$sum_checks" both.pb.gz
	expect_that '0.49 < q["events"][1]["events"] / q["events"][0]["events"] < 0.51' both.pb.gz
done
expect_ok "$HWPROF" report both.pb.gz
expect_stdout_matches 'IPC 0\.(49|50)'
