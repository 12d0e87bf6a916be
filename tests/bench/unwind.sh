#!/bin/sh
# What a frame costs, by each engine on the same stacks, and how long the first stack of a file waits: deep recursion of a
# small program, a large C++ program (that of symbols.sh, when it has been built: HWPROF_BENCH_FOLDER), and a program of a
# million functions, with a table of its unwind entries (.eh_frame_hdr) and without.
. "$top_srcdir/tests/lib/cli.sh"
need events
folder=${HWPROF_BENCH_FOLDER:-$top_builddir/tests/bench/bigcxx}
bench=$top_builddir/tests/bench

"$bench/bench_unwind" "$workloads/deep" 0.5
[ ! -x "$folder/bigcxx" ] || "$bench/bench_unwind" "$folder/bigcxx" 100

echo
"$bench/bench_first" "$workloads/deep" 1
[ ! -x "$folder/bigcxx" ] || "$bench/bench_first" "$folder/bigcxx" 20

[ "$(uname -m)" = x86_64 ] || { echo "the program of a million functions is for x86-64" && exit 0; }
awk 'BEGIN {
	print ".text\n.globl _start\n_start:\n.cfi_startproc\n.cfi_undefined rip\ncall f_500000\nxor %edi, %edi\nmov $60, %eax\nsyscall\n.cfi_endproc"
	for (i = 0; i < 1000000; i++) {
		print "f_" i ":\n.cfi_startproc\npush %rbx\n.cfi_def_cfa_offset 16\n.cfi_offset 3, -16"
		if (i == 500000)
			print "mov $2000000000, %rbx\n1: dec %rbx\njnz 1b"
		print "pop %rbx\n.cfi_def_cfa_offset 8\nret\n.cfi_endproc"
	}
}' >million.s
as -o million.o million.s || skip binutils "cannot assemble a million functions"
ld --eh-frame-hdr -o million-with-table million.o
ld --no-eh-frame-hdr -o million-without million.o
for program in million-with-table million-without; do
	"$bench/bench_first" "./$program"
done
