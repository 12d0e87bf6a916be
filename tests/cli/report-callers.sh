#!/bin/sh
# Callers and callees: of one function, of those that match an expression, with recursion, as JSON and CSV.
. "$top_srcdir/tests/lib/cli.sh"
. "$top_srcdir/tests/lib/report.sh"

example_profile p.pb.gz
show p.pb.gz -e cpu-clock --callers next
show p.pb.gz -e cpu-clock --callees parse
show p.pb.gz -e cpu-clock --callers walk
show p.pb.gz -e cpu-clock --callees walk
show p.pb.gz -e cpu-clock --callers 'read$'
show p.pb.gz -e cpu-clock --callees '.' -n 1
show p.pb.gz -e cpu-clock --callers 'libc' --by dso
show p.pb.gz -e branch-misses --callers skip
show p.pb.gz -e cpu-clock --callees parse --csv
show p.pb.gz -e cpu-clock --callers main --json
expect_shown
