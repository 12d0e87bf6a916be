#!/bin/sh
# Cycles at a fixed period: the shares of a program that knows them, every stack complete, and as many events as a
# counter of the same run has counted.
. "$top_srcdir/tests/pmu-vm/case.sh"

# The program starts by itself what counts it, so that both see the same run; the profile has them apart by name.
HWPROF_TRUTH=1
export HWPROF_TRUTH
expect_ok "$HWPROF" record -e cycles:u -c 100003 -o p.pb.gz -- "$workloads/serial" 1
cp "$work/stderr" truth
report p.pb.gz
expect_whole p.pb.gz
expect_truth 0.5 p.pb.gz truth
expect_that 'all(e["events"] == e["samples"] * 100003 for e in q["events"])' p.pb.gz
expect_that 'f["main"]["cum_share"] >= 0.995 and f["_start"]["cum_share"] >= 0.995' p.pb.gz

expect_ok "$HWPROF" record -e cycles:u -c 100003 -o counted.pb.gz -- \
	perf stat -x , -o counts -e cycles:u "$workloads/serial" 1
report counted.pb.gz --by process
sampled=$(value 'sum(r["flat"] for r in p["rows"] if r["process"] == "serial")' counted.pb.gz)
counted=$(awk -F , '/cycles/ { print $1 }' counts)
expect_between "$(awk "BEGIN { print $sampled / $counted }")" 0.98 1.02 "sampled cycles by counted cycles"
echo "sampled $sampled, counted $counted cycles"
cp p.pb.gz truth "$kept/"
