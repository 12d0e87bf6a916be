#!/bin/sh
# Samples in the vdso, which has no file, belong to their callers and have names.
. "$top_srcdir/tests/lib/cli.sh"
. "$top_srcdir/tests/lib/truth.sh"

record_truth vdso 3
expect_truth cum 3
share=$(share_of main cum)
expect_between "$share" 95 100 "share of main"
tr -d '\r' <report.csv | grep -qE '(clock_gettime|\[vdso)' || fail "nothing of the vdso has a name"
