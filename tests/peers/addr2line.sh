#!/bin/sh
# Functions, inlined frames, files, lines and columns of 10,000 random addresses each of two C++ programs, at -O2 and at
# -O3 with LTO, as eu-addr2line -i and llvm-symbolizer have them. Known differences: addr2line.py, each counted and bounded.
. "$top_srcdir/tests/lib/cli.sh"

need g++ python3 eu-addr2line llvm-symbolizer nm readelf c++filt
resolve_tool=$top_builddir/tests/lib/resolve_tool
[ -x "$resolve_tool" ] || skip resolve_tool "tests/lib/resolve_tool is not built"
count=${HWPROF_ADDRESSES:-10000}

# build PROGRAM FLAG...: two units at once.
build() {
	program=$1
	shift
	for unit in *.cc; do
		echo "$unit"
	done | xargs -P 2 -I UNIT g++ -std=c++17 -g "$@" -c -o UNIT.o UNIT || fail "g++ $*"
	g++ -g "$@" -o "$program" ./*.cc.o || fail "g++ $*"
}

# agree PROGRAM LIMIT...
agree() {
	program=$1
	shift
	run python3 "$top_srcdir/tests/peers/addr2line.py" "$program" "$resolve_tool" "$count" "$@"
	echo "$program:"
	sed 's/^/    /' "$work/stdout"
	expect_status 0
}

run python3 "$top_srcdir/tests/workloads/gen_templates.py" 4 . 1
expect_status 0
build o2 -O2
build lto -O3 -flto=2
agree o2
# With LTO every function's origin is in another unit.
agree lto eu:short=100 eu:clone=40
