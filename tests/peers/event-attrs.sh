#!/bin/sh
# perf as the truth about event texts: for each, the perf_event_attr that `perf stat -vv` or `perf record -vv` opens and
# the one of `hwprof record --dry-run` agree, field by field and event by event: which event, where it counts, how
# precisely, how it shares the counters, whose sibling it is in a group, and (perf record) its period or frequency.
# perf prints what it tries to open, so that the machine need not have the event.
# Known differences are in tests/lib/event_attrs.sh.
. "$top_srcdir/tests/lib/cli.sh"
. "$top_srcdir/tests/lib/event_attrs.sh"
need perf tracefs

# Generic names, aliases, cache events.
for event in cycles cpu-cycles instructions cache-references cache-misses branches branch-instructions branch-misses \
	bus-cycles stalled-cycles-frontend idle-cycles-frontend stalled-cycles-backend idle-cycles-backend ref-cycles \
	cpu-clock task-clock page-faults faults context-switches cs cpu-migrations migrations minor-faults major-faults \
	alignment-faults emulation-faults dummy bpf-output cgroup-switches \
	L1-dcache-loads L1-dcache-load-misses L1-dcache-stores L1-dcache-store-misses L1-dcache-prefetches \
	L1-dcache-prefetch-misses L1-icache-loads L1-icache-load-misses LLC-loads LLC-load-misses LLC-stores \
	LLC-store-misses LLC-prefetch-misses dTLB-loads dTLB-load-misses dTLB-store-misses iTLB-loads iTLB-load-misses \
	branch-loads branch-load-misses node-loads node-load-misses node-prefetches l1d-read-miss; do
	counted "$event"
done
# Raw codes, terms of sysfs, tracepoints.
for event in r1a8 rC0 r100003c:u r1a8:pp r1a8/name=mine/k msr/tsc/ msr/event=0x1/ msr/event=2/ msr/r3/ msr/config=0x2/ \
	msr/tsc,name=mine/ software/config=2/u sched:sched_switch sched:sched_switch:u \
	syscalls:sys_enter_openat:k; do
	counted "$event"
done
# Modifiers: every letter, and many together.
for event in cycles:u cycles:k cycles:h cycles:uk cycles:ukh cycles:kh cycles:G cycles:H cycles:GH cycles:uG cycles:kH \
	cycles:ukhGH cycles:p cycles:pp cycles:ppp cycles:upp cycles:kp cycles:I cycles:uI cycles:D cycles:e cycles:DeI \
	cycles:uppDI cpu-clock:u cpu-clock:k task-clock:uk page-faults:u cs:k cs:D cs:uI faults:ue \
	LLC-load-misses:u L1-dcache-loads:kpp; do
	counted "$event"
done
# Lists and groups: levels and precise levels add up, D and e are the leader's.
for event in cs,faults cycles:u,instructions:k '{cs,faults}' '{cycles,instructions}' '{cycles,instructions}:u' \
	'{cycles:u,instructions:k}:u' '{cycles:u,instructions:kp}:p' '{cycles:p,instructions}:pp' '{cs,faults}:D' \
	'{cycles,instructions,cache-misses}:De' '{cycles:D,instructions}' '{cs,faults}:I' '{cycles,instructions}:G' \
	'{cycles,instructions:G}:H' '{cs,cycles:uG,instructions}:H' '{dummy,cycles,instructions}:u' \
	'{cs:u,instructions:kI}' '{cs,branches:u}:k' '{cs,faults},{cycles:u,branches:u},dummy' '{r1a8,cycles,cs}:uk' \
	'{task-clock,sched:sched_switch}:u' '{cpu-clock,msr/tsc/}' 'cs:u,{faults,msr/tsc,name=b/}'; do
	counted "$event"
done
# Rates: of the command line and of the event.
for event in instructions:u '{cycles,instructions}:u' cycles/period=100003/u instructions/freq=4000/ r1a8/period=7,name=x/ \
	L1-dcache-loads/period=7/u branches:pp cycles:P cs msr/event=1,period=5/; do
	sampled -F 997 "$event"
done
for event in cycles:upp cache-misses/freq=99/u '{cs,faults/period=3/}:u' 'page-faults/freq=50/,cs'; do
	sampled -c 100003 "$event"
done
agree 130
