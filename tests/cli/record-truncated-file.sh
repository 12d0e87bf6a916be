#!/bin/sh
# A library that was profiled is cut to nothing before its symbols are read: the profile is written all the same.
. "$top_srcdir/tests/lib/cli.sh"
need events python3
cp "$workloads/dlopen_close" "$workloads/libplugin_a.so" "$workloads/libplugin_b.so" .

expect_ok "$HWPROF" record -e cpu-clock -o p.pb.gz -- sh -c './dlopen_close 0.5; : >libplugin_a.so; : >libplugin_b.so'
expect_ok "$HWPROF" report --json --by dso p.pb.gz
cp "$work/stdout" dsos.json
python3 -c '
import json
rows = json.load(open("dsos.json"))["rows"]
assert sum(r["flat_share"] for r in rows if "libplugin" in r["dso"]) > 0.5, rows' 2>verdict || fail "$(tail -n 1 verdict)"
