#!/bin/sh
# An event that the driver takes and the hardware never counts is an error, not an empty profile; what else was sampled
# is kept. One that counted too little for a sample is told apart.
. "$top_srcdir/tests/pmu-vm/case.sh"

echo old >s.pb.gz
run "$HWPROF" record -e r03:u -c 10000 -o s.pb.gz -- "$workloads/serial" 0.2
expect_status 125
expect_stderr_matches "^hwprof: record: event 'r03' opened, but counted nothing while its target ran for [0-9.]+ ms"
[ "$(cat s.pb.gz)" = old ] || fail "the older file is gone"

run "$HWPROF" record -e r03:u -e cycles:u -e r04:u -c 100003 -o other.pb.gz -- "$workloads/serial" 0.2
expect_status 125
expect_stderr_matches "and likewise 'r04': event 'r03' opened, but counted nothing"
report other.pb.gz
expect_that '[bool(e["samples"]) for e in q["events"]] == [False, True, False]' other.pb.gz

# Too short to tell: no error.
expect_ok "$HWPROF" record -e r03:u -c 10000 -o short.pb.gz -- /bin/true

expect_ok "$HWPROF" record -e cycles:u -c 100000000000 -o rare.pb.gz -- "$workloads/serial" 0.2
expect_stderr_matches 'no sample of cycles: it counted [0-9]{3},[0-9]{3},[0-9]{3}, and a sample is taken every 100,000,000,000'
expect_stderr_matches '^hwprof: 0 samples '
