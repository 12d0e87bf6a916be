#!/bin/sh
# What is lost at the highest rate with large copies of the stack, on all CPUs at once: samples got and lost, and the
# recorder's own CPU time, of hwprof and `perf record --call-graph dwarf`. The target is deep, a thread for each CPU.
# HWPROF_BENCH_RUNS runs of each, alternated (default 3), a line for each; HWPROF_BENCH_SECONDS of CPU time for each
# thread (default 5), HWPROF_BENCH_HZ (default 9999), HWPROF_BENCH_STACK bytes of stack (default 32768).
. "$top_srcdir/tests/lib/cli.sh"
need events perf
runs=${HWPROF_BENCH_RUNS:-3}
rate=${HWPROF_BENCH_HZ:-9999}
stack=${HWPROF_BENCH_STACK:-32768}

# The target tells its own CPU time, whoever records it.
cat >target.sh <<EOF
TIMEFORMAT='%U %S'
{ time "$top_builddir/tests/workloads/deep" ${HWPROF_BENCH_SECONDS:-5} $(nproc) >target.out 2>&3; } 2>target.time 3>&2
EOF

# measure COMMAND...: run the target under it; its own CPU seconds to $own.
measure() {
	bash -c 'TIMEFORMAT="%U %S"; { time "$@" >/dev/null 2>recorder.err; } 2>whole.time' measure "$@" bash target.sh ||
		fail "$(cat recorder.err)"
	own=$(echo "$(cat whole.time) $(cat target.time)" | awk '{ printf "%.2f", $1 + $2 - $3 - $4 }')
}

# line NAME SAMPLES LOST
line() {
	printf '%-12s %10d %10d %13s %9.2f\n' "$1" "$2" "$3" "$own" \
		"$(echo "$own $2" | awk '{ print ($2 ? 1000000 * $1 / $2 : 0) }')"
}

echo "deep on $(nproc) CPUs at $rate Hz with $stack bytes of stack; load before: $(cut -d ' ' -f 1 /proc/loadavg)"
printf '%-12s %10s %10s %13s %9s\n' recorder samples lost 'own CPU s' 'us/sample'
for _ in $(seq "$runs"); do
	measure "$HWPROF" record -e cpu-clock -F "$rate" --stack-size "$stack" -o p.pb.gz --
	tr -d , <recorder.err >numbers
	line hwprof "$(sed -n 's/.*hwprof: \([0-9]*\) samples in .*/\1/p' numbers)" \
		"$(sed -n 's/.*; \([0-9]*\) lost;.*/\1/p' numbers)"
	measure perf record -q -e cpu-clock -F "$rate" --call-graph dwarf,"$stack" -o perf.data --
	# The second half of the table is by event: there, samples are counted, not records that tell of losses.
	perf report -i perf.data --stats 2>/dev/null >stats || fail "perf report --stats"
	line perf "$(sed -n 's/ *SAMPLE events: *\([0-9]*\).*/\1/p' stats | tail -n 1)" \
		"$(sed -n 's/ *LOST_SAMPLES events: *\([0-9]*\).*/\1/p' stats | tail -n 1)"
	rm -f perf.data
done
