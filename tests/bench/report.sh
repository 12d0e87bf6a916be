#!/bin/sh
# How long reports on large profiles take, and how much memory, beside go tool pprof on the same file. One line per
# figure: name, value, and for a peer the ratio. Usage: [STACKS=1000000] report.sh (by hand, or make bench)
set -eu

: "${top_builddir:?}" "${HWPROF:?}"
stacks=${STACKS:-1000000}
work=$(mktemp -d "${TMPDIR:-/tmp}/hwprof-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
profile=$work/profile.pb.gz

# measure NAME COMMAND...: the best of three runs, as "NAME: 1.23 s, 456 MiB"; sets $seconds.
measure() {
	name=$1
	shift
	for _ in 1 2 3; do
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
measure "hwprof report" "$HWPROF" report "$profile"
table_seconds=$seconds
measure "hwprof report --tree" "$HWPROF" report --tree "$profile"
measure "hwprof report --callers ." "$HWPROF" report --callers . "$profile"
measure "hwprof report --by line -n 0" "$HWPROF" report --by line -n 0 "$profile"
measure "hwprof report --by thread" "$HWPROF" report --by thread "$profile"
measure "hwprof report --focus" "$HWPROF" report --focus 'method_1..$' "$profile"
measure "hwprof report --json" "$HWPROF" report --json "$profile"
if command -v go >/dev/null; then
	measure "go tool pprof -top" go tool pprof -symbolize=none -top "$profile"
	awk -v ours="$table_seconds" -v theirs="$seconds" \
		'BEGIN { printf "go tool pprof -top / hwprof report: %.1f\n", theirs / ours }'
fi
