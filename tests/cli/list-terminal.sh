#!/bin/sh
# shellcheck disable=SC2016 # what is quoted is expanded by the shell on the terminal
# hwprof list on a terminal: its width, the pager. script(1) makes the terminal.
. "$top_srcdir/tests/lib/cli.sh"
need script stty

# on_terminal COLUMNS LINES COMMAND: what a terminal of that size receives, to stdout.
on_terminal() {
	run script -qec "stty cols $1 rows $2; $3" /dev/null </dev/null
	expect_status 0
	tr -d '\r' <"$work/stdout" >"$work/plain" && mv "$work/plain" "$work/stdout"
}

TERM=xterm
export TERM HWPROF

# Narrow: descriptions stand below, in lines of words; names and encodings stay whole.
on_terminal 72 2000 '"$HWPROF" list hw sw pfm'
expect_stdout_matches '^  page-faults +[a-z]+( only)? +software/config=0x2/$'
expect_stdout_has '      first touches of pages that were not mapped yet, minor and major;'
sed -n 's/^      \([^ ].*\)/\1/p' "$work/stdout" | grep ' ' >words
[ "$(wc -l <words)" -gt 20 ] || fail "no descriptions"
[ "$(wc -L <words)" -le 66 ] || fail "a description is wider than the terminal"

# Wide: a line for each event, and the rest of a description in its column.
on_terminal 110 2000 '"$HWPROF" list sw'
expect_stdout_matches '^  cpu-clock +[a-z]+( only)? +software/config=0x0/  time on the CPU by a timer'
[ "$(wc -L <"$work/stdout")" -le 110 ] || fail "a line is wider than the terminal"

# What is longer than the screen goes through the pager, unless told otherwise.
on_terminal 110 10 'PAGER="sed s/^/paged:/" "$HWPROF" list'
expect_stdout_matches '^paged:  cycles '
on_terminal 110 10 'PAGER="sed s/^/paged:/" "$HWPROF" list --no-pager sw'
! grep -q '^paged:' "$work/stdout" || fail "--no-pager does not keep the pager away"
