#!/bin/sh
# On a machine with a PMU: the driver, its counters and interrupts are found; what a user may not do is named.
. "$top_srcdir/tests/pmu-vm/case.sh"
. "$top_srcdir/tests/lib/doctor.sh"

expect_ok "$HWPROF" doctor
head -n 1 "$work/stdout" | grep -q 'on hardware counters, kernel code included' || fail "another verdict"
expect_ok "$HWPROF" doctor --json
expect_top can_record True
expect_top hardware_counters True
expect_top kernel_code True
driver=$(basename "$(ls -d /sys/bus/event_source/devices/armv8_*)")
expect_finding pmu state works
expect_finding pmu facts.driver "$driver"
expect_finding pmu facts.core_pmus 1
expect_finding sampling state works
# Six counters for any event, and one that counts cycles only: ID_AA64DFR0 of the emulated CPU, as the kernel says.
expect_finding counters facts.general 6
expect_finding counters facts.cycles_own 1
# Arm's PMU has no precise levels, though its driver takes them.
expect_finding precise facts.highest 0

# A user: the same counters, user code only, and why.
chmod 755 "$work" .
echo 2 >/proc/sys/kernel/perf_event_paranoid
run su user -c "$HWPROF doctor --json"
expect_status 0
expect_top hardware_counters True
expect_top kernel_code False
expect_finding sampling state limited
expect_finding sampling facts.obstacle paranoid
expect_finding sampling fix "sudo sysctl kernel.perf_event_paranoid=1, or:*"
expect_finding counters facts.general 6
expect_finding paranoid state limited
echo 1 >/proc/sys/kernel/perf_event_paranoid
run su user -c "$HWPROF doctor --json"
expect_top kernel_code True
expect_finding sampling state works
