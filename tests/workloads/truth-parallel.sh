#!/bin/sh
# Ten threads on fewer CPUs, 10 % each: every share within 1 point of their own clocks, 5 seconds.
. "$top_srcdir/tests/lib/cli.sh"
. "$top_srcdir/tests/lib/truth.sh"

record_truth parallel 5
expect_truth flat 1
