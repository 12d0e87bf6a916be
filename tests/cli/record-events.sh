#!/bin/sh
# Several events in one run are several sample types of one file, the count of its samples before each; their sums are what the program's
# own counters say.
. "$top_srcdir/tests/lib/cli.sh"
need events python3

# The interpreter itself: python3 may be a script that finds it.
python=$(python3 -c 'import sys; print(sys.executable)')
cat >faults.py <<'EOPY'
# Touch 20,000 fresh pages, burn some CPU, say how many page faults that took in all.
import mmap, resource, time
pages = mmap.mmap(-1, 20000 * mmap.PAGESIZE)
for i in range(20000):
    pages[i * mmap.PAGESIZE] = 1
end = time.process_time() + 0.5
while time.process_time() < end:
    sum(range(1000))
usage = resource.getrusage(resource.RUSAGE_SELF)
print(usage.ru_minflt + usage.ru_majflt, time.process_time())
EOPY
expect_ok "$HWPROF" record -e cpu-clock:freq=999 -e page-faults:period=100 -o p.pb.gz -- "$python" faults.py
read -r faults seconds <"$work/stdout"
# And they stand for what events that only count counted beside them.
expect_stderr_matches ' m?s of [0-9,]+ cpu-clock \(sum check [01]\.[0-9]{3}\), [0-9,]+ page-faults \(sum check (0\.99|1\.00)[0-9]\); '
expect_ok "$HWPROF" report --json p.pb.gz
cp "$work/stdout" report.json
cat >check.py <<'EOPY'
import json, sys
faults, seconds = int(sys.argv[1]), float(sys.argv[2])
events = json.load(open("report.json"))["profile"]["events"]
assert [(e["name"], e["unit"]) for e in events] == [
    ("cpu-clock_samples", "count"), ("cpu-clock", "nanoseconds"),
    ("page-faults_samples", "count"), ("page-faults", "count")], events
assert abs(events[3]["total"] - faults) <= 0.02 * faults, (events[3], faults)
assert abs(events[2]["total"] * 100 - faults) <= 0.02 * faults, (events[2], faults)
assert abs(events[1]["total"] / 1e9 - seconds) <= 0.1 * seconds, (events[1], seconds)
EOPY
python3 check.py "$faults" "$seconds" 2>verdict || fail "$(cat verdict)"

# A burst that no ring can hold loses samples, and says how many, but not the names of what was loaded meanwhile.
expect_ok "$HWPROF" record -e cpu-clock:freq=999 -e page-faults:period=1 --ring-size 64KiB -o burst.pb.gz -- \
	"$python" faults.py
expect_stderr_matches '; [0-9]+,[0-9,]+ lost; '
read -r faults seconds <"$work/stdout"
expect_ok "$HWPROF" report --json burst.pb.gz
cp "$work/stdout" burst.json
# Each page fault is a sample or lost, and counted once, though the events share their rings.
python3 - "$faults" "$seconds" 2>verdict <<'EOPY' || fail "$(tail -n 1 verdict)"
import json, sys
q = json.load(open("burst.json"))["quality"]
expected = int(sys.argv[1]) + 999 * float(sys.argv[2])
assert abs(q["samples"] + q["samples_lost"] - expected) <= 0.05 * expected, (q, expected)
EOPY
python3 -c '
import json
rows = {r["function"]: r for r in json.load(open("burst.json"))["rows"]}
unknown = rows.get("[unknown]", {"cum_share": 0})["cum_share"]
assert unknown < 0.05, unknown' 2>verdict || fail "$(tail -n 1 verdict)"

# Every record read is a sample used, another record used, or dropped by cause: in a quiet recording, in one that lost
# nearly everything, and when attaching.
"$workloads/background" 10 >/dev/null 2>&1 &
pid=$!
expect_ok "$HWPROF" attach -e cpu-clock -p $pid --duration 500ms -o attached.pb.gz
kill $pid
for file in p.pb.gz burst.pb.gz attached.pb.gz; do
	"$HWPROF" report --json $file >sum.json || fail "report of $file"
	python3 -c '
import json
q = json.load(open("sum.json"))["quality"]
used = q["samples"] + q["records_other"] + sum(q["dropped"].values())
assert q["records_read"] == used, (q["records_read"], used)
stacks = q["stacks_complete"] + q["stacks_truncated"] + q["stacks_broken"]
assert stacks == q["samples"] == sum(q["stack_ends"].values()), (stacks, q["samples"])' 2>verdict ||
		fail "$file: $(tail -n 1 verdict)"
done

# Each of them can be asked for; the first is what is shown unasked.
expect_ok "$HWPROF" report p.pb.gz
expect_stdout_matches '^events +cpu-clock .*, page-faults '
expect_ok "$HWPROF" report --event page-faults --by dso p.pb.gz
expect_stdout_matches 'page-faults .*\(shown\)'
run "$HWPROF" report --event instructions p.pb.gz
expect_status 125
expect_stderr_has "page-faults"

# Lists as perf takes them, and one event twice under its modifiers.
expect_ok "$HWPROF" record -e cpu-clock,page-faults -o p.pb.gz -- true
expect_ok "$HWPROF" record -e cpu-clock:u -e cpu-clock:k -o p.pb.gz -- "$workloads/serial" 0.2
expect_stderr_matches "of [0-9]+ cpu-clock:u, [0-9]+ cpu-clock:k;"
