#!/bin/sh
# A running process, by number, by name, one thread of it, or everything; until --duration or its exit.
. "$top_srcdir/tests/lib/cli.sh"
need events python3

# flat FILE FUNCTION: its flat share in percent, 0 when it is not there.
flat() {
	"$HWPROF" report --json "$1" | python3 -c '
import json, sys
rows = json.load(sys.stdin)["rows"]
print(100 * sum(r["flat_share"] for r in rows if r["function"] == sys.argv[1]))' "$2"
}

# attached PID: once this hwprof has its counters open, however busy the machine is, and has had some time.
attached() {
	while kill -0 "$1" && ! find "/proc/$1/fd" -lname '*perf_event*' 2>/dev/null | grep -q .; do sleep 0.05; done
	sleep 0.5
}

HWPROF_TRUTH=1 "$workloads/background" 30 >/dev/null 2>&1 &
pid=$!
trap 'kill $pid 2>/dev/null; rm -rf "$work"' EXIT
sleep 0.3

# The background thread, which no request touches, is there with its share.
expect_ok "$HWPROF" attach -e cpu-clock -n background --duration 1s -o name.pb.gz
sync=$(flat name.pb.gz sync_dirty_pages)
expect_between "$sync" 1 60 "share of the background thread's function"
expect_ok "$HWPROF" attach -e cpu-clock -p $pid --duration 500ms -o pid.pb.gz
expect_between "$(flat pid.pb.gz sync_dirty_pages)" 1 60 "share by pid"

# One thread only.
tid=$(find /proc/$pid/task -mindepth 1 -maxdepth 1 -printf '%f\n' | while read -r t; do
	grep -qx sync "/proc/$pid/task/$t/comm" && echo "$t"; done)
[ -n "$tid" ] || fail "the workload has no thread called sync"
expect_ok "$HWPROF" attach -e cpu-clock -t "$tid" --duration 1s -o tid.pb.gz
"$HWPROF" report --json --by thread tid.pb.gz >threads.json
[ "$(python3 -c 'import json; print(len(json.load(open("threads.json"))["rows"]))')" = 1 ] ||
	fail "-t shows other threads: $(cat threads.json)"

# Until the target's exit, which is not an error.
"$HWPROF" attach -e cpu-clock -p $pid -o exit.pb.gz 2>err &
hwprof_pid=$!
attached $hwprof_pid
kill $pid
wait $hwprof_pid || fail "attach failed at the target's exit: $(cat err)"
[ -s exit.pb.gz ] || fail "no profile after the target's exit"
grep -q 'samples in' err || fail "no closing line: $(cat err)"

if [ "$(id -u)" -eq 0 ]; then
	expect_ok "$HWPROF" attach -e cpu-clock -a --duration 300ms -o all.pb.gz
	expect_ok "$HWPROF" attach -e cpu-clock -a -C 0 --duration 300ms -o cpu0.pb.gz
fi

# Ctrl-C (here as a signal sent to us) ends the recording, not the result; also that of a script's background job, which
# is born ignoring it.
"$workloads/serial" 20 >/dev/null 2>&1 &
pid=$!
for signal in TERM INT; do
	"$HWPROF" attach -e cpu-clock -p $pid --duration 20s -o $signal.pb.gz 2>err &
	hwprof_pid=$!
	attached $hwprof_pid
	kill -$signal $hwprof_pid
	wait $hwprof_pid || fail "attach failed when told to end: $(cat err)"
	[ -s $signal.pb.gz ] || fail "no profile after $signal"
	kill -0 $pid || fail "the target was hurt, or $signal did not end the recording before its end"
done

# A process may call itself anything: on the terminal its name is text.
cat >named.py <<'PY'
import os, pty, sys, time
child = os.fork()
if child == 0:
	open("/proc/self/comm", "w").write("n\x1b[31m")
	time.sleep(30)
	os._exit(0)
while "[31m" not in open(f"/proc/{child}/comm").read():
	time.sleep(0.05)
pid, fd = pty.fork()
if pid == 0:
	os.execv(sys.argv[1], [sys.argv[1], "attach", "-e", "cpu-clock", "-p", str(child), "--duration", "1500ms"])
seen = b""
try:
	while True:
		seen += os.read(fd, 4096)
except OSError:
	pass
os.waitpid(pid, 0)
os.kill(child, 9)
assert b"Ctrl-C ends" in seen and b"[31m" in seen, seen
assert b"\x1b" not in seen, seen
PY
python3 named.py "$HWPROF" 2>verdict || fail "$(tail -n 1 verdict)"
