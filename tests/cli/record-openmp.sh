#!/bin/sh
# An OpenMP program, whose threads work and wait in libgomp: whole stacks down to the threads' beginnings, the parallel
# region named in the main thread and in those that libgomp started.
. "$top_srcdir/tests/lib/cli.sh"
need events python3 gcc

cat >omp.c <<'EOF_C'
#include <stdio.h>
#include <stdlib.h>
static volatile double sink;
__attribute__((noinline)) double grind(long n)
{
	double s = 0;
	for (long i = 1; i < n; i++)
		s += 1.0 / (i * (double)i);
	return s;
}
__attribute__((noinline)) void uneven(int rounds)
{
	for (int r = 0; r < rounds; r++) {
		double sum = 0;
#pragma omp parallel for schedule(static) reduction(+ : sum)
		for (int i = 0; i < 64; i++)
			sum += grind(i < 32 ? 60000 : 2000); /* nearly all of it in half of the threads, for which the others wait */
		sink += sum;
	}
}
int main(int argc, char **argv)
{
	uneven(argc > 1 ? atoi(argv[1]) : 100);
	printf("%g\n", sink);
	return 0;
}
EOF_C
cat >check.py <<'EOPY'
import json, sys
report = json.load(open(sys.argv[1]))
quality, rows = report["quality"], {r["function"]: r for r in report["rows"]}
complete = 100.0 * quality["stacks_complete"] / quality["samples"]
assert quality["samples"] > 300 and complete >= 99.5, quality["stack_ends"]
region = rows["uneven._omp_fn.0"]["cum_share"]
spun = [r["cum_share"] for name, r in rows.items() if name in ("main", "__clone3", "clone", "__clone")]
grind = rows["grind"]["cum_share"]
# Where all threads have a CPU, those that wait actively take half of the time.
assert grind > (0.4 if sys.argv[3] == "active" else 0.8), (grind, region)
assert region >= 0.9 * grind, (region, grind)
assert abs(sum(spun) - 1) < 0.02, spun
threads = [stack for stack in open(sys.argv[2]) if "uneven._omp_fn.0;grind" in stack]
for stack in threads:
    frames = stack.split(";")
    above = frames[:frames.index("uneven._omp_fn.0")]
    assert above[0] == "_start" and above[-2:] == ["uneven", "GOMP_parallel"] or \
        "clone" in above[0] and "start_thread" in above, stack
assert {stack.startswith("_start") for stack in threads} == {True, False}, threads
print("%d samples, %.2f %% of stacks complete, %.1f %% in the parallel region" % (quality["samples"], complete, 100 * region))
EOPY

gcc -O2 -g -fopenmp -o omp omp.c 2>err || skip gcc "gcc cannot build an OpenMP program: $(head -n 1 err)"
for policy in active passive; do # libgomp's threads spin while they wait, or sleep
	OMP_NUM_THREADS=4 OMP_WAIT_POLICY=$policy "$HWPROF" record -q -e cpu-clock -F 999 -o p.pb.gz -- ./omp 400 >out 2>err ||
		fail "record: $(cat err)"
	"$HWPROF" report --json -n 0 p.pb.gz >report.json || fail "report"
	"$top_builddir/tests/lib/convert_tool" p.pb.gz p.folded || fail "convert_tool"
	python3 check.py report.json p.folded $policy >verdict 2>&1 || fail "$policy: $(cat verdict)"
	echo "$policy: $(cat verdict)"
done
