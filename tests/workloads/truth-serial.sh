#!/bin/sh
# Ten functions doing 1:2:...:10 of the work: every share within 1 point of their own clocks, 5 seconds.
. "$top_srcdir/tests/lib/cli.sh"
. "$top_srcdir/tests/lib/truth.sh"

record_truth serial 5
expect_truth flat 1
