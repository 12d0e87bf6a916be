#!/bin/sh
# Work in a parent, in forked children and in execed ones is all seen, under the right names.
. "$top_srcdir/tests/lib/cli.sh"
. "$top_srcdir/tests/lib/truth.sh"

record_truth forks 3
expect_truth cum 4
