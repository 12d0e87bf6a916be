#!/bin/sh
# What profiling costs: slowdown of the target, the recorder's own CPU time, bytes written, and how long after the end
# of the program a report is on the screen. hwprof beside `perf record -g` (frame pointers) and `--call-graph dwarf`.
# The target is fixed work: xz -T2 over generated text. HWPROF_BENCH_RUNS runs of each, alternated (default 3), medians.
. "$top_srcdir/tests/lib/cli.sh"
need events perf xz
runs=${HWPROF_BENCH_RUNS:-3}
rate=${HWPROF_BENCH_HZ:-999}

seq 1 1500000 | awk '{ print ($1 * 7919) % 1000003 }' >text
# The target tells its own CPU and wall time, whoever records it.
cat >target.sh <<'EOF'
exec 3>&1
TIMEFORMAT='%R %U %S'
{ time xz -T2 -3 --block-size=2MiB -c text >/dev/null 2>&3; } 2>target.time
EOF

# now: seconds with fractions.
now() {
	date +%s.%N
}

# measure NAME FILE REPORT_COMMAND -- RECORD_COMMAND...: one line in NAME.results:
# target wall, target CPU, recorder CPU, bytes, seconds from the target's end to the printed report.
measure() {
	name=$1
	file=$2
	report=$3
	shift 4
	start=$(now)
	bash -c 'TIMEFORMAT="%R %U %S"; { time "$@" >/dev/null 2>&3; } 3>recorder.err 2>whole.time' measure "$@" bash target.sh ||
		fail "$name: $(cat recorder.err)"
	[ -z "$report" ] || sh -c "$report" >report.txt 2>report.err || fail "$name: $(cat report.err)"
	end=$(now)
	bytes=0
	[ -z "$file" ] || bytes=$(stat -c %s "$file")
	# shellcheck disable=SC2046 # words on purpose
	set -- $(cat target.time) $(cat whole.time)
	awk -v tw="$1" -v tu="$2" -v ts="$3" -v wu="$5" -v ws="$6" -v bytes="$bytes" -v whole="$(echo "$end $start" |
		awk '{ print $1 - $2 }')" 'BEGIN {
			own = wu + ws - tu - ts
			printf "%.3f %.3f %.3f %d %.3f\n", tw, tu + ts, (own > 0 ? own : 0), bytes, whole - tw }' >>"$name.results"
}

median() {
	cut -d ' ' -f "$2" "$1.results" | sort -n | sed -n "$(((runs + 1) / 2))p"
}

for _ in $(seq "$runs"); do
	measure alone "" "" -- env
	measure hwprof p.pb.gz "'$HWPROF' report p.pb.gz" -- "$HWPROF" record -q -e cpu-clock -F "$rate" -o p.pb.gz --
	measure perf-fp perf.data "perf report -i perf.data --stdio -g caller" -- \
		perf record -q -e cpu-clock -F "$rate" -g -o perf.data --
	measure perf-dwarf perf.data "perf report -i perf.data --stdio -g caller" -- \
		perf record -q -e cpu-clock -F "$rate" --call-graph dwarf -o perf.data --
done

echo "overhead on xz -T2 at $rate Hz, median of $runs runs"
printf '%-12s %12s %14s %14s %18s\n' recorder 'target CPU x' 'own CPU s' 'bytes' 'report after s'
base=$(median alone 2)
for name in alone hwprof perf-fp perf-dwarf; do
	printf '%-12s %12s %14s %14s %18s\n' "$name" "$(echo "$(median $name 2) $base" | awk '{ printf "%.3f", $1 / $2 }')" \
		"$(median $name 3)" "$(median $name 4)" "$(median $name 5)"
done
