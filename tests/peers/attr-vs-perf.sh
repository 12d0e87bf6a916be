#!/bin/sh
# perf as the truth about event names: for each text, the perf_event_attr that `perf stat -e` opens first and the one
# of `hwprof record --dry-run -e` agree in type, config, precise level and every exclude bit.
#
# Known difference: perf leaves guests out (exclude_guest) unless the modifiers have a k, an h or a P, which looks like
# an oversight of its parser; hwprof leaves them out unless :G asks for them, since it can name nothing in a guest.
. "$top_srcdir/tests/lib/cli.sh"
need perf tracefs

fields='type config config1 config2 precise_ip exclude_user exclude_kernel exclude_hv exclude_idle exclude_host exclude_guest'

# normalise: "field value" of the first attr on stdin, in the order of $fields, zeros included.
normalise() {
	awk -v fields="$fields" '
		/^perf_event_attr:/ || /^event / { if (++blocks > 1) exit; next }
		/^---/ { if (blocks) exit; next }
		!blocks { next }
		{ gsub(/ = /, " "); value[$1] = $2 }
		END {
			n = split(fields, name, " ")
			for (i = 1; i <= n; i++) {
				v = value[name[i]] == "" ? "0" : value[name[i]]
				print name[i], v == "0x0" ? "0" : v
			}
		}'
}

compare() {
	event=$1
	expect_ok "$HWPROF" record --dry-run -e "$event"
	normalise <"$work/stdout" >ours
	run perf stat -vv -e "$event" true
	grep -q '^perf_event_attr:' "$work/stderr" || {
		# Without a PMU or tracefs, perf does not get as far as opening.
		echo "left out, perf does not know it here: $event"
		return
	}
	normalise <"$work/stderr" >theirs
	case ${event##*[:/]} in
	*[GH]*) ;;
	*[khP]*) case $event in *:*|*/) sed -i 's/^exclude_guest 0/exclude_guest 1/' theirs ;; esac ;;
	esac
	diff -u theirs ours >difference || {
		cat difference
		fail "'$event' differs from perf (-) in hwprof (+)"
	}
	count=$((count + 1))
}

count=0
for event in cycles cpu-cycles instructions cache-references cache-misses branches branch-instructions branch-misses \
	bus-cycles stalled-cycles-frontend idle-cycles-frontend stalled-cycles-backend ref-cycles \
	cpu-clock task-clock page-faults faults context-switches cs cpu-migrations migrations minor-faults major-faults \
	alignment-faults emulation-faults dummy bpf-output \
	L1-dcache-loads L1-dcache-load-misses L1-dcache-stores L1-dcache-store-misses L1-dcache-prefetches \
	L1-dcache-prefetch-misses L1-icache-loads L1-icache-load-misses LLC-loads LLC-load-misses LLC-stores \
	LLC-store-misses dTLB-loads dTLB-load-misses dTLB-store-misses iTLB-loads iTLB-load-misses branch-loads \
	branch-load-misses node-loads node-load-misses node-prefetches \
	r1a8 rC0 r100003c:u \
	cycles:u cycles:k cycles:h cycles:uk cycles:ukh cycles:G cycles:H cycles:GH cycles:uG cycles:kH \
	cycles:p cycles:pp cycles:ppp cycles:upp cycles:kp cpu-clock:u cpu-clock:k task-clock:uk page-faults:u \
	cs:k sched:sched_switch sched:sched_switch:u msr/tsc/ msr/event=0x1/ msr/event=2/u; do
	compare "$event"
done
echo "$count events agree"
[ "$count" -ge 40 ] || fail "only $count events were compared"
