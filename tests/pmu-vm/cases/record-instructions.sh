#!/bin/sh
# Instructions at a frequency: every function executes the same ones, 1 to 10 times as often, so that shares among the
# ten are exact; and cycles and instructions of one run.
. "$top_srcdir/tests/pmu-vm/case.sh"

among_ten='max(abs(100 * f[n]["flat"] / sum(f[m]["flat"] for m in f if "_expect_" in m) -
	100 * (ord(n[0]) - 64) / 55) for n in f if "_expect_" in n)'

expect_ok "$HWPROF" record -e instructions:u -F 997 --ring-size 16MiB -o i.pb.gz -- "$workloads/serial" 2
report i.pb.gz
expect_whole i.pb.gz
expect_between "$(value "$among_ten" i.pb.gz)" 0 0.5 "largest difference in instructions"
# The frequency was kept: the emulated clock runs as the program does.
expect_that '700 < q["samples"] / p["profile"]["duration"] < 1300' i.pb.gz

expect_ok "$HWPROF" record -e cycles:u -e instructions:u -c 200003 -o both.pb.gz -- "$workloads/serial" 1
for event in cycles instructions; do
	report both.pb.gz -e $event
	expect_whole both.pb.gz
	expect_between "$(value "$among_ten" both.pb.gz)" 0 0.5 "largest difference in $event of two"
done
# Here an instruction takes two cycles.
expect_that '0.49 < q["events"][1]["events"] / q["events"][0]["events"] < 0.51' both.pb.gz
