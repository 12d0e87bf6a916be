#!/bin/sh
# Limits that this test sets are the limits that doctor tells, with what they cost.
. "$top_srcdir/tests/lib/cli.sh"
. "$top_srcdir/tests/lib/doctor.sh"
need events python3 setpriv
chmod 777 . "$work"
cp "$HWPROF" hwprof
cpus=$(getconf _NPROCESSORS_ONLN)

# Open files: one for each CPU, thread and event, and 64 others.
run prlimit --nofile=$((64 + 5 * cpus)) ./hwprof doctor --json
expect_status 0
expect_finding open-files state limited
expect_finding open-files facts.hard $((64 + 5 * cpus))
expect_finding open-files facts.threads 5
if [ "$(id -u)" -ne 0 ]; then
	run prlimit --nofile=64 ./hwprof doctor --json
	expect_finding open-files state no
fi
hard=$(awk '/^Max open files/ { print $5 }' /proc/self/limits)
expect_ok ./hwprof doctor --json
[ "$hard" -lt $((64 + 100 * cpus)) ] || expect_finding open-files state works

# Locked memory, of a user who has no other rings: as small as recording gets, and larger by the fix itself.
mlock=/proc/sys/kernel/perf_event_mlock_kb
[ "$(id -u)" -eq 0 ] && [ "$(cat /proc/sys/kernel/perf_event_paranoid)" -ge 0 ] || exit 0
alone
before=$(cat $mlock)
trap 'echo "$before" >$mlock; rm -rf "$work"' EXIT
user=$((40000 + $$ % 20000))
doctor_as_new_user() {
	user=$((user + 1))
	run setpriv --reuid $user --regid 65534 --clear-groups sh -c "ulimit -l 0 && exec $*"
}
echo 516 >$mlock 2>/dev/null || exit 0
doctor_as_new_user ./hwprof doctor --json
expect_status 0
expect_finding rings state limited
expect_finding rings facts.memlock_bytes 0
expect_finding rings facts.ring_bytes $((512 * 1024))
wanted=$(finding rings facts.wanted_bytes)
[ "$wanted" -gt $((512 * 1024)) ] || fail "more than what is there is wanted, not $wanted"
fix=$(finding rings fix)
kib=${fix#*perf_event_mlock_kb=}
kib=${kib%%,*}
echo "$kib" >$mlock
doctor_as_new_user ./hwprof doctor --json
expect_finding rings state works
expect_finding rings facts.ring_bytes "$wanted"
# None at all.
echo 4 >$mlock
doctor_as_new_user ./hwprof doctor --json
expect_status 1
expect_finding rings state no
expect_top can_record False
expect_top verdict "hwprof cannot profile here: cannot map a ring*"
doctor_as_new_user ./hwprof record -e cpu-clock -o x.pb.gz -- true
expect_status 125
expect_stderr_has "cannot map a ring"
echo "$before" >$mlock
expect_ok ./hwprof doctor --json
expect_finding rings state works
