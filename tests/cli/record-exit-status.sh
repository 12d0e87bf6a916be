#!/bin/sh
# The command's exit status is ours; what goes wrong before it has a status of its own (env(1), timeout(1)).
. "$top_srcdir/tests/lib/cli.sh"
need events

run "$HWPROF" record -- sh -c 'exit 7'
expect_status 7
run "$HWPROF" record -- sh -c 'kill -TERM $$'
expect_status 143
run "$HWPROF" record -- sh -c 'kill -KILL $$'
expect_status 137
run "$HWPROF" record -- true
expect_status 0

run "$HWPROF" record -o none.pb.gz -- ./no-such-command
expect_status 127
expect_stderr_has "cannot run './no-such-command': No such file or directory"
expect_no_file none.pb.gz

printf 'not executable' >plain
run "$HWPROF" record -o none.pb.gz -- ./plain
expect_status 126
expect_stderr_has "cannot run './plain': Permission denied"
expect_no_file none.pb.gz

run "$HWPROF" record
expect_status 125
expect_stderr_has "no command to run"
# Nothing of a failed recording stays behind.
[ "$(ls)" = "$(printf 'hwprof.pb.gz\nplain')" ] || fail "left behind: $(ls)"
