#!/bin/sh
# The command's stdin, stdout, stderr, working folder, environment, descriptors and signal settings are its own.
. "$top_srcdir/tests/lib/cli.sh"
need events

printf 'through the pipe\n' | "$HWPROF" record -q -- cat >out 2>err || fail "record cat"
[ "$(cat out)" = "through the pipe" ] || fail "stdin to stdout: $(cat out)"
[ ! -s err ] || fail "-q printed: $(cat err)"

expect_ok "$HWPROF" record -q -- sh -c 'echo to-stderr >&2; echo to-stdout'
[ "$(cat "$work/stdout")" = to-stdout ] || fail stdout
[ "$(cat "$work/stderr")" = to-stderr ] || fail stderr

# Our own words are on stderr, each line marked.
expect_ok "$HWPROF" record -- true
expect_stdout_empty
[ "$(grep -vc '^hwprof: ' "$work/stderr")" -eq 0 ] || fail "a line without hwprof: in front"

# The same descriptors and signal mask as without us.
sh -c 'ls -l /proc/self/fd | sed "s/.* \([0-9]*\) -> .*/\1/"; grep -E "Sig(Blk|Ign|Cgt)" /proc/self/status' </dev/null >plain
expect_ok "$HWPROF" record -q -- sh -c \
	'ls -l /proc/self/fd | sed "s/.* \([0-9]*\) -> .*/\1/"; grep -E "Sig(Blk|Ign|Cgt)" /proc/self/status' </dev/null
cmp -s plain "$work/stdout" || fail "descriptors or signals differ: $(diff plain "$work/stdout")"

# What is ignored stays ignored, as under nohup.
(
	trap '' HUP
	"$HWPROF" record -q -- sh -c 'kill -HUP $$; echo survived'
) >out 2>&1
grep -q survived out || fail "an ignored signal was not inherited"
