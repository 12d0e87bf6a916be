#!/bin/sh
# hwprof without, with unknown, and with every command: what is printed where, and the exit status.
. "$top_srcdir/tests/lib/cli.sh"

# No command: how it is used, as an error.
run "$HWPROF"
expect_status 125
expect_stdout_empty
expect_stderr_has "Usage: hwprof COMMAND"

# Asked for, the same text is an answer, in each form.
for word in --help -h help; do
	expect_ok "$HWPROF" "$word"
	expect_stderr_empty
	expect_stdout_has "Usage: hwprof COMMAND"
	for command in record attach report; do
		expect_stdout_matches "^  $command +[a-z]"
	done
done

expect_ok "$HWPROF" --version
expect_stdout_matches '^hwprof [0-9]+\.[0-9]+\.[0-9]+$'
cp "$work/stdout" version
expect_ok "$HWPROF" -V
cmp -s "$work/stdout" version || fail "-V and --version differ"

# Each command explains itself, by any of four ways, in lines that fit 80 columns.
for command in record attach report; do
	expect_ok "$HWPROF" "$command" --help
	expect_stderr_empty
	expect_stdout_has "Usage: hwprof $command "
	expect_stdout_matches '^ +(-h, )?--help +show this text$'
	awk 'length > 80 && !/^Usage|^       hwprof/ { exit 1 }' "$work/stdout" || fail "$command --help is wider than 80"
	cp "$work/stdout" help
	for words in "help $command" "$command -h" "$command --hel"; do
		# shellcheck disable=SC2086 # words
		expect_ok "$HWPROF" $words
		cmp -s "$work/stdout" help || fail "'$words' differs from '$command --help'"
	done
	# --help wins over what is wrong elsewhere, unless that comes first.
	expect_ok "$HWPROF" "$command" --help --nonsense
	run "$HWPROF" "$command" --nonsense --help
	expect_status 125
done

# A mistyped command gets the nearest ones.
for words in recrod:record repotr:report atach:attach; do
	run "$HWPROF" "${words%:*}"
	expect_status 125
	expect_stdout_empty
	expect_stderr_has "hwprof: unknown command '${words%:*}'"
	expect_stderr_matches "^hint: did you mean '${words#*:}'"
	run "$HWPROF" help "${words%:*}"
	expect_status 125
	expect_stderr_has "hint: did you mean '${words#*:}'"
done
run "$HWPROF" zzzzzzz
expect_status 125
expect_stderr_has "hint: 'hwprof --help' lists the commands"
run "$HWPROF" --verbose
expect_status 125
expect_stderr_has "hwprof: unknown option '--verbose'"

# Names are shown, not obeyed: no escape sequence reaches the terminal.
run "$HWPROF" "$(printf 'rec\033[31mord')"
expect_status 125
expect_stderr_has 'rec\x1b[31mord'

# One message per error, in the form every command has.
run "$HWPROF" record --frequency=x -- true
expect_status 125
[ "$(cat "$work/stderr")" = "hwprof: record: unknown option '--frequency'
hint: did you mean '--freq'? 'hwprof record --help' lists all" ] || fail "another message"
run "$HWPROF" record -F many -- true
expect_status 125
expect_stderr_has "hwprof: record: option '-F': 'many' is not a frequency such as 99"
run "$HWPROF" record -F
expect_status 125
expect_stderr_has "option '-F' needs a value: -F HZ"
run "$HWPROF" record --dry-run=yes
expect_status 125
expect_stderr_has "option '--dry-run' takes no value"
run "$HWPROF" report --no-such-option
expect_status 125

# Text that cannot be written is an error: a full disk, a pipe nobody reads (to a program that lives on), no stdout.
if [ -w /dev/full ]; then
	last_command="hwprof --help >/dev/full"
	status=0
	"$HWPROF" --help >/dev/full 2>"$work/stderr" || status=$?
	expect_status 125
	expect_stderr_has "hwprof: cannot write to stdout: No space left on device"
fi
last_command="hwprof --help >&-"
status=0
"$HWPROF" --help >&- 2>"$work/stderr" || status=$?
expect_status 125
expect_stderr_has "hwprof: cannot write to stdout: "
mkfifo pipe
last_command="hwprof --help to a closed pipe"
(
	trap '' PIPE
	# shellcheck disable=SC2094 # opened for both first, or opening to write would wait for a reader
	exec 3<>pipe 4>pipe 3<&-
	status=0
	"$HWPROF" --help >&4 2>"$work/stderr" || status=$?
	echo $status >closed_pipe_status
)
status=$(cat closed_pipe_status)
expect_status 125
expect_stderr_has "hwprof: cannot write to stdout: Broken pipe"

# A closed stderr does not end in a file that is opened later, and changes no status.
status=0
last_command="hwprof recrod 2>&-"
"$HWPROF" recrod >"$work/stdout" 2>&- || status=$?
expect_status 125
expect_stdout_empty
