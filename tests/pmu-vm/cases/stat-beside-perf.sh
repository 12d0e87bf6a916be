#!/bin/sh
# hwprof stat and perf stat on the same programs: the guest's time is exact, so that runs repeat almost to the event, and
# both count within each other's spread, also with more events than counters.
. "$top_srcdir/tests/pmu-vm/case.sh"
need perf

# A fixed amount of work: seconds measured by clocks would differ from run to run.
cat >work.sh <<'SH'
i=0
while [ $i -lt 20000 ]; do i=$((i + 1)); done
SH

for run in 1 2 3; do
	expect_ok "$HWPROF" stat --csv -o ours.$run -e '{cycles:u,instructions:u}' -- sh work.sh
	expect_ok perf stat -x , -o theirs.$run -e '{cycles:u,instructions:u}' -- sh work.sh
done
# event NAME: the lowest and the highest of our counts, then of perf's.
python3 - <<'PY' >verdict 2>&1 || fail "$(cat verdict)"
import csv
def ours(run):
    return {row["name"].split(":")[0]: float(row["value"]) for row in csv.DictReader(open("ours.%d" % run)) if row["kind"] == "event"}
def theirs(run):
    words = (line.split(",") for line in open("theirs.%d" % run) if line.count(",") > 3)
    return {word[2].split(":")[0]: float(word[0]) for word in words}
for event in "cycles", "instructions":
    a = [ours(run)[event] for run in (1, 2, 3)]
    b = [theirs(run)[event] for run in (1, 2, 3)]
    spread = max(max(a) - min(a), max(b) - min(b))
    mean_a, mean_b = sum(a) / 3, sum(b) / 3
    print("%s: hwprof %s, perf %s" % (event, a, b))
    assert mean_a > 1e6 and abs(mean_a - mean_b) <= max(2 * spread, 0.002 * mean_b), (event, a, b)
    assert spread < 0.01 * mean_b, (event, a, b)
PY
cat verdict

# The ratio of what counted together; here an instruction takes two cycles.
expect_ok "$HWPROF" stat --json -o ipc.json -e '{cycles:u,instructions:u}' -- sh work.sh
python3 - <<'PY' >verdict 2>&1 || fail "$(cat verdict)"
import json
s = json.load(open("ipc.json"))
assert all(e["state"] == "counted" and e["counted_share"] == 1 for e in s["events"]), s["events"]
ipc = [m for m in s["metrics"] if m["name"].split(":")[0] == "ipc"]
assert len(ipc) == 1 and 0.49 < ipc[0]["value"] < 0.51, s["metrics"]
PY

# More than there are counters: scaled, and with the share of time each counted.
expect_ok "$HWPROF" stat --json -o many.json -e cycles:u,instructions:u,r11:u,r8:u,cycles:k,instructions:k,r11:k,r8:k,cycles \
	-- "$workloads/serial" 1
python3 - <<'PY' >verdict 2>&1 || fail "$(cat verdict)"
import json
s = json.load(open("many.json"))
assert len(s["events"]) == 9 and all(0.4 < e["counted_share"] < 0.95 for e in s["events"]), s["events"]
value = {e["name"]: e["value"] for e in s["events"]}
assert abs(value["cycles:u"] / value["r11:u"] - 1) < 0.05, value
PY

# An event that is not there is said to be, and one that reads 0 is not counted as a 0 of the program's.
run "$HWPROF" stat -e cache-misses:u -- true
expect_stderr_has "cache-misses"
