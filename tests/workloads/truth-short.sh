#!/bin/sh
# A program that is over at once still gives a profile, its output and its exit status.
. "$top_srcdir/tests/lib/cli.sh"
. "$top_srcdir/tests/lib/truth.sh"

need events
run "$HWPROF" record -e cpu-clock -F 999 -o p.pb.gz -- "$workloads/short" 0.02
expect_status 3
expect_stdout_matches '^[0-9a-f]+$'
expect_ok "$HWPROF" report p.pb.gz
