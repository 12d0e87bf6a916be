#!/bin/sh
# A profile of the guest is read there as here. This half makes it; the other, open-on-host.host.sh, compares.
. "$top_srcdir/tests/pmu-vm/case.sh"

expect_ok "$HWPROF" record -e cycles:u -c 200003 -o "$kept/moved.pb.gz" -- "$workloads/deep60" 0.5
"$HWPROF" report --json -n 0 "$kept/moved.pb.gz" >"$kept/moved.json" || fail "no report in the guest"
