#!/bin/sh
# What recording costs where there is next to nothing to record: wall and CPU time of `hwprof record -- true` beside
# `perf record true` and the bare command. HWPROF_BENCH_RUNS rounds (default 20) of one run of each; medians.
. "$top_srcdir/tests/lib/cli.sh"
need events perf python3

python3 - "$HWPROF" "${HWPROF_BENCH_RUNS:-20}" <<'PY' || fail "a run failed"
import os, statistics, subprocess, sys, time
hwprof, rounds = sys.argv[1], int(sys.argv[2])

def run(words):
    """Wall and CPU seconds of a command and its children."""
    before, started = os.times(), time.monotonic()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wall, after = time.monotonic() - started, os.times()
    return wall, after.children_user + after.children_system - before.children_user - before.children_system

kinds = {
    "true": ["true"],
    "hwprof record": [hwprof, "record", "-e", "cpu-clock", "-o", "p.pb.gz", "--", "true"],
    "perf record": ["perf", "record", "-e", "cpu-clock", "-g", "-o", "perf.data", "true"],
    "perf record, dwarf": ["perf", "record", "-e", "cpu-clock", "--call-graph", "dwarf", "-o", "perf.data", "true"],
}
results = {kind: [] for kind in kinds}
for _ in range(rounds):
    for kind, words in kinds.items():
        results[kind].append(run(words))
bare = [statistics.median(column) for column in zip(*results["true"])]
print(f"record true: bare {1000 * bare[0]:.1f} ms; more than that, medians of {rounds}")
for kind in list(kinds)[1:]:
    wall, cpu = (statistics.median(column) for column in zip(*results[kind]))
    print(f"  {kind:20} wall {1000 * (wall - bare[0]):+8.1f} ms   CPU {1000 * (cpu - bare[1]):+7.1f} ms")
PY
