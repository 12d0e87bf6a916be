#!/bin/sh
# What makes no sense or cannot be had is refused before the command runs, naming the thing, with what to do.
. "$top_srcdir/tests/lib/cli.sh"
need events

# refused MESSAGE ARGUMENT...
refused() {
	message=$1
	shift
	run "$HWPROF" record "$@" -- sh -c 'touch ran'
	expect_status 125
	expect_stderr_has "$message"
	expect_stdout_empty
	expect_no_file ran
	expect_no_file hwprof.pb.gz
}

refused "unknown event 'cylces'" -e cylces
expect_stderr_has "cycles"
# Where tracefs is not mounted that comes first, as it must: nothing is known about tracepoints then.
if [ -d /sys/kernel/tracing/events ]; then
	refused "unknown event 'sched:sched_swich'" -e sched:sched_swich
else
	refused "tracefs is not mounted" -e sched:sched_swich
fi
refused "-u (user code only) and -k (kernel code only) contradict each other" -u -k
refused "-F (frequency) and -c (period) contradict each other" -F 99 -c 1000
refused "'abc' is not a frequency" -F abc
refused "'0' is not a frequency" -F 0
refused "a period is at least 1" -c 0
refused "event 'cs:u' happens in the kernel" -e page-faults,cs:u
refused "'9223372036854775808' is more than the kernel takes" -c 9223372036854775808
refused "'-5' is not a whole number" -c -5
refused "'5 minutes' is not a duration" --duration '5 minutes'
refused "event 'cpu-clock' is given twice" -e cpu-clock -e cpu-clock
refused "'magic' is none of auto" --unwind magic
refused "is neither auto nor a multiple of 8 up to 60KiB" --stack-size 1MiB
refused "is neither auto nor a multiple of 8 up to 60KiB" --stack-size 61448
refused "is not a power of two from 64KiB on" --ring-size 100KiB
refused "unknown option '--frequenzy'" --frequenzy 9
max=$(cat /proc/sys/kernel/perf_event_max_sample_rate)
refused "above this machine's limit of $max" -F $((max + 1))
expect_stderr_has perf_event_max_sample_rate
refused "above this machine's limit of $max" -e "cpu-clock:freq=$((max + 1))"

# The kernel runs its clocks at 10,000 ns at least, and would count such samples as what was asked for.
refused "event 'cpu-clock': the kernel's timer takes no period below 10000 ns" -e cpu-clock -c 9999
refused "event 'task-clock:period=1'" -e task-clock:period=1
# What is just allowed.
expect_ok "$HWPROF" record -q -e cpu-clock:period=10000 --stack-size 60KiB -o most.pb.gz -- true

# An event that was asked for by name is not replaced by another one.
if ! perf_has_cycles=$("$HWPROF" record -q -e cycles -o probe.pb.gz -- true 2>&1); then
	refused "cannot open event 'cycles'" -e cycles
	expect_stderr_has "hint: "
	# Why, told apart from other causes by what this test sees itself.
	if [ ! -e /sys/bus/event_source/devices/cpu ] && grep -q '^vendor_id.*\(AuthenticAMD\|GenuineIntel\)' /proc/cpuinfo &&
		grep -q '^flags.* hypervisor' /proc/cpuinfo; then
		expect_stderr_has "the kernel exposes no CPU PMU although the CPU has one"
		expect_stderr_has "virtual machine"
		expect_stderr_has "hint: -e cpu-clock samples by a timer, without a PMU"
	fi
	# The default is, and says so.
	expect_ok "$HWPROF" record -- true
	expect_stderr_has "no hardware counter for cycles here"
	expect_stderr_has "of cpu-clock"
fi
: "${perf_has_cycles-}"
