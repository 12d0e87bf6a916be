#!/bin/sh
# perf as the truth about event texts: for each, the perf_event_attr that `perf stat -vv` or `perf record -vv` opens and
# the one of `hwprof record --dry-run` agree, field by field and event by event: which event, where it counts, how
# precisely, how it shares the counters, whose sibling it is in a group, and (perf record) its period or frequency.
# perf prints what it tries to open, so that the machine need not have the event.
#
# Known differences, each normalised below:
# - guests: perf leaves them out (exclude_guest) unless the modifiers have a k, h, I, D, e or P without a u or p, which
#   looks like an oversight of its parser; hwprof leaves them out unless :G asks for them, since it can name nothing in
#   a guest.
# - exclude_guest of PMUs that know no guests (msr): perf sets it, is refused and takes it back; hwprof does not set it.
#   Compared is what perf opens in the end.
# - perf gives software events the precise level that was asked for, and the kernel ignores it; hwprof refuses p and takes
#   P, the best there is, as none.
# - an event of the kernel's timers (cpu-clock, task-clock) has in hwprof periods of at least 10,000 ns.
# - S and W are refused, and so are p and P together, and names of groups.
# - "L2-misses" is perf's old alias of LLC-misses; hwprof has no such alias, since it names the wrong cache.
. "$top_srcdir/tests/lib/cli.sh"
need perf tracefs

# theirs NAMES_GUESTS: perf's blocks on stdin as "N FIELD VALUE". A block after "switching off ..." is another try at the
# one before. perf stops at the first event that does not open when it leads a group or is sampled.
theirs() {
	awk -v names_guests="$1" '
		/^perf_event_attr:/ {
			if (lower) { # the first try has the level that was asked for
				lower = 0
				next
			}
			n += !retry
			retry = 0
			inside = 1
			for (field in seen)
				value[n, field] = ""
			next
		}
		/^---/ { inside = 0; next }
		/switching off exclude_guest/ { no_guests[n] = 1 }
		/switching off/ { retry = 1; next }
		/decreasing precise_ip/ { lower = 1; next }
		/trying to fall back/ { exit }
		/sys_perf_event_open:/ { value[n, "sibling"] = /group_fd -1 / ? "" : 1; next }
		inside { sub(/\{ sample_period, sample_freq \}/, "rate"); value[n, $1] = $2; seen[$1] = 1 }
		END {
			for (event = 1; event <= n && !names_guests; event++)
				value[event, "exclude_guest"] = !no_guests[event]
			for (key in value) {
				split(key, k, SUBSEP)
				print k[1], k[2], value[key]
			}
		}'
}

# ours: of the dry run on stdin, in the same form.
ours() {
	awk '
		/^event / { n++; next }
		{ split($0, side, " = "); split(side[2], word, " ") }
		side[1] == "sample_freq" { print n, "rate", word[1]; print n, "freq", 1; next }
		side[1] == "sample_period" { print n, "rate", word[1]; next }
		side[1] == "group" { print n, "sibling", side[2] ~ /leader/ ? "" : 1; next }
		side[2] != "" { print n, side[1], word[1] }'
}

# normalise COUNT FIELDS: "N FIELD VALUE", all fields of the first COUNT events, zeros included, in order.
normalise() {
	awk -v count="$1" -v fields="$2" '
		{ value[$1, $2] = $3 }
		END {
			n = split(fields, name, " ")
			for (event = 1; event <= count; event++)
				for (i = 1; i <= n; i++) {
					v = value[event, name[i]]
					print event, name[i], v == "" || v == "0x0" ? "0" : v
				}
		}'
}

same='type config config1 config2 precise_ip exclude_user exclude_kernel exclude_hv exclude_idle exclude_host exclude_guest pinned exclusive sibling'

# compare FIELDS EVENT: of $work/stderr (perf) and $work/stdout (hwprof).
compare() {
	events=$(grep -c '^event ' <"$work/dry")
	grep -q '^perf_event_attr:' "$work/stderr" || {
		# perf did not get as far as opening: it does not know the words.
		echo "left out, perf does not know it here: $2"
		left_out=$((left_out + 1))
		return
	}
	case $2 in
	*[GH]*) names_guests=1 ;;
	*) names_guests=0 ;;
	esac
	theirs "$names_guests" <"$work/stderr" >blocks
	# perf gives up at a leader, and when sampling at any event, that does not open.
	tried=$(sort -n blocks | tail -n 1 | cut -d ' ' -f 1)
	[ "$tried" -ge "$events" ] || ! grep -q 'not supported\|returned with' "$work/stderr" || events=$tried
	normalise "$events" "$1" <blocks >theirs
	# shellcheck disable=SC2094 # "ours" is a function, too
	ours <"$work/dry" | normalise "$events" "$1" >ours
	diff -u theirs ours >difference || {
		cat difference
		fail "'$2' differs from perf (-) in hwprof (+)"
	}
	count=$((count + 1))
	compared=$((compared + events))
}

# counted EVENT: as perf stat opens it.
counted() {
	expect_ok "$HWPROF" record --dry-run -e "$1"
	cp "$work/stdout" "$work/dry"
	run perf stat -vv -e "$1" true
	compare "$same" "$1"
}

# sampled OPTION VALUE EVENT: as perf record opens it with -F or -c.
sampled() {
	expect_ok "$HWPROF" record --dry-run "$1" "$2" -e "$3"
	cp "$work/stdout" "$work/dry"
	run perf record -vv -o perf.data "$1" "$2" -e "$3" true
	compare "$same rate freq" "$1 $2 -e $3"
}

count=0
compared=0
left_out=0
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
echo "$count texts with $compared events agree, perf did not know $left_out"
[ "$count" -ge 130 ] || fail "only $count texts were compared"
