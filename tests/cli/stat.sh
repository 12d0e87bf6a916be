#!/bin/sh
# Counts of a command: on stderr, its stdout and exit status its own; repeated, in intervals, delayed, to a file, as JSON and CSV.
. "$top_srcdir/tests/lib/cli.sh"
need events python3

# value FILE NAME: of an event in a JSON result.
value() {
	python3 -c '
import json, sys
print([e["value"] for e in json.load(open(sys.argv[1]))["events"] if e["name"] == sys.argv[2]][0])' "$1" "$2"
}

# The default events, on stderr; stdout and the status are the command's.
expect_ok "$HWPROF" stat -- echo hello
[ "$(cat "$work/stdout")" = hello ] || fail "the command's stdout is not its own"
for event in task-clock context-switches cpu-migrations page-faults cycles instructions branches branch-misses; do
	expect_stderr_matches "^ .* $event( |$|:)"
done
expect_stderr_matches '[0-9.]+ s  elapsed'
expect_stderr_matches '[0-9.]+ s  user'
awk 'length > 80' "$work/stderr" | grep . && fail "lines of more than 80 columns"
run "$HWPROF" stat -- sh -c 'exit 3'
expect_status 3
# shellcheck disable=SC2016 # for the inner shell
run "$HWPROF" stat -- sh -c 'kill -TERM $$'
expect_status 143
run "$HWPROF" stat -- ./no-such-program
expect_status 127
expect_stderr_has "cannot run './no-such-program'"
: >not-executable
run "$HWPROF" stat -- ./not-executable
expect_status 126

# Of user code alone, what the kernel does is not 0 times.
expect_ok "$HWPROF" stat -u -- true
expect_stderr_matches '^ *not supported +context-switches'
expect_stderr_has "they happen in the kernel"

# A metric of one's own, alone, asked for twice, and beside other events, of which it may be one.
mkdir -p "$XDG_CONFIG_HOME/hwprof"
cat >"$XDG_CONFIG_HOME/hwprof/events.json" <<'JSON'
{ "metrics": { "busy-fault": { "title": "busy", "description": "d", "unit": "ns/fault",
  "formula": "'task-clock' / 'page-faults'" } } }
JSON
for words in "-M busy-fault" "-M busy-fault,busy-fault" "-M busy-fault -M busy-fault" "-M busy-fault -e cpu-clock" "-e page-faults -M busy-fault"; do
	# shellcheck disable=SC2086 # words
	expect_ok "$HWPROF" stat $words --json -o busy.json -- true
	python3 -c '
