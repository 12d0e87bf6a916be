#!/bin/sh
# Counts beside perf's: the same work under `hwprof stat` and `perf stat`, in turns; the means are no further apart than
# the runs of either are among themselves. Software events, and msr/tsc/ where the machine has it. (Cycles and
# instructions: tests/pmu-vm/cases/stat.sh.)
. "$top_srcdir/tests/lib/cli.sh"
need perf python3 events
runs=6
# perf gives commands a longer PATH and variables of its own, which cost page faults.
work_command="env -i $(command -v python3) work.py"

cat >work.py <<'PY'
import mmap, os, time
# 2,000 fresh pages, 20 switches, some CPU time, in two processes.
def touch(pages):
	m = mmap.mmap(-1, pages * 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
	m.madvise(mmap.MADV_NOHUGEPAGE)
	for i in range(pages):
		m[i * 4096] = 1
child = os.fork()
touch(1000)
for i in range(10):
	time.sleep(0.001)
sum(i * i for i in range(200000))
if child:
	os.wait()
PY

# compare LIST TOLERANCE OPTION...: the events of the list, counted by both. TOLERANCE: relative, on top of the spread;
# clocks and the TSC depend on what else the machine does.
compare() {
	list=$1
	tolerance=$2
	shift 2
	rm -f ours.* theirs.*
	for i in $(seq $runs); do
		# shellcheck disable=SC2086 # words
		expect_ok "$HWPROF" stat "$@" --csv -o "ours.$i" -e "$list" -- $work_command
		# shellcheck disable=SC2086
		expect_ok perf stat "$@" -x ';' -o "theirs.$i" -e "$list" $work_command
	done
	python3 - "$list" "$runs" "$tolerance" <<'PY' || fail "counts of $list differ from perf's"
import csv, sys
events, runs, tolerance = sys.argv[1].split(","), int(sys.argv[2]), float(sys.argv[3])
ours = {e: [] for e in events}
theirs = {e: [] for e in events}
for i in range(1, runs + 1):
	for row in csv.DictReader(open(f"ours.{i}", newline="")):
		if row["kind"] == "event":
			ours[row["name"]].append(float(row["value"]))
	for line in open(f"theirs.{i}"):
		word = line.strip().split(";")
		if len(word) > 2 and word[2] in theirs:
			# perf shows clocks in milliseconds
			theirs[word[2]].append(float(word[0]) * (1e6 if word[1] == "msec" else 1))
bad = 0
for e in events:
	a, b = sorted(ours[e]), sorted(theirs[e])
	assert len(a) == len(b) == runs, (e, a, b)
	apart = abs(a[runs // 2] - b[runs // 2])
	spread = max(a[-1] - a[0], b[-1] - b[0])
	print(f"{e}: hwprof {a[0]:.0f} to {a[-1]:.0f}, perf {b[0]:.0f} to {b[-1]:.0f}")
	bad += apart > spread + tolerance * b[runs // 2]
sys.exit(bad != 0)
PY
}

compare page-faults,minor-faults 0.002
compare task-clock,cpu-migrations,context-switches 0.1
[ ! -d /sys/bus/event_source/devices/msr ] || compare msr/tsc/ 0.1
# Without children.
compare page-faults 0.002 -i
