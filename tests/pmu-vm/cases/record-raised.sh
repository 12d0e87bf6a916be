#!/bin/sh
# Copies of the stack that are raised while a PMU counts: a group and an event beside it switch to the other set of events,
# which takes the counters of the first. As many events as were counted, and no time without a counter.
. "$top_srcdir/tests/pmu-vm/case.sh"

expect_ok "$HWPROF" record -e '{cycles:u,instructions:u},cpu-clock' -c 1000003 -o p.pb.gz -- "$workloads/descent" 1 main 4 40
expect_stderr_has 'copies of the stack were raised from 32 KiB to 60 KiB after'
report p.pb.gz
expect_that 'q["stack_raised_bytes"] == 61440 and q["stacks_truncated"] < 0.1 * q["samples"]' p.pb.gz
expect_that 'all(e["events"] == e["samples"] * 1000003 for e in q["events"])' p.pb.gz
expect_that 'all(0.97 < e["sum_check"] < 1.005 for e in q["events"] if e["samples"] > 100)' p.pb.gz
expect_that 'all(0.995 < e["time_running_ns"] / e["time_enabled_ns"] < 1.005 for e in q["events"])' p.pb.gz
expect_that 'q["events"][0]["samples"] > 500' p.pb.gz