import json
r = json.load(open("busy.json"))
e = {x["name"].split("#")[0]: x["value"] for x in r["events"]}
[m] = r["metrics"]
assert abs(m["value"] - e["task-clock"] / e["page-faults"]) < 1e-6 * m["value"], r' || fail "$words: $(cat busy.json)"
	[ "${words%,busy-fault}" = "$words" ] && [ "$words" != "-M busy-fault -M busy-fault" ] || [ "$(grep -c '"name": "task-clock' busy.json)" = 1 ] || fail "counted twice"
done
rm "$XDG_CONFIG_HOME/hwprof/events.json"

# Children count with their parent, those of threads, too; -i leaves them out. 1 MiB of fresh memory is 256 faults.
cat >faults.py <<'PY'
import mmap, os, sys
def touch(pages):
	m = mmap.mmap(-1, pages * 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
	m.madvise(mmap.MADV_NOHUGEPAGE)
	for i in range(pages):
		m[i * 4096] = 1
if os.fork() == 0:
	touch(int(sys.argv[1]))
	os._exit(0)
os.wait()
PY
expect_ok "$HWPROF" stat --json -o few.json -e page-faults -- python3 faults.py 1
expect_ok "$HWPROF" stat --json -o many.json -e page-faults -- python3 faults.py 10001
more=$(($(value many.json page-faults) - $(value few.json page-faults)))
expect_between $more 9900 10100 "faults of 10,000 pages in a child"
expect_ok "$HWPROF" stat -i --json -o alone.json -e page-faults -- python3 faults.py 10001
expect_between "$(value alone.json page-faults)" 1 9000 "faults without the child's"

# Repeated: the mean and its interval; the status is the first that is not 0.
expect_ok "$HWPROF" stat -r 4 --json -o r.json -e task-clock,page-faults -- true
python3 - <<'PY' || fail "JSON of repeated runs: $(cat r.json)"
import json, math
r = json.load(open("r.json"))
assert r["runs"] == 4 and r["target"] == "true", r
for e in r["events"] + [r["elapsed_s"]]:
	half = 3.182446305 * e["deviation"] / 2 # t(0.975, 3), sqrt(4)
	assert math.isclose(e["interval_high"] - e["value"], half, rel_tol=1e-4, abs_tol=1e-6), e
	assert e["least"] <= e["value"] <= e["most"], e
PY
expect_ok "$HWPROF" stat -r 3 -e task-clock -- true
expect_stderr_has "true, 3 runs"
expect_stderr_matches 'task-clock  .*± [0-9.]+ %'
echo 0 >count
cat >fails-second.sh <<'SH'
n=$(($(cat count) + 1)); echo $n >count; [ $n -ne 2 ] || exit 7
SH
run "$HWPROF" stat -r 3 -e task-clock -- sh fails-second.sh
expect_status 7
[ "$(cat count)" = 3 ] || fail "not three runs: $(cat count)"

# Intervals: ascending times, the last one that of the end; their sum is what the command used.
expect_ok "$HWPROF" stat -I 100 --json -o i.json -e task-clock -- "$workloads/serial" 0.5
python3 - <<'PY' || fail "intervals: $(cat i.json)"
import json
lines = [json.loads(l) for l in open("i.json")]
times = [l["time_s"] for l in lines]
assert len(lines) >= 4 and times == sorted(times), times
assert abs(times[0] - 0.1) < 0.09, times
total = sum(l["events"][0]["value"] for l in lines)
assert 0.35e9 < total < 3e9, total
assert abs(sum(l["elapsed_s"]["value"] for l in lines) - times[-1]) < 1e-6
PY
expect_ok "$HWPROF" stat -I 100 -e task-clock -- sleep 0.35
[ "$(grep -c 'time s' "$work/stderr")" = 1 ] || fail "not one heading"
[ "$(grep -c task-clock "$work/stderr")" -ge 3 ] || fail "not a line for each interval"

# --duration ends counting, not the command; --delay begins it later.
expect_ok "$HWPROF" stat -d 200ms --json -o d.json -e task-clock -- "$workloads/serial" 0.6
expect_between "$(value d.json task-clock)" 1000000 500000000 "ns counted of 600 ms"
expect_ok "$HWPROF" stat -D 300 --json -o delay.json -e task-clock -- "$workloads/serial" 0.6
whole=$(python3 -c 'import json; print(json.load(open("delay.json"))["elapsed_s"]["value"])')
expect_ok "$HWPROF" stat -D 60s -e task-clock -- true
expect_stderr_has "it ended before the delay was over: nothing was counted"
expect_ok "$HWPROF" stat -r 2 -D 10s -e task-clock,page-faults --json -o none.json -- true
python3 -c '
import json
r = json.load(open("none.json"))
assert r["elapsed_s"]["value"] == 0 and [e["value"] for e in r["events"]] == [0, 0], r' || fail "something was counted: $(cat none.json)"
expect_ok "$HWPROF" stat -I 5 -D 10s -e page-faults --csv -o - -- sleep 0.02
expect_stdout_matches '^0\.0+,event,page-faults,counted,0,'
[ "$(python3 -c "print(0.05 < $whole)")" = True ] || fail "counted for $whole s after the delay"

# CSV: the heading, as many fields in each record, CRLF; a name with a comma and quotes comes back whole.
expect_ok "$HWPROF" stat --csv -o out.csv -r 2 -e task-clock,page-faults -- true
python3 - <<'PY' || fail "CSV: $(cat out.csv)"
import csv
raw = open("out.csv", newline="").read()
assert raw.count("\r\n") == raw.count("\n") == 6, raw
rows = list(csv.DictReader(raw.splitlines()))
assert [r["name"] for r in rows] == ["task-clock", "page-faults", "elapsed", "user", "system"], rows
for r in rows:
	assert r["state"] == "counted" and r["runs"] == "2" and r["time_s"] == "", r
	assert float(r["interval_low"]) <= float(r["value"]) <= float(r["interval_high"]), r
	assert None not in r, r
PY

# -o - is stdout; a file is there when all is complete, and nothing is left of one that could not be written.
expect_ok "$HWPROF" stat --json -o - -e page-faults -- true
python3 -m json.tool "$work/stdout" >/dev/null || fail "stdout is no JSON"
run "$HWPROF" stat -o no/such/folder -e page-faults -- touch ran
expect_status 125
expect_no_file ran

# The limit on descriptors that the command sees is ours, in each run.
# shellcheck disable=SC3045 # every sh of the tests has it
ulimit -n 300
expect_ok "$HWPROF" stat -r 2 -e task-clock -- sh -c 'ulimit -n'
[ "$(sort -u "$work/stdout")" = 300 ] || fail "the command's limit on descriptors was changed"
