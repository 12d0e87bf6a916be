#!/bin/sh
# Words that make no sense, targets that are not there, events that do not open: status 125, and nothing is run.
. "$top_srcdir/tests/lib/cli.sh"
need events

# refused MESSAGE ARGUMENT...
refused() {
	message=$1
	shift
	run "$HWPROF" stat "$@"
	expect_status 125
	expect_stderr_has "$message"
	expect_stdout_empty
	expect_no_file ran
}

refused "nothing to count"
refused "contradict each other" -u -k -- touch ran
refused "contradict each other" --json --csv -- touch ran
refused "contradict each other" -r 2 -I 100 -- touch ran
refused "-r repeats a command" -r 2 -a
refused "-r repeats a command" -r 2 -p $$ -- touch ran
refused "contradict each other" -p 1 -a
refused "nothing says what to count" -C 0 -- touch ran
refused "'0' is not a number from 1" -r 0 -- touch ran
refused "'two' is not a number from 1" -r two -- touch ran
refused "is no time such as 500ms or 2s" -I soon -- touch ran
refused "shorter than 1 ms" -I 10us -- touch ran
refused "is no time such as 500ms or 2s" -D -1 -- touch ran
refused "not a duration" -d never -- touch ran
refused "is not a list of ids" -p abc
refused "no process" -p 2147483647
refused "there is no thread" -t 2147483647
refused "no process is called 'no-such-name-here'" -n no-such-name-here
refused "'0-' is not a list of CPUs" -a -C 0-
refused "CPU 65000 is not online" -a -C 0,65000
refused "the name is empty" -o '' -- touch ran
refused "event 'cs:u' happens in the kernel" -e cs:u -- touch ran
refused "event 'cpu-migrations' happens in the kernel" -u -e cpu-migrations -- touch ran
refused "unknown event" -e no-such-event -- touch ran
refused "unknown metric 'icp'" -M icp -- touch ran
expect_stderr_has "did you mean 'ipc'"
refused "unknown option '--jason'" --jason -- touch ran

# What was asked for by name and is not there is an error; the machine may have it, though.
if ! "$HWPROF" stat -e cycles -- true 2>/dev/null; then
	refused "cannot open event 'cycles'" -e cycles -- touch ran
	refused "cannot open event 'cycles'" -e page-faults,cycles -- touch ran
	refused "cannot open event" -M ipc -- touch ran
	# A preset has what machines of its kind have.
	refused "none of the events can be counted here" -e branch -- touch ran
	expect_ok "$HWPROF" stat -e branch,page-faults -- true
fi

# Without the tables there are no metrics, and presets are unknown; the rest works.
HWPROF_EVENTS=$PWD/nowhere
export HWPROF_EVENTS
expect_ok "$HWPROF" stat -- true
expect_stderr_has "note: no metrics: cannot open"
refused "cannot open" -M ipc -- touch ran

# A result that cannot be written is an error, on stderr, too.
status=0
"$HWPROF" stat -e page-faults -- true 2>/dev/full || status=$?
expect_status 125
