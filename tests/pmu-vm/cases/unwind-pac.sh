#!/bin/sh
# guest: --cpu max
# Return addresses with pointer authentication codes, on a CPU that signs them (leaves, too): stacks are as complete as
# without, and libunwind finds the same. libdw of elfutils 0.188 does not take codes off: it stops at the first, which also
# shows that they are there.
. "$top_srcdir/tests/pmu-vm/case.sh"

grep -qw paca /proc/cpuinfo || fail "this guest's CPU does not sign addresses"
run "$top_builddir/tests/lib/unwind_tool" compare -- "$workloads/deep60_pac" 0.5
[ "$status" -eq 0 ] || fail "engines differ on signed return addresses"
cat "$work/stdout"
grep -q '^not the same: [0-9]* libdw stops' "$work/stdout" || fail "no return address was signed"
awk '/^samples/ { frames = $8 / $2 } /^auto ended/ { n += $NF } /^auto ended (root|kernel only):/ { whole += $NF }
	END { exit !(n > 50 && whole >= 0.99 * n && frames > 60) }' "$work/stdout" || fail "incomplete stacks"
