#!/bin/sh
# Under a filter on perf_event_open, as containers have: seccomp is named, whatever errno the filter was given, and not
# the sysctl; a filter that refuses nothing is not blamed.
. "$top_srcdir/tests/lib/cli.sh"
. "$top_srcdir/tests/lib/doctor.sh"
need events python3
filter_calls=$top_builddir/tests/lib/filter_calls
"$filter_calls" perf_event_open pass true || skip seccomp "this machine takes no seccomp filters"

for error in EPERM EACCES ENOSYS; do
	run "$filter_calls" perf_event_open $error "$HWPROF" doctor --json
	expect_status 1
	expect_top can_record False
	expect_top verdict "hwprof cannot profile here: a seccomp filter*"
	expect_finding seccomp state no
	expect_finding seccomp facts.obstacle seccomp
	expect_finding seccomp fix "*docker run --cap-add PERFMON*"
	expect_finding timer facts.obstacle seccomp
	# The same words from a recording.
	run "$filter_calls" perf_event_open $error "$HWPROF" record -e cpu-clock -- true
	expect_status 125
	expect_stderr_has "a seccomp filter, as containers have, refuses the system call perf_event_open"
	expect_stderr_has "hint: docker run --cap-add PERFMON"
	expect_stderr_has "hint: hwprof doctor"
	expect_no_file hwprof.pb.gz
done

# One that ends whoever calls: doctor lives, and says so.
run "$filter_calls" perf_event_open KILL "$HWPROF" doctor --json
expect_status 1
expect_finding seccomp state no
expect_finding seccomp cause "*ends every process*"
expect_finding seccomp facts.mode 2

run "$filter_calls" perf_event_open pass "$HWPROF" doctor --json
expect_status 0
expect_finding seccomp state works
expect_finding seccomp facts.mode 2
expect_finding seccomp text "a filter that lets*"
expect_ok "$HWPROF" doctor --json
expect_finding seccomp state works
