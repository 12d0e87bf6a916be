#!/bin/sh
# Thousands of threads that come and go: their work is all seen.
. "$top_srcdir/tests/lib/cli.sh"
. "$top_srcdir/tests/lib/truth.sh"

record_truth threads 2 500
expect_truth cum 6
