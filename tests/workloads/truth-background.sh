#!/bin/sh
# Attached by name to a server, a background thread that no request touches is seen with its share.
. "$top_srcdir/tests/lib/cli.sh"
. "$top_srcdir/tests/lib/truth.sh"

need events
HWPROF_TRUTH=1 "$workloads/background" 4 2>truth &
server=$!
trap 'kill $server 2>/dev/null; rm -rf "$work"' EXIT
sleep 0.5
expect_ok "$HWPROF" attach -e cpu-clock -F 999 -n background --duration 2s -o p.pb.gz
wait $server
expect_truth cum 5
expect_ok "$HWPROF" report --by thread p.pb.gz
expect_stdout_has sync
