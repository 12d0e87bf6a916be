#!/bin/sh
# Attaching to a program that runs: its stacks from the middle, up to main, and as many cycles as it ran.
. "$top_srcdir/tests/pmu-vm/case.sh"

"$workloads/serial" 30 >/dev/null 2>&1 &
pid=$!
trap 'kill $pid; rm -rf "$work"' EXIT
sleep 0.5
expect_ok "$HWPROF" attach -e cycles:u -c 200003 -p $pid --duration 1s -o p.pb.gz
report p.pb.gz
expect_whole p.pb.gz
expect_that '2000 < q["samples"] < 5500' p.pb.gz
expect_that 'all(0.98 < e["sum_check"] < 1.02 for e in q["events"])' p.pb.gz
expect_that 'f["main"]["cum_share"] > 0.995 and f["_start"]["cum_share"] > 0.995' p.pb.gz
expect_that 'sum(r["flat_share"] for n, r in f.items() if "_expect_" in n or n == "calibrate") > 0.99' p.pb.gz

# All threads of one, and by name.
kill $pid
"$workloads/parallel" 30 >/dev/null 2>&1 &
pid=$!
sleep 0.5
expect_ok "$HWPROF" attach -e cycles:u -c 2000003 -n parallel --duration 1s -o threads.pb.gz
report threads.pb.gz --by thread
expect_that 'len([r for r in p["rows"] if r["flat_share"] > 0.01]) > 1' threads.pb.gz
expect_whole threads.pb.gz
