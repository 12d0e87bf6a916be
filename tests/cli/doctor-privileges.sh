#!/bin/sh
# Users, root, and root of a user namespace: what each may do, told apart from what stands in the way.
. "$top_srcdir/tests/lib/cli.sh"
. "$top_srcdir/tests/lib/doctor.sh"
need events python3 setpriv
[ "$(id -u)" -eq 0 ] || skip root "it takes root to become others"
chmod 777 . "$work"
cp "$HWPROF" hwprof # the build folder may be closed to others
sysctl=/proc/sys/kernel/perf_event_paranoid
alone
before=$(cat "$sysctl")
trap 'echo "$before" >"$sysctl" 2>/dev/null; kill $sleeper 2>/dev/null; rm -rf "$work"' EXIT
sleep 60 &
sleeper=$!

expect_ok ./hwprof doctor --json
case $(finding capabilities facts.held) in
*CAP_PERFMON*CAP_SYS_PTRACE*)
	expect_finding capabilities state works
	expect_finding paranoid state works
	expect_finding processes state works
	expect_top kernel_code True
	expect_top whole_cpus True
	;;
esac

# The level decides what a user may do, and doctor says which. Each is held against what really opens.
for level in -1 0 1 2 3 4; do
	echo "$level" 2>/dev/null >"$sysctl"
	[ "$(cat "$sysctl")" = "$level" ] || continue
	as_user ./hwprof doctor --json
	expect_finding paranoid facts.level "$level"
	expect_finding capabilities state limited
	kernel=$(top kernel_code)
	cpus=$(top whole_cpus)
	can=$(top can_record)
	case $level in
	-1 | 0) [ "$can $kernel $cpus" = "True True True" ] || fail "level $level: $can $kernel $cpus" ;;
	1)
		[ "$can $kernel $cpus" = "True True False" ] || fail "level $level: $can $kernel $cpus"
		expect_finding paranoid fix "sudo sysctl kernel.perf_event_paranoid=0"
		;;
	2)
		[ "$can $kernel $cpus" = "True False False" ] || fail "level $level: $can $kernel $cpus"
		expect_finding paranoid state limited
		expect_finding timer facts.obstacle paranoid
		expect_finding timer fix "sudo sysctl kernel.perf_event_paranoid=1, or: *sudo setcap cap_perfmon*"
		;;
	*)
		# Upstream kernels take 3 and 4 as 2; Debian's and Ubuntu's forbid everything.
		[ "$can" = True ] || expect_finding timer facts.obstacle paranoid
		;;
	esac
	as_user ./hwprof record -q -e cpu-clock:k -o k.pb.gz -- true
	[ "$([ "$status" -eq 0 ] && echo True || echo False)" = "$kernel" ] || fail "doctor says kernel code: $kernel"
	as_user ./hwprof attach -q -a -e cpu-clock -d 10ms -o a.pb.gz
	[ "$([ "$status" -eq 0 ] && echo True || echo False)" = "$cpus" ] || fail "doctor says whole CPUs: $cpus"
done
echo "$before" >"$sysctl"

# A single capability is seen, and what it allows.
run setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps +perfmon --ambient-caps +perfmon \
	./hwprof doctor --json
if [ "$status" -eq 0 ]; then
	expect_finding capabilities facts.held CAP_PERFMON
	expect_finding paranoid state works
	expect_top kernel_code True
	expect_finding processes state limited
fi

# Another user's process.
as_user ./hwprof doctor --json -p $sleeper
expect_status 1
expect_finding process state no
expect_finding process facts.obstacle other-user
expect_finding process cause "*another user (uid 0)*"
expect_ok ./hwprof doctor --json -p $sleeper
expect_finding process state works
expect_finding debug-info subject "*sleep*"

# Capabilities of a user namespace do not count, and that is what is said.
if [ "$before" -ge 2 ] && unshare -Ur true 2>/dev/null; then
	run unshare -Ur ./hwprof doctor --json
	expect_finding user-namespace state limited
	expect_finding user-namespace facts.initial 0
	expect_finding capabilities state limited
	expect_finding capabilities facts.held "*CAP_PERFMON*"
	expect_finding timer facts.obstacle capability
	expect_finding timer fix "outside of the *sudo sysctl kernel.perf_event_paranoid=1"
	expect_top kernel_code False
	run unshare -Ur ./hwprof record -e cpu-clock:k -o n.pb.gz -- true
	expect_status 125
	expect_stderr_has "inside a user namespace only"
fi

# Capabilities of the file, and what takes them away.
if command -v setcap >/dev/null && setcap cap_perfmon,cap_sys_ptrace=ep hwprof 2>/dev/null; then
	as_user ./hwprof doctor --json
	expect_finding file-capabilities facts.held "CAP_PERFMON, CAP_SYS_PTRACE"
	if [ "$(finding capabilities facts.held)" = "CAP_PERFMON, CAP_SYS_PTRACE" ]; then
		expect_finding file-capabilities state works
		expect_top whole_cpus True
	fi
	# no_new_privs takes them away, on some kernels.
	run setpriv --reuid 65534 --regid 65534 --clear-groups --no-new-privs ./hwprof doctor --json
	expect_finding capabilities fix "*no_new_privs*"
	if [ "$(finding capabilities facts.held)" = "" ]; then
		expect_finding file-capabilities state no
		expect_finding file-capabilities cause "*no_new_privs*"
	fi
	# A file system mounted nosuid does on all.
	mkdir nosuid
	run unshare -m sh -c 'mount -t tmpfs -o nosuid,mode=755 none nosuid && cp hwprof nosuid/ &&
		setcap cap_perfmon,cap_sys_ptrace=ep nosuid/hwprof &&
		exec setpriv --reuid 65534 --regid 65534 --clear-groups nosuid/hwprof doctor --json'
	if [ -s "$work/stdout" ]; then
		expect_finding capabilities facts.held ""
		expect_finding file-capabilities state no
		expect_finding file-capabilities facts.held "CAP_PERFMON, CAP_SYS_PTRACE"
		expect_finding file-capabilities cause "*nosuid*"
	fi
fi
