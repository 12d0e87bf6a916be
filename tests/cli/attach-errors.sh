#!/bin/sh
# Targets that are not there, not ours, or make no sense.
. "$top_srcdir/tests/lib/cli.sh"
need events

# refused MESSAGE ARGUMENT...
refused() {
	message=$1
	shift
	run "$HWPROF" attach -e cpu-clock "$@"
	expect_status 125
	expect_stderr_has "$message"
	expect_no_file hwprof.pb.gz
}

refused "nothing to attach to"
refused "contradict each other" -p 1 -a
refused "is not a list of ids" -p abc
refused "is not a list of ids" -p 12,
refused "no process" -p 2147483647
refused "there is no thread" -t 2147483647
refused "no process is called 'no-such-name-here'" -n no-such-name-here
refused "'0-' is not a list of CPUs" -a -C 0-
refused "nothing says what to profile" -C 0
refused "CPU 65000 is not online" -a -C 0,65000
refused "is no option" ./app

# A process that has ended but waits for its parent.
sh -c 'true & exec sleep 3' &
parent=$!
sleep 0.3
zombie=$(ps -o pid= --ppid $parent | tr -d ' ')
if [ -n "$zombie" ]; then
	run "$HWPROF" attach -e cpu-clock -p "$zombie" --duration 100ms
	[ "$status" -ne 0 ] || expect_stderr_has "no sample was taken"
fi

# Processes that exit at every moment of the attaching: recorded until then or said to be gone, never worse.
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	sleep "0.00$((i % 10))" &
	run "$HWPROF" attach -q -e cpu-clock -p $! --duration 2s -o gone.pb.gz
	case $status in
	0) ;;
	125) expect_stderr_matches 'no process|has exited|No such process' ;;
	*) fail "status $status" ;;
	esac
done

# Somebody else's process, without the privilege.
if [ "$(id -u)" -eq 0 ] && command -v setpriv >/dev/null; then
	chmod 777 .
	sleep 5 &
	cp "$HWPROF" hwprof # the build folder may be closed to others
	nobody="setpriv --reuid 65534 --regid 65534 --clear-groups"
	# shellcheck disable=SC2086 # words
	run $nobody ./hwprof attach -e cpu-clock -p $!
	expect_status 125
	expect_stderr_has "Permission denied"
	expect_stderr_has "belongs to another user (uid 0)"
	expect_no_file hwprof.pb.gz
	if [ "$(cat /proc/sys/kernel/perf_event_paranoid)" -gt 0 ]; then
		# shellcheck disable=SC2086 # words
		run $nobody ./hwprof attach -e cpu-clock -a
		expect_status 125
		expect_stderr_has "sudo sysctl kernel.perf_event_paranoid=0"
	fi
fi
kill $parent 2>/dev/null
wait
