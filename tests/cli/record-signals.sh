#!/bin/sh
# Ctrl-C and other signals end the recording or reach the command, and never cost the result.
. "$top_srcdir/tests/lib/cli.sh"
need events python3

# A signal sent to hwprof is passed on to the command.
"$HWPROF" record -o term.pb.gz -- sh -c 'trap "exit 9" TERM; touch ready; while :; do :; done' 2>err &
pid=$!
while [ ! -e ready ]; do sleep 0.05; done
kill -TERM $pid
wait $pid
got=$?
[ $got -eq 9 ] || fail "status $got after TERM"
[ -s term.pb.gz ] || fail "no profile after TERM"

# Ctrl-C in a terminal reaches both; the command decides, and its profile is written. Twice ends the recording of a
# command that does not listen.
cat >terminal.py <<'PY'
import os, pty, signal, sys, time
hwprof, how, out = sys.argv[1:4]
script = {"once": "trap 'exit 3' INT; touch ready-once; while :; do :; done",
	  "deaf": "trap '' INT; touch ready-deaf; i=0; while [ $i -lt 60 ]; do sleep 0.1; i=$((i+1)); done"}[how]
pid, fd = pty.fork()
if pid == 0:
	signal.signal(signal.SIGINT, signal.SIG_DFL) # whatever who started the tests ignores
	os.execv(hwprof, [hwprof, "record", "-o", out, "--", "sh", "-c", script])
while not os.path.exists("ready-" + how):
	time.sleep(0.05)
time.sleep(0.2)
for _ in range({"once": 1, "deaf": 2}[how]):
	os.write(fd, b"\x03")
	time.sleep(0.3)
try:
	while os.read(fd, 4096):
		pass
except OSError:
	pass
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
PY
[ "$(python3 terminal.py "$HWPROF" once once.pb.gz)" = 3 ] || fail "Ctrl-C: not the command's status"
[ -s once.pb.gz ] || fail "no profile after Ctrl-C"
[ "$(python3 terminal.py "$HWPROF" deaf deaf.pb.gz)" = 130 ] || fail "Ctrl-C twice: not 130"
[ -s deaf.pb.gz ] || fail "no profile after Ctrl-C twice"

# --duration ends the recording; the command goes on, and its status is still ours.

start=$(date +%s%N)
run "$HWPROF" record --duration 200ms -o short.pb.gz -- sh -c 'sleep 1; exit 5'
expect_status 5
elapsed=$((($(date +%s%N) - start) / 1000000))
[ $elapsed -ge 1000 ] || fail "the command was cut short after $elapsed ms"

# Who started us may ignore the end of children: the status is ours all the same, and the command finds it as it was.
run python3 -c 'import os, signal, sys
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
os.execv(sys.argv[1], sys.argv[1:])' "$HWPROF" record -- python3 -c 'import signal, sys
sys.exit(7 if signal.getsignal(signal.SIGCHLD) == signal.SIG_IGN else 9)'
expect_status 7

# The wait for a reader of a named pipe can be ended.
mkfifo pipe
run timeout -s INT 1 "$HWPROF" stat -e page-faults -o pipe -- touch ran
expect_status 124
expect_no_file ran
