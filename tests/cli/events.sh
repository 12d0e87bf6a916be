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

# Groups: who leads, the modifiers of all, and attach says the same.
attr -e '{cycles,instructions:p}:uI,cs:D' -F 99
expect_stdout_has "event cycles:uI
group = 1 (leader)
type = 0"
expect_stdout_has "event instructions:p:uI
group = 1
type = 0"
[ "$(grep -c '^exclude_idle = 1' "$work/stdout")" -eq 2 ] || fail "not two events that leave out idle time"
[ "$(grep -c '^pinned = 1' "$work/stdout")" -eq 1 ] || fail "not one pinned event"
[ "$(grep -c '^group = ' "$work/stdout")" -eq 2 ] || fail "not two members of groups"
cp "$work/stdout" recorded
expect_ok "$HWPROF" attach --dry-run -p 1 -e '{cycles,instructions:p}:uI,cs:D' -F 99
cmp -s "$work/stdout" recorded || fail "attach would open something else"

# A preset, with a modifier for each of its events; the names of the tables have no other meaning there.
attr -e branch:u
expect_stdout_has "event branches:u
group = 1 (leader)"
expect_stdout_has "event branch-misses:u
group = 1"

# The terms of a PMU that is everywhere, and perf's behind other names.
attr -e software/config=2,name=mine,period=7/u -e faults/period=3/k
expect_stdout_has "sample_period = 7"
expect_stdout_has "sample_period = 3"

# One event of a ring reports mappings and processes, the others do not.
[ "$(grep -c '^mmap2 = 1' "$work/stdout")" -eq 1 ] || fail "not one event with side band"

refuse "group '{cycles,cs' has a '{' without a '}'" "a group is of the form {cycles,instructions}" -e '{cycles,cs'
refuse "group 'cs}' has a '}' without a '{'" "a group is of the form" -e 'cycles,cs}'
refuse "group '{}' has no members" "a group is of the form" -e '{}'
refuse "group '{cs,}' has an empty member" "a group is of the form" -e '{cs,}'
refuse "group '{cs,{faults}}' has braces within its braces" "a group is of the form" -e '{cs,{faults}}'
refuse "group 'g{cs}' has a name" "a group is of the form" -e 'g{cs}'
refuse "group '{cs}u' has something other than ':' and modifiers behind its '}'" "a group is of the form" -e '{cs}u'
refuse "group '{cs}:x': 'x' is not a modifier" "modifiers are u k h" -e '{cs}:x'
refuse "event '{cs}:S': modifier 'S' has no meaning here" "leave it out: each event of a group takes its own samples" -e '{cs}:S'
refuse "event 'cs:W': modifier 'W' has no meaning here" "leave it out: a group that does not fit" -e cs:W
refuse "event 'faults:D': only a whole group can be pinned" "put the letter behind the group: {...}:D" -e '{cs,faults:D}'
refuse "'branch' is a preset and cannot be in a group" "it has groups of its own: leave the braces out" -e '{cs,branch}'
refuse "event 'cs' is given twice" "" -e '{cs,cs}'
refuse "event 'cycles/event=1/': 'cycles' is an event, not a PMU" "between its slashes may stand" -e cycles/event=1/
refuse "event 'software/percore/': 'percore' is a term of perf" "leave it out" -e software/percore/
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
