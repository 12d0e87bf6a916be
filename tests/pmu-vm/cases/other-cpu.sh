#!/bin/sh
# guest: --cpu cortex-a72
# A CPU that libpfm4 has no table of (its MIDR is 0x410fd083): the kernel's names, numbers and sysfs still work.
. "$top_srcdir/tests/pmu-vm/case.sh"

for event in cycles:u instructions:u r11:u armv8_pmuv3/cpu_cycles/u; do
	expect_ok "$HWPROF" record -e $event -c 100003 -o p.pb.gz -- "$workloads/serial" 0.1
	report p.pb.gz
	expect_whole p.pb.gz
	expect_that 'q["samples"] > 400 and 0.98 < q["events"][0]["sum_check"] < 1.02' p.pb.gz
done
run "$HWPROF" record -e arm_n1::CPU_CYCLES:u -o none.pb.gz -- "$workloads/serial" 0.1
expect_status 125
expect_stderr_has "unknown event 'arm_n1::CPU_CYCLES'"
expect_no_file none.pb.gz
