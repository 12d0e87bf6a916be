#!/bin/sh
# How long reports on large profiles take, and how much memory, beside go tool pprof on the same file. One line per
# figure: name, value, and for a peer the ratio. Usage: [STACKS=1000000] report.sh (by hand, or make bench)
set -eu

: "${top_builddir:?}" "${HWPROF:?}"
stacks=${STACKS:-1000000}
work=$(mktemp -d "${TMPDIR:-/tmp}/hwprof-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
profile=$work/profile.pb.gz

# measure RUNS NAME COMMAND...: the best of some runs, as "NAME: 1.23 s, 456 MiB"; sets $seconds.
measure() {
	runs=$1
	name=$2
	shift 2
	while [ "$runs" -gt 0 ]; do
		runs=$((runs - 1))
		/usr/bin/time -a -o "$work/times" -f '%e %M' "$@" >/dev/null 2>"$work/stderr" || {
			cat "$work/stderr" >&2
			exit 1
		}
	done
	best=$(sort -n "$work/times" | head -n 1)
	rm "$work/times"
	seconds=${best% *}
	echo "$name: $seconds s, $((${best#* } / 1024)) MiB"
}

[ -x /usr/bin/time ] || {
	echo "report.sh: needs /usr/bin/time (package time)" >&2
	exit 1
}
"$top_builddir/tests/bench/gen_profile" "$stacks" "$profile"
echo "report, $stacks distinct stacks, $(wc -c <"$profile") bytes, $(nproc) CPUs"
measure 3 "hwprof report" "$HWPROF" report "$profile"
measure 3 "hwprof report --tree" "$HWPROF" report --tree "$profile"
measure 3 "hwprof report --callers ." "$HWPROF" report --callers . "$profile"
measure 3 "hwprof report --by line -n 0" "$HWPROF" report --by line -n 0 "$profile"
measure 3 "hwprof report --by thread" "$HWPROF" report --by thread "$profile"
measure 3 "hwprof report --focus" "$HWPROF" report --focus 'method_1..$' "$profile"
measure 3 "hwprof report --json" "$HWPROF" report --json "$profile"

# pprof takes minutes and 5 GB for the million: beside it, a tenth.
command -v go >/dev/null || exit 0
"$top_builddir/tests/bench/gen_profile" "$((stacks / 10))" "$profile"
echo "report, $((stacks / 10)) distinct stacks"
measure 3 "hwprof report" "$HWPROF" report "$profile"
ours=$seconds
measure 1 "go tool pprof -top" go tool pprof -symbolize=none -top "$profile"
awk -v ours="$ours" -v theirs="$seconds" 'BEGIN { printf "go tool pprof -top / hwprof report: %.1f\n", theirs / ours }'
