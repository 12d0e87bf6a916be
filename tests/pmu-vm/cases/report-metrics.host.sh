#!/bin/sh
# What report-metrics.sh recorded in the guest has the same columns here, metrics included, though this machine has
# another CPU or none that counts.
. "$top_srcdir/tests/pmu-vm/case.sh"
need python3

[ -s "$kept/metrics.pb.gz" ] || fail "the guest left no profile"
"$HWPROF" report --json -n 0 "$kept/metrics.pb.gz" >here.json || fail "no report"
diff "$kept/metrics.json" here.json || fail "the report is another one here"
expect_ok "$HWPROF" report --metrics=ipc -e instructions "$kept/metrics.pb.gz"
expect_stdout_matches ' IPC +dso +function'
