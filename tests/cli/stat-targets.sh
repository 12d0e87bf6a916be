#!/bin/sh
# Counting what runs already, until a signal, a time, a command's end or its own; and what a user without privileges sees.
. "$top_srcdir/tests/lib/cli.sh"
need events python3

# busy FILE: CPUs that the task clock says were busy, by the elapsed time of the same result.
busy() {
	python3 -c '
import json, sys
r = json.load(open(sys.argv[1]))
print(r["events"][0]["value"] / 1e9 / r["elapsed_s"]["value"])' "$1"
}

"$workloads/serial" 120 >/dev/null 2>&1 &
pid=$!
trap 'kill $pid 2>/dev/null; rm -rf "$work"' EXIT

# Without a command, the result is on stdout; the clock counts what the process uses, and no more.
expect_ok "$HWPROF" stat -p $pid -d 300ms -e task-clock --json
cp "$work/stdout" p.json
expect_between "$(busy p.json)" 0.001 1.02 "CPUs busy with one thread"
expect_stderr_empty
expect_ok "$HWPROF" stat -t $pid -d 100ms -e task-clock --json -o t.json
expect_between "$(busy t.json)" 0.0001 1.02 "CPUs busy with one thread"
expect_stdout_empty
expect_ok "$HWPROF" stat -n serial -d 100ms -e page-faults
expect_stdout_has "process"

# A command says only how long.
expect_ok "$HWPROF" stat -p $pid -e task-clock --json -o c.json -- sh -c 'sleep 0.2; exit 0'
expect_between "$(python3 -c 'import json; print(json.load(open("c.json"))["elapsed_s"]["value"])')" 0.2 5 "seconds"
grep -q "process $pid (serial)" c.json || fail "not the process: $(cat c.json)"

# Everything, and one CPU only: the clock runs on each CPU that is counted.
if [ "$(id -u)" -eq 0 ]; then
	expect_ok "$HWPROF" stat -a -C 0 -d 200ms --json -o one.json
	expect_between "$(busy one.json)" 0.95 1.02 "CPUs counted"
	expect_ok "$HWPROF" stat -a --json -o all.json -e cpu-clock -- sleep 0.2
	cpus=$(getconf _NPROCESSORS_ONLN)
	expect_between "$(busy all.json)" "$(awk "BEGIN { print 0.95 * $cpus }")" \
		"$(awk "BEGIN { print 1.02 * $cpus }")" "CPUs counted"
fi

# A signal ends counting and shows what was counted; the process goes on.
for signal in INT TERM; do
	"$HWPROF" stat -p $pid -e task-clock >out.$signal 2>err &
	hwprof_pid=$!
	sleep 0.4
	kill -$signal $hwprof_pid
	wait $hwprof_pid || fail "stat failed when told to end: $(cat err)"
	grep -q task-clock out.$signal || fail "nothing was shown after $signal"
	kill -0 $pid || fail "the process was hurt"
done

# With a command, a signal to us is passed on; the counts are shown, and the repeats end.
"$HWPROF" stat -r 50 -e task-clock -- sh -c 'trap "exit 9" TERM; sleep 60 & wait' 2>err &
hwprof_pid=$!
sleep 0.5
kill -TERM $hwprof_pid
status=0
wait $hwprof_pid || status=$?
[ $status -eq 9 ] || fail "not the command's status: $status, $(cat err)"
grep -q task-clock err || fail "nothing was shown: $(cat err)"

# Ctrl-C at a terminal reaches both, and ends the command, not the result.
cat >terminal.py <<'PY'
import os, pty, signal, sys, time
pid, fd = pty.fork()
if pid == 0:
	signal.signal(signal.SIGINT, signal.SIG_DFL) # whatever who started the tests ignores
	os.execv(sys.argv[1], [sys.argv[1], "stat", "-e", "task-clock", "--", "sleep", "60"])
time.sleep(0.7)
os.write(fd, b"\x03")
seen = b""
try:
	while True:
		seen += os.read(fd, 4096)
except OSError:
	pass
status = os.waitpid(pid, 0)[1]
assert b"task-clock" in seen and b"elapsed" in seen, seen
assert os.waitstatus_to_exitcode(status) == 130, status
PY
python3 terminal.py "$HWPROF" 2>verdict || fail "$(tail -n 1 verdict)"

# The end of the process ends counting.
sleep 0.5 &
short=$!
expect_ok "$HWPROF" stat -p $short -e task-clock
expect_stdout_has "elapsed"

# Without privileges, what happens in the kernel is not counted, and not shown as 0.
if [ "$(id -u)" -eq 0 ]; then
	command -v setpriv >/dev/null || skip setpriv "there is no setpriv to give up root with"
	cp "$HWPROF" . # the build folder may be closed to others
	chmod 777 . "$work"
	set -- setpriv --reuid 65534 --regid 65534 --clear-groups
else
	cp "$HWPROF" .
	set -- env
fi
HWPROF_EVENTS=$PWD/events
cp -r "$top_srcdir/events" .
chmod -R a+rX events
export HWPROF_EVENTS
expect_ok "$@" ./hwprof stat --json -o user.json -- true
if [ "$(cat /proc/sys/kernel/perf_event_paranoid)" -ge 2 ]; then
	python3 - <<'PY' || fail "as a user: $(cat user.json)"
import json
e = {x["name"]: x for x in json.load(open("user.json"))["events"]}
assert e["context-switches"]["state"] == e["cpu-migrations"]["state"] == "not supported", e
assert "perf_event_paranoid" in e["context-switches"]["reason"], e
assert e["task-clock"]["value"] > 0 and e["page-faults:u"]["value"] > 0, e
PY
	run "$@" ./hwprof stat -e context-switches -- touch ran
	expect_status 125
	expect_stderr_has "perf_event_paranoid"
	expect_no_file ran
	run "$@" ./hwprof stat -a -d 1s
	expect_status 125
fi
if [ "$(id -u)" -eq 0 ]; then
	run "$@" ./hwprof stat -p $$ -d 1s
	expect_status 125
fi
