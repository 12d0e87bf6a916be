#!/bin/sh
# symbols.sh [FILE [COUNT...]]: time to name random addresses of FILE's .text with functions, lines and inlined frames, by
# hwprof and by the others here, in seconds and in seconds of CPU, and the peak memory of each. Without FILE it is the program of
# gen_bigcxx.py, 150 MB, which is built once, in HWPROF_BENCH_FOLDER (default: tests/bench/bigcxx of the build folder).
# Every program is run RUNS times (default 3), in turn, and the fastest counts; eu-addr2line, some 20 ms an
# address, is given 100 addresses and named per address. Needs top_srcdir and top_builddir, as tests do.
set -eu
: "${top_srcdir:=.}" "${top_builddir:=build}" "${RUNS:=3}"
top_builddir=$(cd "$top_builddir" && pwd)
tool=$top_builddir/tests/lib/resolve_tool
work=$(mktemp -d "${TMPDIR:-/tmp}/hwprof-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT

# Say the way to a large program, built when it is not there.
large_program() {
	folder=${HWPROF_BENCH_FOLDER:-$top_builddir/tests/bench/bigcxx}
	if [ ! -x "$folder/bigcxx" ]; then
		echo "building $folder/bigcxx: some minutes" >&2
		python3 "$top_srcdir/tests/bench/gen_bigcxx.py" "$folder"
		make -s -j2 -C "$folder" >&2
	fi
	echo "$folder/bigcxx"
}

# addresses FILE COUNT: the same every time.
addresses() {
	objdump -h -j .text "$1" | awk -v count="$2" '
		function hex(text, n, i) {
			n = 0
			for (i = 1; i <= length(text); i++)
				n = n * 16 + index("0123456789abcdef", substr(text, i, 1)) - 1
			return n
		}
		$2 == ".text" {
			srand(1)
			for (size = hex($3); count > 0; count--)
				printf "0x%x\n", hex($4) + int(rand() * size)
		}'
}

# measure NAME LIST COMMAND...: append seconds, seconds of CPU and KiB at the peak of one run to $work/NAME.
measure() {
	name=$1
	list=$2
	shift 2
	/usr/bin/time -o "$work/time" -f '%e %U %S %M' "$@" <"$list" >/dev/null 2>&1 || return 0
	awk '{ print $1, $2 + $3, $4 }' "$work/time" >>"$work/$name"
}

# best NAME: the fastest of its runs, the one that took the least CPU, and the highest peak.
best() {
	[ -s "$work/$1" ] || { echo "- - -"; return; }
	awk 'NR == 1 || $1 < s { s = $1 }  NR == 1 || $2 < c { c = $2 }  $3 > m { m = $3 }  END { print s, c, m }' "$work/$1"
}

# row NAME COUNT PER SECONDS CPU KIB: one line of the table, with the ratios to hwprof's. PER: addresses that was for.
row() {
	best run_hwprof | awk -v name="$1" -v count="$2" -v per="$3" -v seconds="$4" -v cpu="$5" -v kib="$6" '{
		if (seconds == "-") { printf "%-16s not here\n", name; exit }
		printf "%-16s %9.2f s %9.2f s CPU %6.0f MiB", name, seconds / per * count, cpu / per * count, kib / 1024
		if (name != "hwprof")
			printf "   %.1fx, CPU %.1fx", seconds / per * count / $1, cpu / per * count / $2
		printf "\n" }'
}

[ -x /usr/bin/time ] || { echo "symbols.sh: /usr/bin/time is not here (Debian: apt-get install time)" >&2; exit 1; }
[ -x "$tool" ] || { echo "symbols.sh: $tool is not built: make check TESTS= builds it" >&2; exit 1; }
file=${1-}
[ -n "$file" ] || file=$(large_program)
if [ $# -gt 1 ]; then
	shift
else
	set -- 10000 100000
fi
printf '%s, %d bytes, %s\n' "$(basename "$file")" "$(stat -c %s "$file")" "$(uname -m)"
for count in "$@"; do
	rm -f "$work"/run_*
	addresses "$file" "$count" >"$work/list"
	head -n 100 "$work/list" >"$work/few"
	few=$(wc -l <"$work/few")
	run=0
	while [ $run -lt "$RUNS" ]; do
		run=$((run + 1))
		measure run_hwprof "$work/list" "$tool" -q "$file"
		measure run_single "$work/list" "$tool" -q -j 1 "$file"
		command -v llvm-symbolizer >/dev/null 2>&1 && measure run_llvm "$work/list" llvm-symbolizer -i -f -e "$file"
		command -v addr2line >/dev/null 2>&1 && measure run_addr2line "$work/list" addr2line -i -f -C -e "$file"
	done
	command -v eu-addr2line >/dev/null 2>&1 && measure run_eu "$work/few" eu-addr2line -i -f -C -e "$file"
	echo
	echo "$count addresses to function, line and inlined frames"
	# shellcheck disable=SC2046 # three words each
	{
		row hwprof "$count" "$count" $(best run_hwprof)
		row "hwprof, 1 thread" "$count" "$count" $(best run_single)
		row llvm-symbolizer "$count" "$count" $(best run_llvm)
		row addr2line "$count" "$count" $(best run_addr2line)
		row eu-addr2line "$count" "$few" $(best run_eu)
	}
done
