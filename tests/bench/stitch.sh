#!/bin/sh
# stitch.sh [RUNS]: stacks cut short by copies of 8 KiB, completed from others: how many, and how many with a wrong caller,
# in RUNS (50) recordings of about a second of a workload that is built to fool (tests/workloads/callers.c), with random
# depths and turns; then of one caller alone, beside the same without stitching and with the largest copy.
set -u
: "${top_srcdir:?}" "${top_builddir:?}" "${HWPROF:?}"
work=$(mktemp -d "${TMPDIR:-/tmp}/hwprof-bench.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
callers=$top_builddir/tests/workloads/callers

# Milliseconds by what became of them: "whole N cut N wrong N".
judge() {
	awk 'function add(own, other, kind) {
			kind = "wrong"
			if (/^\[truncated\]/)
				kind = "cut"
			else if (index($0, ";" own ";"))
				kind = "whole"
			if (index($0, ";" other ";"))
				kind = "wrong"
			sum[kind] += $NF / 1e6
		}
		/;recurse;leaf_a / { add("caller_a", "caller_b") }
		/;recurse;leaf_b / { add("caller_b", "caller_a") }
		END { printf "whole %d cut %d wrong %d\n", sum["whole"], sum["cut"], sum["wrong"] }' "$1"
}

# record ARGUMENT... -- WORKLOAD ARGUMENT...
record() {
	"$HWPROF" record -q -e cpu-clock:u -F 1999 -o "$work/p.folded" "$@" || exit 1
	judge "$work/p.folded"
}

random() {
	od -An -N2 -tu2 /dev/urandom | tr -d ' '
}

run=0
while [ $run -lt "${1:-50}" ]; do
	run=$((run + 1))
	a_low=$((1 + $(random) % 150))
	b_low=$((1 + $(random) % 250))
	a_high=$((a_low + $(random) % 200))
	b_high=$((b_low + $(random) % 150))
	turn_us=$((10 << ($(random) % 12)))
	printf '%3d: depths %3d to %3d and %3d to %3d, turns of %5d us: ' $run $a_low $a_high $b_low $b_high $turn_us
	record --stack-size 8KiB -- "$callers" 1 $a_low $a_high $b_low $b_high $turn_us | tee -a "$work/all"
done
awk '{ whole += $2; cut += $4; wrong += $6 } END {
	printf "two callers, %d recordings, ms: whole %d cut %d wrong %d\n", NR, whole, cut, wrong; exit wrong > 0 }' \
	"$work/all" || exit 1
for options in "--stack-size 8KiB --no-stitch" "--stack-size 8KiB" "--stack-size 60KiB"; do
	# shellcheck disable=SC2086 # options are words
	printf 'one caller, %s: %s\n' "$options" "$(record $options -- "$callers" 3 1 400 0 0 50)"
done
