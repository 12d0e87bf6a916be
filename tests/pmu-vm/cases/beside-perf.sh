#!/bin/sh
# perf on the same program with the same event and period: the same shares, and as many samples by its own count.
. "$top_srcdir/tests/pmu-vm/case.sh"
need perf

expect_ok perf record -q -e cycles:u -c 100003 -g -o perf.data -- "$workloads/serial" 0.5
perf report -i perf.data --no-inline --no-children -g none --stdio -F overhead,sample,sym 2>/dev/null |
	awk '/_expect_/ { sub("%", "", $1); print "truth", $NF, $1 }' >theirs
[ "$(wc -l <theirs)" -eq 10 ] || fail "perf names $(wc -l <theirs) of the ten functions"
expect_ok "$HWPROF" record -e cycles:u -c 100003 -o p.pb.gz -- "$workloads/serial" 0.5
report p.pb.gz
expect_whole p.pb.gz
expect_truth 0.3 p.pb.gz theirs
