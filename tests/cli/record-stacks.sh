#!/bin/sh
# A chain of sixty functions without frame pointers, in the program and in a library loaded by dlopen: at least 99 % of
# the samples in its leaf show the whole chain, in order, up to main and _start.
. "$top_srcdir/tests/lib/cli.sh"
need events python3

cat >chain.py <<'EOPY'
# chain.py FOLDED TRUTH
import sys
chain = next(line.split()[1:] for line in open(sys.argv[2]) if line.startswith("chain "))
whole = total = 0
for line in open(sys.argv[1]):
    stack, count = line.rsplit(" ", 1)
    frames = stack.split(";")
    if chain[-1] not in frames:
        continue
    total += int(count)
    start = frames.index("main") if "main" in frames else 0
    whole += int(count) * (frames[0] == "_start" and frames[start:start + len(chain)] == chain)
assert len(chain) >= 60, len(chain)
share = 100 * whole / max(total, 1)
print("%.2f %% of %d ns of samples in the leaf show the whole chain of %d" % (share, total, len(chain)))
sys.exit(not (total and share >= 99))
EOPY

for workload in deep60 deep60_dlopen; do
	for method in auto libdw; do
		HWPROF_TRUTH=1 "$HWPROF" record -q -e cpu-clock --unwind $method -o p.folded -- "$workloads/$workload" 1 \
			>out 2>truth || fail "$workload: $(cat truth)"
		python3 chain.py p.folded truth >verdict || fail "$workload, $method: $(cat verdict)"
		echo "$workload, $method: $(cat verdict)"
	done
done
