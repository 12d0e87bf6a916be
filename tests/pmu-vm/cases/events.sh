#!/bin/sh
# Names of events: the kernel's, libpfm4's of this CPU, numbers, those of sysfs; and what does not count here.
. "$top_srcdir/tests/pmu-vm/case.sh"

# sampled EVENT: some 26 million cycles or 13 million instructions happen, at least.
sampled() {
	expect_ok "$HWPROF" record -e "$1" -c 100003 -o p.pb.gz -- "$workloads/serial" 0.03
	report p.pb.gz
	expect_whole p.pb.gz
	expect_that 'q["samples"] > 120 and 0.98 < q["events"][0]["sum_check"] < 1.02' p.pb.gz
}

for event in cycles:u cpu-cycles:u perf::CYCLES:u arm_n1::CPU_CYCLES:u CPU_CYCLES:u INST_RETIRED:u r11:u r8:u \
	armv8_pmuv3/event=0x11/u armv8_pmuv3/cpu_cycles/u armv8_pmuv3/inst_retired/u; do
	sampled $event
done

# Opens, and counts nothing: L2D_CACHE_REFILL is not emulated.
run "$HWPROF" record -e r17:u -o none.pb.gz -- "$workloads/serial" 0.1
expect_status 125
expect_stderr_has "event 'r17' opened, but counted nothing"

run "$HWPROF" record -e cache-misses:u -o none.pb.gz -- "$workloads/serial" 0.1
expect_status 125
expect_stderr_has "cannot open event 'cache-misses'"
expect_stderr_has "does not count the event"
run "$HWPROF" record -e skl::INST_RETIRED:u -o none.pb.gz -- "$workloads/serial" 0.1
expect_status 125
expect_stderr_has "unknown event 'skl::INST_RETIRED'"
expect_no_file none.pb.gz

# This CPU has no precise samples, though its driver takes the level: that is said, and none are claimed.
expect_ok "$HWPROF" record -e cycles:up -c 200003 -o precise.pb.gz -- "$workloads/serial" 0.1
expect_stderr_has "cycles is sampled at precise level 0, not 1 as asked"
report precise.pb.gz
expect_that 'q["events"][0]["precise_asked"] == 1 and q["events"][0]["precise_obtained"] == 0 and q["events"][0]["exact_ips"] == 0' precise.pb.gz
