#!/bin/sh
# guest: --cpu max
# Return addresses with pointer authentication codes, on a CPU that signs them (leaves, too): every stack is whole, with all
# of the chain of sixty functions. libunwind 1.6 and libdw 0.188 do not take the codes off, and are lost at the first: that
# shows that they are there.
. "$top_srcdir/tests/pmu-vm/case.sh"

grep -qw paca /proc/cpuinfo || fail "this guest's CPU does not sign addresses"
run "$top_builddir/tests/lib/unwind_tool" compare -- "$workloads/deep60_pac" 0.3
awk '/^samples/ { n = $2; same = $4; frames = $8 } /^auto ended (root|kernel only):/ { whole += $NF }
	END { exit !(n > 50 && whole >= 0.99 * n && frames > 60 * n && same < 0.1 * n) }' "$work/stdout" ||
	fail "incomplete stacks, or no signed addresses"
expect_ok "$HWPROF" record -e cycles:u -c 200003 -o pac.pb.gz -- "$workloads/deep60_pac" 0.1
report pac.pb.gz
expect_whole pac.pb.gz
# A sample in a function of the chain has all of those before it, and most are in the last.
expect_that 'all(f["deep_%02d" % i]["cum"] >= f["deep_%02d" % (i + 1)]["cum"] for i in range(2, 60))' pac.pb.gz
expect_that 'f["main"]["cum_share"] > 0.98 and f["main"]["cum"] >= f["deep_02"]["cum"]' pac.pb.gz
expect_that 'f["deep_60"]["cum_share"] > 0.85' pac.pb.gz
