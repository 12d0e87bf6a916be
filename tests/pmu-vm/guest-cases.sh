#!/bin/sh
# In the guest: runs tests one after the other, each in a process group of its own that is ended with it.
# Usage: guest-cases.sh RESULTS NAME=PROGRAM...
# Leaves RESULTS/NAME.log, and RESULTS/NAME.status with the exit status, which is missing when the guest did not live to
# see it. Says PASS, FAIL or SKIP of each as it goes.
set -u

results=$1
shift
limit_s=150

# The settings a test may change for itself.
restore_settings() {
	echo -1 >/proc/sys/kernel/perf_event_paranoid
	echo 0 >/proc/sys/kernel/kptr_restrict
}

seconds() {
	cut -d ' ' -f 1 /proc/uptime
}

# run_one NAME PROGRAM: a script or an executable. Sets $status.
run_one() {
	name=$1
	program=$2
	group=/sys/fs/cgroup/command/$name
	mkdir "$group"
	: >"$results/$name.started"
	case $program in *.sh) program="sh $program" ;; esac
	# shellcheck disable=SC2016,SC2086 # for the inner shell; a shell and its script are two words
	sh -c 'echo $$ >"$0/cgroup.procs"; exec "$@"' "$group" timeout -k 5 $limit_s $program \
		>"$results/$name.log" 2>&1 </dev/null
	status=$?
	echo 1 >"$group/cgroup.kill"
	while ! rmdir "$group" 2>/dev/null; do
		usleep 20000
	done
	[ $status -ne 124 ] && [ $status -ne 137 ] || echo "ended after $limit_s s" >>"$results/$name.log"
	echo $status >"$results/$name.status.new"
	mv "$results/$name.status.new" "$results/$name.status"
}

for test; do
	before=$(seconds)
	name=${test%%=*}
	run_one "$name" "${test#*=}"
	restore_settings
	case $status in
	0) word=PASS ;;
	77) word=SKIP ;;
	*) word=FAIL ;;
	esac
	echo "$word: pmu-vm/$name ($(echo "$before $(seconds)" | awk '{ printf "%.1f", $2 - $1 }') s)"
done
