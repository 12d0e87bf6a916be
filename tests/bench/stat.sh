#!/bin/sh
# What counting costs: the time of `hwprof stat -- true` beside `perf stat true` and the bare command, and the slowdown of
# a program that forks all the time (counters are inherited at each fork). HWPROF_BENCH_RUNS rounds (default 40), each
# with one run of every kind, so that what else the machine does meets all alike; medians of the differences to the
# bare command in the same round.
. "$top_srcdir/tests/lib/cli.sh"
need events perf python3
events=task-clock,context-switches,cpu-migrations,page-faults

cat >forks.sh <<'EOF'
i=0
while [ $i -lt 150 ]; do (:); i=$((i + 1)); done
EOF

python3 - "$HWPROF" "$events" "${HWPROF_BENCH_RUNS:-40}" <<'PY' || fail "a run failed"
import os, statistics, subprocess, sys, time
hwprof, events, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])

def seconds(words):
    before = time.monotonic()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.monotonic() - before

def measure(what, command):
    kinds = {
        "bare": [],
        "hwprof stat": [hwprof, "stat", "-e", events, "--"],
        "perf stat": ["perf", "stat", "-e", events],
        "hwprof stat, default events": [hwprof, "stat", "--"],
        "perf stat, default events": ["perf", "stat"],
    }
    times = {kind: [] for kind in kinds}
    for _ in range(rounds):
        for kind, words in kinds.items():
            times[kind].append(seconds(words + command))
    bare = statistics.median(times["bare"])
    print(f"{what}: bare {1000 * bare:.2f} ms")
    for kind in list(kinds)[1:]:
        more = [a - b for a, b in zip(times[kind], times["bare"])]
        print(f"  {kind}: {1000 * statistics.median(more):+.2f} ms, "
              f"quartiles {' to '.join(f'{1000 * x:+.2f}' for x in statistics.quantiles(more)[::2])}")

measure("true", ["true"])
measure("150 forks", ["sh", "forks.sh"])
PY
