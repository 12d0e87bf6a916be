#!/bin/sh
# Counting on a PMU: what perf counts, metrics of what ran together, and what happens when events take turns. The
# guest has six event counters and one for cycles; an instruction takes two cycles, so that IPC is 0.50.
. "$top_srcdir/tests/pmu-vm/case.sh"

# number FILE EXPRESSION: of a JSON result r; e and m are its events and metrics by name.
number() {
	python3 -S -c '
import json, sys
r = json.load(open(sys.argv[1]))
e = {x["name"]: x for x in r["events"]}
m = {x["name"]: x for x in r["metrics"]}
print(eval(sys.argv[2]))' "$1" "$2"
}

# The same program under both, again and again: counts of the same work repeat in this guest.
runs=3
for i in $(seq $runs); do
	expect_ok "$HWPROF" stat --json -o "ours.$i" -e '{cycles:u,instructions:u}' -- "$workloads/serial" 0.05
	expect_ok perf stat -x , -o "theirs.$i" -e '{cycles:u,instructions:u}' "$workloads/serial" 0.05
done
for event in cycles instructions; do
	for i in $(seq $runs); do
		number "ours.$i" "e['$event:u']['value'] if '$event:u' in e else e['$event']['value']" >>"ours.$event"
		awk -F , "/$event/ { print \$1 }" "theirs.$i" >>"theirs.$event"
	done
	python3 -S - "ours.$event" "theirs.$event" <<-'EOF' || fail "$event differ from perf's"
		import sys
		ours, theirs = ([float(x) for x in open(f)] for f in sys.argv[1:])
		spread = max(max(x) - min(x) for x in (ours, theirs))
		apart = abs(sum(ours) / len(ours) - sum(theirs) / len(theirs))
		print(sys.argv[1], ours, theirs, spread, apart)
		sys.exit(apart > spread + 1e-3 * max(theirs))
	EOF
done

# The default events: what there is, IPC from its group, the rest not supported, with the reason.
expect_ok "$HWPROF" stat -- "$workloads/serial" 0.05
expect_stderr_matches '^ +[0-9,]+ +cycles +[0-9.]+ GHz'
expect_stderr_matches '^ +0\.[0-9]+ +ipc '
expect_stderr_matches '^not supported: .*branches'
expect_ok "$HWPROF" stat -u -M ipc -r 3 --json -o ipc.json -- "$workloads/serial" 0.05
expect_between "$(number ipc.json 'list(m.values())[0]["value"]')" 0.499 0.501 "IPC of user code"
expect_between "$(number ipc.json 'list(m.values())[0]["interval_high"] - list(m.values())[0]["interval_low"]')" 0 0.01 \
	"the width of its interval"

# Six counters and the cycle counter: six raw events fit; of nine, the rest is named before the run, all take turns, the
# shares say so, and IPC of what did not run together is refused.
six=r3,r4,r5,r8,r10,r11
expect_ok "$HWPROF" stat -e $six -- true
grep -q 'more counters' "$work/stderr" && fail "six events are too many"
nine=r8,r11,r3,r4,r5,r10,r12,r13,r14
expect_ok "$HWPROF" stat -e cycles,instructions,$nine --json -o nine.json -- "$workloads/serial" 0.2
expect_stderr_matches 'the events need more counters than are free: to count all the time, drop .*r14'
expect_stderr_matches 'these cannot be computed then: .*ipc'
share=$(number nine.json 'min(x["counted_share"] for x in r["events"])')
expect_between "$share" 0.1 0.95 "the smallest share of the time counted"
[ "$(number nine.json 'm["ipc"]["value"]')" = None ] || fail "IPC was not refused"
number nine.json 'm["ipc"]["refused"]' | grep -q 'did not run together' || fail "IPC was refused for another reason"
expect_ok "$HWPROF" stat -e "{cycles,instructions},$nine" --json -o group.json -- "$workloads/serial" 0.2
expect_between "$(number group.json 'm["ipc"]["value"]')" 0.45 0.55 "IPC of a group that took turns with others"
run "$HWPROF" stat --no-multiplex -e cycles,instructions,$nine -- touch ran
expect_status 125
expect_stderr_has "the events need more counters than are free"
[ ! -e ran ] || fail "the command was run"

# What is pinned, wherever it stands, keeps its counter while the others take turns; more of it than counters is an error.
expect_ok "$HWPROF" stat -e $nine,r8/name=kept/D --json -o pinned.json -- "$workloads/serial" 0.2
[ "$(number pinned.json 'e["kept"]["counted_share"]')" = 1 ] || fail "a pinned event took turns"
expect_between "$(number pinned.json 'min(x["counted_share"] for x in r["events"])')" 0.1 0.95 "the others' share"
expect_stderr_has "they take turns"
run "$HWPROF" stat -e "$(echo $nine | sed 's/,/:D,/g'):D" -- touch ran
expect_status 125
expect_stderr_has "is pinned (D), but there are not enough free counters"
[ ! -e ran ] || fail "the command was run"

# A scaled count is near the whole one.
expect_ok "$HWPROF" stat -e instructions:u --json -o alone.json -- "$workloads/serial" 0.2
ratio=$(number nine.json 'e["instructions"]["value"]')
whole=$(number alone.json 'list(e.values())[0]["value"]')
expect_between "$(awk "BEGIN { print $ratio / $whole }")" 0.8 1.35 "scaled instructions by user instructions"

# A group that can never count is refused, not shown as zero.
run "$HWPROF" stat -e "{$six,r12,r13}" -- touch ran
expect_status 125
expect_stderr_matches 'more (events|than)'
[ ! -e ran ] || fail "the command was run"

# What reads 0 although it had a counter is said.
expect_ok "$HWPROF" stat -e r3 -- "$workloads/serial" 0.05
expect_stderr_matches 'note: r3 reads 0 although it had a counter'

# Everything that runs, on a CPU.
expect_ok "$HWPROF" stat -a -e cycles,instructions -- "$workloads/serial" 0.05
expect_stderr_matches '^ +[0-9,]+ +instructions'

# A user counts user code, and reads what is missing.
chmod 755 "$work" .
echo 2 >/proc/sys/kernel/perf_event_paranoid
run su user -c "$HWPROF stat -- $workloads/serial 0.05"
expect_status 0
expect_stderr_matches '^ +[0-9,]+ +cycles:u'
expect_stderr_matches '^ +0\.[0-9]+ +ipc:u '
expect_stderr_has "user code only"
expect_stderr_matches '^not supported: context-switches, cpu-migrations: .*paranoid'
