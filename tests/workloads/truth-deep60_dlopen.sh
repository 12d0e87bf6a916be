#!/bin/sh
# Sixty functions deep in a library loaded with dlopen: at least 99 % of the stacks are whole.
. "$top_srcdir/tests/lib/cli.sh"
. "$top_srcdir/tests/lib/truth.sh"

expect_ok env HWPROF_TRUTH=1 "$HWPROF" record -e cpu-clock:u -F 999 -o p.folded -- "$workloads/deep60_dlopen" 3
grep '^chain ' "$work/stderr" >truth || fail "the workload told no chain"
expect_chain p.folded 99
