#!/bin/sh
# Stacks of AArch64 by libunwind and by libdw, sample by sample: a chain of sixty functions, one in a library loaded
# while the program runs, handlers, threads, plugins. And by hwprof's own rules and by frame pointers.
. "$top_srcdir/tests/pmu-vm/case.sh"

for run in "deep60 0.5" "deep60_dlopen 0.5" "signals 0.5" "threads 1 500" "dlopen_close 0.5" "forks 0.5" "vdso 0.2"; do
	# shellcheck disable=SC2086 # a program and its arguments
	run "$top_builddir/tests/lib/unwind_tool" compare -- "$workloads/"$run
	[ "$status" -eq 0 ] || fail "engines differ on $run"
	# Behind _dl_runtime_resolve the others are lost (tests/lib/unwind_tool.c).
	awk -f "$top_srcdir/tests/lib/engines.awk" name="${run%% *}" samples_min=51 complete_min=99 explained_max=2 \
		"$work/stdout" || fail "not the same, or incomplete stacks: $run"
done

# The caller of a leaf is in the link register, and the kernel's chain of frame pointers passes over it: all other
# functions are there.
for method in auto rules libunwind libdw fp; do
	expect_ok "$HWPROF" record --unwind $method -e cycles:u -c 200003 -o $method.pb.gz -- "$workloads/serial" 0.1
	report $method.pb.gz
	expect_whole $method.pb.gz
	expect_that 'f["_start"]["cum_share"] > 0.99' $method.pb.gz
	[ $method = fp ] || expect_that 'f["main"]["cum_share"] > 0.99' $method.pb.gz
done
