#!/bin/sh
# How far measured shares are from the programs' own clocks: hwprof, and perf beside it, on the same run.
# One line per program: largest error and root mean square over its functions, in points of share.
# HWPROF_BENCH_SECONDS of CPU time per run (default 5), HWPROF_BENCH_RUNS runs (default 3).
. "$top_srcdir/tests/lib/cli.sh"
need events perf
runs=${HWPROF_BENCH_RUNS:-3}
seconds=${HWPROF_BENCH_SECONDS:-5}

# errors TRUTH SHARES: both "NAME PERCENT"; prints "MAX RMS".
errors() {
	awk 'NR == FNR { true_share[$1] = $2; next }
		$1 in true_share { measured[$1] += $2 }
		END {
			for (name in true_share) {
				error = measured[name] - true_share[name]
				if (error < 0) error = -error
				if (error > max) max = error
				sum += error * error
				n++
			}
			printf "%.3f %.3f\n", max, sqrt(sum / n)
		}' "$1" "$2"
}

one_run() {
	# Both sample the same run; perf's shares are of the workload alone.
	HWPROF_TRUTH=1 perf record -q --buildid-mmap -e cpu-clock -F 999 -o perf.data -- "$HWPROF" record -q -e cpu-clock -F 999 \
		-o p.pb.gz -- "$workloads/$1" "$seconds" >/dev/null 2>stderr || fail "recording $1 failed: $(cat stderr)"
	awk '$1 == "truth" { print $2, $3 }' stderr >true.txt
	"$HWPROF" report --csv -n 0 p.pb.gz | tr -d '\r' | awk -F, '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		{ print $at["function"], 100 * $at["flat_share"] }' >hwprof.txt
	perf report -i perf.data --stdio --no-children -g none -t '|' -F sample,comm,sym 2>/dev/null | awk -F'|' -v comm="$1" '
		/^#/ || NF != 3 { next }
		{ gsub(/ /, "", $2); if ($2 != comm) next; sub(/^ *\[.\] */, "", $3); gsub(/ +$/, "", $3); n[$3] += $1; total += $1 }
		END { for (name in n) print name, 100 * n[name] / total }' >perf.txt
	echo "$1 $(errors true.txt hwprof.txt) $(errors true.txt perf.txt)" >>results
}

echo "accuracy, points of share at 999 Hz, $runs runs of $seconds s of CPU time (median)"
printf '%-12s %10s %10s %10s %10s\n' program 'hwprof max' rms 'perf max' rms
for program in serial parallel; do
	: >results
	for _ in $(seq "$runs"); do
		one_run "$program"
	done
	printf '%-12s' "$program"
	for column in 2 3 4 5; do
		printf ' %10s' "$(cut -d ' ' -f $column results | sort -n | sed -n "$(((runs + 1) / 2))p")"
	done
	echo
done
