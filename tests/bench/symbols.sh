#!/bin/sh
# symbols.sh [FILE [COUNT...]]: time to name random addresses of FILE's .text with lines and inlined frames, by hwprof
# and by the others here, in seconds; peak memory of hwprof. Without FILE a C++ program is made of 12 copies of
# tests/peers/symbols/inlines.cc. Needs top_srcdir and top_builddir, as tests do.
set -eu
: "${top_srcdir:=.}" "${top_builddir:=build}"
tool=$(cd "$top_builddir" && pwd)/tests/lib/resolve_tool
work=$(mktemp -d "${TMPDIR:-/tmp}/hwprof-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT

make_program() {
	units=12
	{
		seq 1 $units | sed 's/.*/int run_&(int, char **);/'
		echo 'int main(int argc, char **argv) { return 0'
		seq 1 $units | sed 's/.*/ + run_&(argc, argv)/'
		echo '; }'
	} >"$work/main.cc"
	for i in $(seq 1 $units); do
		sed "s/int main(/int run_$i(/; s/collect(/collect_$i(/; s/plain_c_name(/plain_c_name_$i(/
			s/^\tstd::printf(.*/&\n\treturn 0;/" "$top_srcdir/tests/peers/symbols/inlines.cc" >"$work/unit_$i.cc"
		g++ -O2 -g -c -o "$work/unit_$i.o" "$work/unit_$i.cc"
	done
	g++ -O2 -g -o "$work/program" "$work/main.cc" "$work"/unit_*.o
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

seconds() {
	start=$(date +%s%N)
	"$@" >/dev/null 2>&1
	echo "$start $(date +%s%N)" | awk '{ printf "%.2f", ($2 - $1) / 1e9 }'
}

from() {
	list=$1
	shift
	"$@" <"$list"
}

file=${1-}
if [ -z "$file" ]; then
	make_program
	file=$work/program
fi
if [ $# -gt 1 ]; then
	shift
else
	set -- 10000 100000
fi
printf '%s, %d bytes, %s\n' "$(basename "$file")" "$(stat -c %s "$file")" "$(uname -m)"
for count in "$@"; do
	addresses "$file" "$count" >"$work/list"
	printf '%7d addresses: hwprof %s s (%s)' "$count" "$(seconds "$tool" "$file" "$work/list")" \
		"$("$tool" -t -q "$file" "$work/list" 2>&1 | sed 's/.*peak/peak/')"
	for peer in "llvm-symbolizer -i -f -e" "addr2line -i -f -C -e"; do
		command -v "${peer%% *}" >/dev/null 2>&1 || continue
		# shellcheck disable=SC2086 # options are words
		printf ', %s %s s' "${peer%% *}" "$(seconds from "$work/list" $peer "$file")"
	done
	if command -v eu-addr2line >/dev/null 2>&1; then
		head -n 20 "$work/list" >"$work/few"
		printf ', eu-addr2line %s s for 20' "$(seconds from "$work/few" eu-addr2line -i -f -e "$file")"
	fi
	echo
done
