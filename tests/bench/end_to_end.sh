#!/bin/sh
# What it takes from a program's start to a table on the screen: CPU seconds of the tools (not of the program), seconds
# from its end to the table, bytes written. hwprof beside `perf record --call-graph dwarf` and `perf report`.
#	deep	2 threads, stacks of 35 frames without frame pointers
#	bigcxx	150 MB of C++ with -g, inlined frames shown: the program of symbols.sh where that was built, or the command line
#		in BIGCXX; perf's report gets PERF_LIMIT seconds, then is ended
# HWPROF_BENCH_RUNS runs of each, alternated (default 3), medians; HWPROF_BENCH_SECONDS of CPU time for each thread.
. "$top_srcdir/tests/lib/cli.sh"
need events perf
runs=${HWPROF_BENCH_RUNS:-3}
rate=${HWPROF_BENCH_HZ:-3650}
seconds=${HWPROF_BENCH_SECONDS:-10}
limit=${PERF_LIMIT:-120}

now() {
	date +%s.%N
}

# cpu_of FILE: user and system seconds that bash's time wrote, added.
cpu_of() {
	awk '{ print $2 + $3 }' "$1"
}

# timed FILE COMMAND...: run it, its wall, user and system seconds to FILE; its output is kept.
timed() {
	out=$1
	shift
	bash -c 'TIMEFORMAT="%R %U %S"; out=$1; shift; { time "$@" >timed.out 2>timed.err; } 2>"$out"' timed "$out" "$@" || {
		tail -n 3 timed.err >&2
		return 1
	}
}

# measure NAME FILE REPORT -- RECORD...: a line in NAME.results: tools' CPU, seconds to the table, bytes, samples.
measure() {
	name=$1
	file=$2
	report=$3
	shift 4
	cat >target.sh <<EOT
TIMEFORMAT='%R %U %S'
{ time $target >target.out 2>&3; } 2>target.time 3>&2
date +%s.%N >target.end
EOT
	timed record.time "$@" bash target.sh || return 1
	# shellcheck disable=SC2086 # words on purpose
	timed report.time timeout "$limit" $report || [ "${name#*-}" = perf ] || return 1
	whole=$(echo "$(now) $(cat target.end)" | awk '{ print $1 - $2 }')
	echo "$(cpu_of record.time) $(cpu_of target.time) $(cpu_of report.time) $whole $(stat -c %s "$file")" |
		awk '{ printf "%.3f %.3f %d\n", $1 - $2 + $3, $4, $5 }' >>"$name.results"
}

median() {
	cut -d ' ' -f "$2" "$1.results" | sort -n | sed -n "$(((runs + 1) / 2))p"
}

ratio() {
	echo "$1 $2" | awk '{ printf "%.1f", ($2 > 0 ? $1 / $2 : 0) }'
}

compare() {
	for _ in $(seq "$runs"); do
		measure "$1-hwprof" p.pb.gz "$HWPROF report p.pb.gz" -- "$HWPROF" record -q -e cpu-clock -F "$rate" -o p.pb.gz -- ||
			fail "hwprof"
		measure "$1-perf" perf.data "perf report -i perf.data --stdio -g caller" -- \
			perf record -q -e cpu-clock -F "$rate" --call-graph dwarf -o perf.data -- || fail "perf"
	done
	printf '%-8s %14s %18s %14s\n' "$1" 'tools CPU s' 'table after s' bytes
	for tool in hwprof perf; do
		printf '%-8s %14s %18s %14s\n' "$tool" "$(median "$1-$tool" 1)" "$(median "$1-$tool" 2)" "$(median "$1-$tool" 3)"
	done
	printf '%-8s %14s %18s %14s\n\n' ratio "$(ratio "$(median "$1-perf" 1)" "$(median "$1-hwprof" 1)")" \
		"$(ratio "$(median "$1-perf" 2)" "$(median "$1-hwprof" 2)")" \
		"$(ratio "$(median "$1-perf" 3)" "$(median "$1-hwprof" 3)")"
}

echo "from start to table at $rate Hz, median of $runs runs; perf's report is ended after $limit s"
target="$top_builddir/tests/workloads/deep $seconds 2"
compare deep
target=${BIGCXX:-${HWPROF_BENCH_FOLDER:-$top_builddir/tests/bench/bigcxx}/bigcxx 400 2}
[ ! -x "${target%% *}" ] || compare bigcxx
