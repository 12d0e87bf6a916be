#!/bin/sh
# Cycles and instructions in one group: sampled at the same moments, each with its own count of samples, and each
# checked against an event that only counts. In the profile they make a ratio.
. "$top_srcdir/tests/pmu-vm/case.sh"

expect_ok "$HWPROF" record -e '{cycles:u,instructions:u}' -c 100003 -o g.pb.gz -- "$workloads/serial" 1
expect_stderr_matches ' s of [0-9,]+ cycles \(sum check (0\.99|1\.00)[0-9]\), [0-9,]+ instructions \(sum check (0\.99|1\.00)[0-9]\); '
report g.pb.gz
expect_whole g.pb.gz
expect_that '[e["group"] for e in q["events"]] == [1, 1]' g.pb.gz
expect_that 'all(0.98 < e["sum_check"] < 1.02 and not e["counted_itself"] for e in q["events"])' g.pb.gz
expect_that 'all(e["counted_share"] == 1 for e in q["events"])' g.pb.gz
expect_that 'all(e["events"] == 100003 * e["samples"] for e in q["events"])' g.pb.gz
# Here an instruction takes two cycles.
expect_that '[0.49 < m["value"] < 0.51 for m in p["report"]["metrics"] if m["name"] == "ipc"] == [True]' g.pb.gz

# Attached to a program that runs: from the start to the end, not from the opening.
"$workloads/background" 20 >/dev/null 2>&1 &
pid=$!
expect_ok "$HWPROF" attach -e '{cycles:u,instructions:u}' -c 1000003 -p $pid --duration 1s --ring-size 16MiB -o a.pb.gz
kill $pid
report a.pb.gz
expect_that 'all(0.98 < e["sum_check"] < 1.02 and not e["counted_itself"] for e in q["events"])' a.pb.gz

# More in a group than the PMU has counters: taken apart, and said.
group=r8:u
for event in r8:k r8 r11:u r11:k r11 instructions:u instructions:k; do group=$group,$event; done
expect_ok "$HWPROF" record -e "{$group}" -c 400003 -o apart.pb.gz -- "$workloads/serial" 0.5
expect_stderr_has "was taken apart, since the PMU cannot count all of it at once"
report apart.pb.gz
expect_that 'all(e["group"] is None for e in q["events"])' apart.pb.gz
