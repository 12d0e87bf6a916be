#!/bin/sh
# Where events open, the attributes are perf's for whole groups, and the many ways to write an event count the same.
. "$top_srcdir/tests/pmu-vm/case.sh"
. "$top_srcdir/tests/lib/event_attrs.sh"

pmu=armv8_pmuv3_0
[ -d /sys/bus/event_source/devices/$pmu ] || pmu=$(basename /sys/bus/event_source/devices/armv8*)
for event in cycles:u '{cycles,instructions}:u' '{cycles:u,instructions:k}:D' '{instructions,cycles,cs}:I' r11:k \
	"$pmu/cpu_cycles/u" "$pmu/event=0x11,name=x/" "{$pmu/inst_retired/,r11,cycles:G}:H" "$pmu/r8/" cycles:e; do
	counted "$event"
done
for event in '{cycles,instructions}:u' "$pmu/inst_retired,period=100003/u" "{cycles/freq=99/,r8/period=50021/}:k"; do
	sampled -F 997 "$event"
done
agree 13

# Cycles by the kernel's name, the code, the PMU's own name with and without the PMU, and libpfm4's: members of one group
# count the same moments, and so the same number.
group="{cycles,r11,cpu_cycles,$pmu/event=0x11/,CPU_CYCLES}:u"
expect_ok "$HWPROF" stat --json -o counts.json -e "$group" -- "$workloads/serial" 0.1
expect_that_counts() {
	python3 -S -c 'import json, sys
events = json.load(open(sys.argv[1]))["events"]
values = [e["value"] for e in events]
print(values)
sys.exit(len(values) != 5 or min(values) < 1000000 or max(values) - min(values) > 1e-4 * max(values))' "$1" ||
		fail "the counts in $1 differ"
}
expect_that_counts counts.json
