#!/bin/sh
# -e on the command line, by --dry-run: what would be opened, and what each mistake is told. No privileges needed.
. "$top_srcdir/tests/lib/cli.sh"

# attr OPTION...: the dry run succeeds.
attr() {
	expect_ok "$HWPROF" record --dry-run "$@"
	expect_stderr_empty
}

# refuse MESSAGE HINT OPTION...: the event is refused in these words; HINT may be empty.
refuse() {
	message=$1
	hint=$2
	shift 2
	run "$HWPROF" record --dry-run "$@"
	expect_status 125
	expect_stdout_empty
	expect_stderr_has "hwprof: record: $message"
	[ -z "$hint" ] || expect_stderr_has "hint: $hint"
}

attr -e cycles:upp -F 997
expect_stdout_has "event cycles:upp"
expect_stdout_has "type = 0 (hardware)"
expect_stdout_has "config = 0x0"
expect_stdout_has "sample_freq = 997"
expect_stdout_has "precise_ip = 2"
expect_stdout_has "exclude_kernel = 1"
expect_stdout_has "clockid = 1 (monotonic)"

# The event's own rate and levels win over the command line's.
attr -e cpu-clock:period=1000000 -F 50
expect_stdout_has "sample_period = 1000000"
attr -e cpu-clock:freq=99 -c 5
expect_stdout_has "sample_freq = 99"
attr -u -e page-faults
expect_stdout_has "exclude_kernel = 1"

# Several events, in one option or more; commas within slashes do not separate.
attr -e cycles:u,instructions:u -e cs
[ "$(grep -c '^event ' "$work/stdout")" -eq 3 ] || fail "not three events"
expect_stdout_has "event instructions:u"

# One event of a ring reports mappings and processes, the others do not.
[ "$(grep -c '^mmap2 = 1' "$work/stdout")" -eq 1 ] || fail "not one event with side band"

refuse "unknown event 'cycels'" "did you mean 'cycles'" -e cycels
refuse "unknown event 'xyzzy'" "'hwprof list' shows the events of this machine" -e xyzzy
refuse "unknown event 'task-clok'" "did you mean 'task-clock'" -e task-clok:u
refuse "event 'cycles:x': ':x' is not a modifier" "modifiers are u k h" -e cycles:x
refuse "event 'cycles:period=5:freq=9' has a period and a frequency" "" -e cycles:period=5:freq=9
refuse "event 'cycles:k' and option -u contradict each other" "" -u -e cycles:k
refuse "event 'cpu-clock:p': only hardware events have precise levels" "" -e cpu-clock:p
refuse "event 'nopmu/event=1/': this machine has no PMU 'nopmu'" "" -e nopmu/event=1/
refuse "event 'cpu/event=1' is not of the form pmu/terms/" "for example" -e cpu/event=1
refuse "an event without a name" "" -e ""
refuse "an event without a name" "" -e cycles,,faults
refuse "-u (user code only) and -k (kernel code only) contradict" "" -u -k
refuse "-F (frequency) and -c (period) contradict" "" -F 5 -c 5
