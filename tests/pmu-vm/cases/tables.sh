#!/bin/sh
# The table of events is that of the core, each of its events is one that the core's driver opens, by libpfm4's name as
# the number of the core's manual, and its presets count.
. "$top_srcdir/tests/pmu-vm/case.sh"

expect_ok "$HWPROF" list --json event
cp "$work/stdout" events.json
python3 -S - >"$work/stdout" 2>"$work/stderr" <<'EOF' || fail "not the table of a Neoverse N1"
import json
listed = json.load(open("events.json"))
events = {e["name"]: e for e in listed["events"]}
assert listed["family"] == "arm-neoverse-n1", listed["family"]
assert all(e["opens"] for e in events.values()), [n for n, e in events.items() if not e["opens"]]
assert events["l1d-misses"]["details"]["stands for"] == "L1D_CACHE_REFILL", events["l1d-misses"]
codes = {"l1d-misses": 0x03, "l2-misses": 0x17, "branch-mispredicts": 0x22, "dtlb-walks": 0x34}
for name, code in codes.items():
    assert events[name]["encoding"]["config"] == code, events[name]
EOF

# The emulator counts cycles and instructions, and half of the latter a cycle; what else a table names reads 0.
expect_ok "$HWPROF" stat --json -e cpu -e cache -o counts.json -- "$workloads/serial" 0.2
python3 -S - >"$work/stdout" 2>"$work/stderr" <<'EOF' || fail "not the counts of presets: $(cat counts.json)"
import json
metrics = {m["name"]: m for m in json.load(open("counts.json"))["metrics"]}
assert abs(metrics["ipc"]["value"] - 0.5) < 0.01, metrics
assert metrics["l1d-mpki"]["value"] == 0 == metrics["branch-mpki"]["value"], metrics
EOF
