#!/bin/sh
# Rows of line tables as libdw and llvm-dwarfdump read them, for what compilers, assemblers and linkers make: DWARF 2 to
# 5, with offsets of 64 bits, gcc, clang, gas, Go, Rust, LTO, sections of their own of which the linker leaves some out.
. "$top_srcdir/tests/lib/cli.sh"

need g++ python3
sources=$top_srcdir/tests/peers/symbols
tool=$top_builddir/tests/lib/line_tool
[ -x "$tool" ] || skip line_tool "tests/lib/line_tool is not built"

# agree FILE: libdw has the same row before, at and behind the start of every row; llvm-dwarfdump at every one.
agree() {
	run "$tool" "$1"
	expect_status 0
	echo "$1: libdw: $(tail -n 1 "$work/stdout")"
	command -v llvm-dwarfdump >/dev/null 2>&1 || return 0
	run python3 "$top_srcdir/tests/peers/line_tables.py" "$1" "$tool"
	expect_status 0
	echo "$1: llvm-dwarfdump: $(tail -n 1 "$work/stdout")"
}

# version FILE N: its tables are of that version; a compiler that makes another one would leave a version untried.
version() {
	command -v readelf >/dev/null 2>&1 || return 0
	readelf --debug-dump=rawline "$1" 2>/dev/null | grep -q "DWARF Version: *$2\$" || fail "$1 has no table of DWARF $2"
}

for v in 3 4 5; do
	gcc -O2 -gdwarf-$v -gstrict-dwarf -Wa,-gdwarf-$v -o gcc$v "$sources/plain.c" || fail "gcc -gdwarf-$v"
	version gcc$v $v
	agree gcc$v
done
if command -v clang >/dev/null 2>&1 && clang -O2 -g -o plain "$sources/plain.c" 2>/dev/null; then
	for v in 2 3 4 5; do
		clang -O2 -gdwarf-$v -o clang$v "$sources/plain.c" || fail "clang -gdwarf-$v"
		version clang$v $v
		agree clang$v
	done
	if clang -O2 -gdwarf-5 -gdwarf64 -o clang64 "$sources/plain.c" 2>/dev/null; then
		agree clang64
	fi
fi

# By the assembler: from its own lines, and from .loc with files in folders, addresses that jump, and lines that go back.
cat >lines.s <<'END'
	.text
	.globl main
	.type main, @function
	.file 1 "first.c"
	.file 2 "folder/second.c"
	.file 3 "/absolute/third.h"
main:
	.loc 1 10 3
	nop
	.loc 2 100000 7000
	nop
	.loc 3 7
	nop
	.loc 3 7
	.loc 1 9
	xorl %eax, %eax
	.loc 1 0
	ret
	.size main, . - main
	.section .text.far, "ax"
	.loc 2 5
	.skip 70000, 0x90
	.loc 2 6
	nop
END
if gcc -o asm lines.s 2>/dev/null; then
	agree asm
fi
grep -v -e '\.loc' -e '\.file' lines.s >plain.s
for v in 2 5; do
	gcc -Wa,-gdwarf-$v -o asm$v plain.s 2>/dev/null && agree asm$v
done

g++ -O3 -g -flto -flto-partition=max -o lto "$sources/inlines.cc" 2>/dev/null && agree lto
for linker in bfd gold lld; do
	g++ -O2 -g -ffunction-sections -fdata-sections -Wl,--gc-sections -fuse-ld=$linker -o gc-$linker \
		"$sources/inlines.cc" 2>/dev/null || continue
	agree gc-$linker
done
if command -v ld.lld >/dev/null 2>&1; then
	g++ -O2 -g -ffunction-sections -fuse-ld=lld -Wl,--icf=all -o icf "$sources/inlines.cc" && agree icf
fi
if rustc --version >/dev/null 2>&1 && rustc -O -g -o rust "$sources/local.rs" 2>/dev/null; then
	agree rust
fi
if command -v go >/dev/null 2>&1; then
	printf 'package main\n\nfunc main() { println("x") }\n' >main.go
	GOCACHE=$work/go GOFLAGS=-mod=mod GO111MODULE=off go build -o go-program main.go 2>/dev/null && agree go-program
fi
exit 0
