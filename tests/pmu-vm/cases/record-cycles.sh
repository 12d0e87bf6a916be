#!/bin/sh
# Cycles at a fixed period: the shares of a program that knows them, every stack complete, and as many events as were
# counted, by the profile's own word and by perf stat in the same run.
. "$top_srcdir/tests/pmu-vm/case.sh"

HWPROF_TRUTH=1
export HWPROF_TRUTH
expect_ok "$HWPROF" record -e cycles:u -c 100003 -o p.pb.gz -- "$workloads/serial" 1
cp "$work/stderr" truth
report p.pb.gz
expect_whole p.pb.gz
expect_truth 0.5 p.pb.gz truth
expect_that 'all(e["events"] == e["samples"] * 100003 for e in q["events"])' p.pb.gz
expect_that 'all(0.98 < e["sum_check"] < 1.02 and not e["counted_itself"] for e in q["events"])' p.pb.gz
expect_that 'f["main"]["cum_share"] > 0.995 and f["_start"]["cum_share"] > 0.995' p.pb.gz

# perf counts the program it starts; the profile has it apart, by its name.
expect_ok "$HWPROF" record -e cycles:u -c 100003 -o counted.pb.gz -- \
	perf stat -x , -o counts -e cycles:u "$workloads/serial" 0.5
report counted.pb.gz --by process
sampled=$(value 'sum(r["flat"] for r in p["rows"] if r["process"] == "serial")' counted.pb.gz)
counted=$(awk -F , '/cycles/ { print $1 }' counts)
expect_between "$(awk "BEGIN { print $sampled / $counted }")" 0.98 1.02 "sampled by counted cycles"
echo "sampled $sampled cycles, perf stat counted $counted"
