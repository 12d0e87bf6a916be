#!/bin/sh
# Cycles and instructions of one group, side by side, with the IPC of every function: here it is 0.50 whatever the code,
# so every interval has to hold that. Without the group's word for it, there is none.
. "$top_srcdir/tests/pmu-vm/case.sh"

expect_ok "$HWPROF" record -e '{cycles:u,instructions:u}' -c 200003 -o p.pb.gz -- "$workloads/serial" 1
report p.pb.gz
expect_whole p.pb.gz
expect_that '[e["name"] for e in p["report"]["events"]] == ["cycles", "instructions"]' p.pb.gz
expect_that 'p["report"]["metrics_refused"] == []' p.pb.gz
expect_that '[m["name"] for m in p["report"]["metrics"]] == ["ipc"]' p.pb.gz
expect_that '0.49 < p["report"]["metrics"][0]["value"] < 0.51' p.pb.gz
expect_that 'all(0.98 < e["sum_check"] < 1.02 and e["counted_share"] > 0.999 for e in q["events"])' p.pb.gz
ten='[f[n]["metrics"]["ipc"] for n in f if "_expect_" in n and f[n]["metrics"]["ipc"]["value"]]'
expect_that "len($ten) == 10 and all(m['low'] <= 0.5 <= m['high'] for m in $ten)" p.pb.gz
expect_that "all(m['high'] - m['low'] < 0.4 for m in ${ten}[-5:])" p.pb.gz
expect_ok "$HWPROF" report p.pb.gz -n 12
expect_stdout_matches '^ +cycles +instructions'
expect_stdout_matches ' IPC +dso +function'
expect_stdout_has "counted   all the time; sum check"
cat "$work/stdout"
cp p.pb.gz "$kept/metrics.pb.gz"
cp p.pb.gz.json "$kept/metrics.json"

# Eight events take turns on seven counters: no two ran together, and each says how long it ran.
expect_ok "$HWPROF" record -e cycles:u -e instructions:u -e r8:u -e r8:k -e r8:uk -e r11:u -e r11:k -e r11:uk \
	-c 400003 -o turns.pb.gz -- "$workloads/serial" 1
report turns.pb.gz
expect_that 'p["report"].get("metrics", []) == []' turns.pb.gz
expect_that 'any("did not run together" in m for m in p["report"]["metrics_refused"])' turns.pb.gz
expect_that 'any("had a counter for" in w and "of that share, not scaled up" in w for w in q["warnings"])' turns.pb.gz
