#!/bin/sh
# Plugins loaded one after the other at the same address keep their own names and shares.
. "$top_srcdir/tests/lib/cli.sh"
. "$top_srcdir/tests/lib/truth.sh"

record_truth dlopen_close 3
expect_truth flat 3
