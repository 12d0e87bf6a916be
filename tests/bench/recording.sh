#!/bin/sh
# What the recorder's own CPU does for a sample while it records, without start and end: its time on CPUs (schedstat) over
# three seconds, by the samples that the target's CPU time makes in them. The target is deep with a thread for each CPU;
# hwprof, which unwinds and counts meanwhile, beside `perf record`, which writes files to be unwound later.
# HWPROF_BENCH_RUNS runs of each, alternated (default 3), medians; HWPROF_BENCH_HZ (default 9999).
. "$top_srcdir/tests/lib/cli.sh"
need events perf
runs=${HWPROF_BENCH_RUNS:-3}
rate=${HWPROF_BENCH_HZ:-9999}
hertz=$(getconf CLK_TCK)

# ticks PID: the process's CPU time in clock ticks.
ticks() {
	sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'
}

# measure NAME COMMAND...: COMMAND attaches to $target for six seconds; ns per sample to NAME.results.
measure() {
	name=$1
	shift
	"$@" >recorder.out 2>&1 &
	recorder=$!
	sleep 1.5
	# Documentation/scheduler/sched-stats.rst: time on CPUs in ns comes first.
	own=$(cut -d ' ' -f 1 "/proc/$recorder/schedstat")
	before=$(ticks "$target")
	sleep 3
	own=$(($(cut -d ' ' -f 1 "/proc/$recorder/schedstat") - own))
	samples=$((($(ticks "$target") - before) * rate / hertz))
	wait "$recorder" || fail "$name: $(cat recorder.out)"
	echo $((own / (samples > 0 ? samples : 1))) >>"$name.results"
}

"$top_builddir/tests/workloads/deep" 100000 "$(nproc)" >/dev/null 2>&1 &
target=$!
trap 'kill "$target"; rm -rf "$work"' EXIT # as in cli.sh, and the target
for _ in $(seq "$runs"); do
	for stack in 8192 32768; do
		measure "hwprof-$stack" "$HWPROF" attach -q -e cpu-clock -F "$rate" --stack-size $stack --duration 6s -o p.pb.gz \
			-p $target
		measure "perf-$stack" perf record -q -e cpu-clock -F "$rate" --call-graph dwarf,$stack -o perf.data -p $target -- \
			sleep 6
		rm -f perf.data
	done
done
echo "own CPU while recording deep at $rate Hz on $(nproc) CPUs, ns a sample, medians of $runs runs"
for name in hwprof-8192 perf-8192 hwprof-32768 perf-32768; do
	printf '%-16s %6d\n' "$name" "$(sort -n "$name.results" | sed -n "$(((runs + 1) / 2))p")"
done
