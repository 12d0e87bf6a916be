#!/bin/sh
# Files that are no profiles, and options that make no sense.
. "$top_srcdir/tests/lib/cli.sh"
. "$top_srcdir/tests/lib/report.sh"

# refused MESSAGE ARGUMENT...
refused() {
	message=$1
	shift
	run "$HWPROF" report "$@"
	expect_status 125
	expect_stdout_empty
	expect_stderr_has "hwprof: report: "
	expect_stderr_has "$message"
}

refused "hwprof.pb.gz"
expect_stderr_has "hint: record one first: hwprof record -- COMMAND"
refused "nosuch.pb.gz" nosuch.pb.gz
expect_stderr_has "No such file or directory"

example_profile p.pb.gz
: >empty.pb.gz
refused "empty.pb.gz" empty.pb.gz
head -c 100 p.pb.gz >short.pb.gz
refused "short.pb.gz" short.pb.gz
gunzip -c p.pb.gz | head -c 150 >short.pb
refused "short.pb" short.pb
printf 'GIF89a not a profile' >foreign
refused "foreign" foreign
# Text that could be the beginning of a pprof file: "h" is a field 13.
printf 'hello, world\nthis is a text\n' >text
refused "'text': it is text, not a profile" text
expect_stderr_has "hint: the only text that hwprof reads is folded stacks: lines such as 'main;parse;read 42'"
mkdir folder
refused "folder" folder

refused "the profile has no event 'cycles'" -e cycles p.pb.gz
expect_stderr_has "hint: its events are: samples, cpu-clock, branch-misses"
refused "--by: unknown grouping 'functions'" --by functions p.pb.gz
expect_stderr_has "hint: one of: function, line, dso, thread, process"
refused "'a(' is no regular expression" --focus 'a(' p.pb.gz
refused "'[' is no regular expression" --ignore '[' p.pb.gz
refused "'x' is not a whole number" -n x p.pb.gz
refused "--rows" -n -1 p.pb.gz
refused "'1.5.5' is not a percentage" --min-share 1.5.5 p.pb.gz
refused "'101' is not a percentage" --min-share 101 p.pb.gz
refused "'nan' is not a percentage" --min-share nan p.pb.gz
refused "'blue' is none of auto, always, never" --color blue p.pb.gz
refused "--json and --csv contradict each other" --json --csv p.pb.gz
refused "--tree and --callers contradict each other" --tree --callers main p.pb.gz
refused "--tree and --callees contradict each other" --tree --callees main p.pb.gz
refused "--callers and --callees contradict each other" --callers f --callees main p.pb.gz
refused "--tree and --by thread contradict each other" --tree --by thread p.pb.gz
refused "--callers and --by process contradict each other" --callers main --by process p.pb.gz
refused "--tree is always sorted by cum" --tree --cum p.pb.gz
refused "no function of the profile matches 'nosuch'" --callers nosuch p.pb.gz
refused "--callees: 'x(' is neither a function of the profile nor a regular expression" --callees 'x(' p.pb.gz
refused "one profile at a time: 'q.pb.gz' is one too many" p.pb.gz q.pb.gz
refused "unknown option '--bogus'" p.pb.gz --bogus

# Results that cannot be written are an error; a reader that has seen enough is none.
run sh -c '"$HWPROF" report p.pb.gz >/dev/full'
expect_status 125
expect_stderr_has "cannot write the report to stdout: No space left on device"
i=0
while [ $i -lt 20000 ]; do
	i=$((i + 1))
	echo "function_number_$i 1"
done >long.folded
run sh -c '{ "$HWPROF" report -n 0 long.folded; echo "$?" >status; } | head -n 1'
expect_stderr_empty
expect_stdout_has "file "
[ "$(cat status)" -eq 141 ] || fail "a closed pipe gave status $(cat status)"
run sh -c 'trap "" PIPE; { "$HWPROF" report -n 0 long.folded; echo "$?" >status; } | head -n 1'
expect_stderr_empty
[ "$(cat status)" -eq 141 ] || fail "a closed pipe, SIGPIPE ignored, gave status $(cat status)"

# The name of an event, too, is foreign text: it may not write to the terminal.
printf 'main;f 0\n' | make_profile "$(printf 'a\033[31m/count')" odd.pb.gz
for options in '' '--callers f' '--focus nothing'; do
	# shellcheck disable=SC2086 # words
	expect_ok "$HWPROF" report odd.pb.gz $options
	expect_stdout_has 'No sample of a\x1b[31m'
done
