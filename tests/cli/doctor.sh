#!/bin/sh
# What hwprof doctor says about this machine is what this test sees by other means, in text and in JSON.
. "$top_srcdir/tests/lib/cli.sh"
. "$top_srcdir/tests/lib/doctor.sh"
need events python3

started=$(date +%s%N)
expect_ok "$HWPROF" doctor
[ $((($(date +%s%N) - started) / 1000000)) -lt 10000 ] || fail "it took more than ten seconds"
expect_stderr_empty
head -n 1 "$work/stdout" | grep -q '^hwprof can profile your own processes here' || fail "the first line is no verdict"
grep -q '^Hardware counters$' "$work/stdout" || fail "no section"
# Every line of a finding has one of the three words.
sed -n 's/^  \([a-z][a-z]*\) .*/\1/p' "$work/stdout" | grep -vxE 'works|limited|no' && fail "another word than the three"
! grep -q "$(printf '\033')" "$work/stdout" || fail "colours where there is no terminal"
expect_ok "$HWPROF" doctor --color always
grep -q "$(printf '\033\[1m')Hardware counters" "$work/stdout" || fail "no colours where they were asked for"

expect_ok "$HWPROF" doctor --json
expect_top can_record True
expect_top hwprof "$("$HWPROF" --version | sed -n 's/^hwprof //p')"
sysctl=/proc/sys/kernel
expect_finding paranoid facts.level "$(cat $sysctl/perf_event_paranoid)"
expect_finding sample-rate facts.perf_event_max_sample_rate "$(cat $sysctl/perf_event_max_sample_rate)"
expect_finding rings facts.perf_event_mlock_kb "$(cat $sysctl/perf_event_mlock_kb)"
expect_finding kernel-frames facts.perf_event_max_stack "$(cat $sysctl/perf_event_max_stack)"
expect_finding kernel-symbols facts.kptr_restrict "$(cat $sysctl/kptr_restrict)"
expect_finding unwinding facts.machine "$(uname -m)"
case $(uname -m) in
x86_64 | aarch64) expect_finding unwinding state works ;;
*) expect_finding unwinding state limited ;;
esac
expect_finding kernel-features facts.release "$(uname -r)"
expect_finding open-files facts.hard "$(awk '/^Max open files/ { print $5 }' /proc/self/limits)"
expect_finding clocksource facts.clocksource "$(cat /sys/devices/system/clocksource/clocksource0/current_clocksource)"
expect_finding timer state "[wl]*"
# What hwprof list opens, doctor says works, and the other way round.
devices=/sys/bus/event_source/devices
cores=0
for pmu in "$devices"/*; do
	[ "$(basename "$pmu")" != cpu ] && [ ! -e "$pmu/cpus" ] || cores=$((cores + 1))
done
expect_finding pmu facts.core_pmus "$cores"
if [ "$cores" -eq 0 ]; then
	expect_finding pmu state no
	expect_top hardware_counters False
	if grep -q '^flags.* hypervisor' /proc/cpuinfo; then
		expect_finding pmu facts.obstacle vm-without-pmu
		expect_finding pmu cause "*virtual machine*"
	else
		expect_finding pmu facts.obstacle no-pmu
	fi
	run "$HWPROF" record -q -e cycles -o c.pb.gz -- true
	expect_status 125
	expect_ok "$HWPROF" doctor --json
else
	expect_finding pmu state works
fi
for name in uprobe kprobe; do
	[ -e "$devices/$name" ] && there=1 || there=0
	expect_finding probes "facts.$name" "$there"
done
if [ "$(id -u)" -eq 0 ] && [ -r /proc/kallsyms ] && ! grep -qv '^0* ' /proc/kallsyms; then
	expect_finding kernel-symbols state no
fi

# The manual's JSON FORMAT has every id, section, key and fact.
sed 's/\\f[BIR]//g; s/\\-/-/g; s/[",():;]/ /g' "$top_srcdir/man/hwprof-doctor.1" >manual
expect_ok "$HWPROF" doctor --json "$HWPROF"
flatten
cut -f 1 "$work/flat" | sort -u | grep . >words
awk -F '\t' '$2 == "section" { print $3 }' "$work/flat" | sort -u >>words
cut -f 2 "$work/flat" | sed 's/^facts\.//' | sort -u >>words
[ "$(wc -l <words)" -gt 50 ] || fail "few words: $(cat words)"
while read -r word; do
	grep -qE -e "(^| )$word( |\$)" manual || fail "the manual does not have '$word'"
done <words

# The ring a recording gets is the one that was promised.
expect_ok "$HWPROF" record -e cpu-clock -o r.pb.gz -- true
expect_ok "$HWPROF" report --json r.pb.gz
recorded=$(python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["quality"]["ring_size_bytes"])' "$work/stdout")
expect_ok "$HWPROF" doctor --json
expect_finding rings facts.ring_bytes "$recorded"

# Mistakes.
run "$HWPROF" doctor /nonexistent/program
expect_status 125
expect_stderr_has "cannot open '/nonexistent/program': No such file"
run "$HWPROF" doctor -p 0
expect_status 125
expect_stderr_has "'0' is not the number of a process"
run "$HWPROF" doctor -p 99999999
expect_status 125
expect_stderr_has 99999999
run "$HWPROF" doctor -p 1 ls
expect_status 125
expect_stderr_has "contradict each other"
run "$HWPROF" doctor ls cat
expect_status 125
expect_stderr_has "'cat' is one too many"
run "$HWPROF" doctor --color sometimes
expect_status 125
