#!/bin/sh
# What recording adds to the start of a thread and of a process, in the starter's CPU time: alone, with copies of the stack
# of one size, and with those that may be raised, for which a second set of the events is open; perf record -g beside.
. "$top_srcdir/tests/lib/cli.sh"
need events
runs=${HWPROF_BENCH_RUNS:-5}
bench=$top_builddir/tests/bench/bench_births

for _ in $(seq "$runs"); do
	"$bench" >>alone
	"$HWPROF" record -q -e cpu-clock --stack-size 32KiB -o p.pb.gz -- "$bench" >>fixed
	"$HWPROF" record -q -e cpu-clock -o p.pb.gz -- "$bench" >>raised
	if command -v perf >/dev/null; then perf record -q -e cpu-clock -g -o perf.data -- "$bench" >>perf-g 2>err; fi
done
printf '%-32s %14s %15s\n' 'CPU time of starting' 'a thread, us' 'a process, us'
for name in alone fixed raised perf-g; do
	[ -s $name ] || continue
	printf '%-32s %14s %15s\n' "$name" "$(cut -d ' ' -f 1 $name | sort -n | sed -n $(((runs + 1) / 2))p)" \
		"$(cut -d ' ' -f 2 $name | sort -n | sed -n $(((runs + 1) / 2))p)"
done
