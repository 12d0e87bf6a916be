#!/bin/sh
# Names, lines and unwind tables of programs that this test builds: each thing that is taken away is missed, and found
# where it was put.
. "$top_srcdir/tests/lib/cli.sh"
. "$top_srcdir/tests/lib/doctor.sh"
need python3 cc objcopy strip

cat >program.c <<'C'
#include <unistd.h>
int main(void) { return pause(); }
C
cc -g -O1 -Wl,--build-id -o program program.c || fail "cc"

unset DEBUGINFOD_URLS
diagnose() {
	run "$HWPROF" doctor --json "$@"
	[ "$status" -le 1 ] || fail "doctor failed"
}

diagnose ./program
expect_finding debug-info state works
expect_finding debug-info subject "$PWD/program"
expect_finding debug-info facts.symbols symtab
expect_finding debug-info facts.dwarf 1
expect_finding debug-info facts.eh_frame 1
id=$(finding debug-info facts.build_id)
readelf -n program | grep -q "$id" || fail "not the build-id: $id"

# No lines.
cp program plain && strip --strip-debug plain
diagnose plain
expect_finding debug-info state limited
expect_finding debug-info facts.symbols symtab
expect_finding debug-info facts.dwarf 0
expect_finding debug-info cause "no debug information: no source lines*"
expect_finding debug-info fix "?*"
# What is missing may be on a server; whether one is asked is up to the user.
if "$HWPROF" --version | grep -q 'debuginfod: yes'; then
	expect_finding debuginfod facts.built_in 1
	expect_finding debuginfod facts.urls_set 0
	expect_finding debuginfod fix 'export DEBUGINFOD_URLS="http*"'
	run env DEBUGINFOD_URLS=http://127.0.0.1:1 "$HWPROF" doctor --json plain
	expect_finding debuginfod facts.urls_set 1
	expect_finding debuginfod text "DEBUGINFOD_URLS is set*"
fi

# No names but those of the dynamic linker.
cp program bare && strip bare
diagnose bare
expect_finding debug-info state limited
expect_finding debug-info facts.symbols dynsym
expect_finding debug-info cause "stripped: functions it does not export have no names*"

# A separate file beside it, by .gnu_debuglink.
objcopy --only-keep-debug program bare.debug
objcopy --add-gnu-debuglink=bare.debug bare linked
diagnose linked
expect_finding debug-info state works
expect_finding debug-info facts.symbols debug-file
expect_finding debug-info facts.debug_file "$PWD/bare.debug"
# One of another build is none.
mv bare.debug away.debug
cc -g -O0 -Wl,--build-id -o other program.c && objcopy --only-keep-debug other bare.debug
diagnose linked
expect_finding debug-info facts.dwarf 0

# Symbols in .gnu_debugdata.
if command -v xz >/dev/null; then
	objcopy --strip-debug --keep-symbol=main --remove-section=.comment program mini.elf
	strip --strip-debug -o mini.elf program
	xz -k mini.elf
	objcopy --add-section .gnu_debugdata=mini.elf.xz bare mini
	diagnose mini
	expect_finding debug-info facts.symbols minidebuginfo
fi

# No names at all, no unwind tables, no ELF file.
cat >silent.s <<'S'
	.globl _start
	.text
_start:	nop
	jmp _start
S
if cc -nostdlib -static -Wl,--build-id=none -o silent silent.s 2>/dev/null; then
	objcopy --remove-section=.eh_frame --remove-section=.eh_frame_hdr silent
	strip silent
	diagnose silent
	expect_finding debug-info state no
	expect_finding debug-info facts.symbols none
	expect_finding debug-info facts.eh_frame 0
	expect_finding debug-info cause "*no function has a name*frame pointers*"
fi
echo "text" >text
diagnose text
expect_finding debug-info state no
expect_finding debug-info cause "*not*ELF*"

# A package's file names its package.
if command -v dpkg >/dev/null && owner=$(dpkg -S "$(realpath "$(command -v ls)")" 2>/dev/null); then
	diagnose ls
	if [ "$(finding debug-info state)" = limited ]; then
		expect_finding debug-info facts.package "${owner%%:*}"
		expect_finding debug-info fix "sudo apt install ${owner%%:*}-dbgsym*"
	fi
fi

# Of a process: each file it has code of, its program among them.
./program &
pid=$!
sleep 0.2
diagnose -p $pid
kill $pid
finding debug-info subject >subjects
grep -qx "$PWD/program" subjects || fail "no finding of the program: $(cat subjects)"
grep -q libc subjects || fail "no finding of its libraries: $(cat subjects)"
sort subjects | uniq -d >twice
[ ! -s twice ] || fail "twice: $(cat twice)"
