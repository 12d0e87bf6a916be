#!/bin/sh
# guest: --cpu cortex-a72
# A core that libpfm4 does not know has its table all the same, with events by number.
. "$top_srcdir/tests/pmu-vm/case.sh"

expect_ok "$HWPROF" list --json event
cp "$work/stdout" events.json
python3 -S - >"$work/stdout" 2>"$work/stderr" <<'EOF' || fail "not the table of a Cortex-A72"
import json
listed = json.load(open("events.json"))
events = {e["name"]: e for e in listed["events"]}
assert listed["family"] == "arm-cortex-a72", listed["family"]
assert all(e["opens"] for e in events.values()), [n for n, e in events.items() if not e["opens"]]
assert events["l2-misses"]["encoding"]["config"] == 0x17, events["l2-misses"]
EOF
expect_ok "$HWPROF" list -v cpu
expect_stdout_has "stands for: {cycles,instructions,branches-predictable,branch-mispredicts}"
