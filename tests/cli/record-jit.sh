#!/bin/sh
# Code made at run time, by a program that knows its truth: named by /tmp/perf-PID.map or by a jitdump, at the sample's time
# even where three functions follow each other at one address; whole stacks through it; what is not known is said.
. "$top_srcdir/tests/lib/cli.sh"
need events python3

cat >check.py <<'EOPY'
# check.py REPORT TRUTH OUTER: each `truth FUNCTION SHARE` within four standard errors (and half a point) of its cum
# share; what they are called by.
import json, sys
report = json.load(open(sys.argv[1]))
rows = {r["function"]: r for r in report["rows"]}
samples = sum(r["samples"] for r in rows.values())
assert samples > 300, "only %d samples" % samples
worst, spun = 0.0, 0
for line in open(sys.argv[2]):
    word = line.split()
    if word[0] != "truth":
        continue
    row = rows.get(word[1], {"cum_share": 0, "dso": "nowhere"})
    got, p = 100 * row["cum_share"], float(word[2]) / 100
    allowed = 0.5 + 400 * (p * (1 - p) / samples) ** 0.5
    worst = max(worst, abs(got - 100 * p))
    assert abs(got - 100 * p) <= allowed, "%s: %.2f %%, truth %s, allowed %.2f" % (word[1], got, word[2], allowed)
    assert row["dso"].startswith("[JIT] pid "), row
    spun += got
assert abs(100 * rows[sys.argv[3]]["cum_share"] - spun) < 1, "%s: %s, not %s" % (sys.argv[3], rows[sys.argv[3]], spun)
quality = report["profile"]["quality"] if "quality" in report.get("profile", {}) else report["quality"]
complete = 100.0 * quality["stacks_complete"] / quality["samples"]
assert complete >= 99.5, "%.2f %% of stacks complete" % complete
print("%d samples, largest difference %.2f points, %.2f %% of stacks complete" % (samples, worst, complete))
EOPY

# record MODE: the profile of the workload in that mode, and its report as JSON.
record() {
	HWPROF_TRUTH=1 "$HWPROF" record -e cpu-clock -F 999 -o p.pb.gz -- "$workloads/jit" 1.5 "$1" >out 2>truth ||
		fail "jit $1: $(cat truth)"
	rm -f "/tmp/perf-$(sed -n 's/^pid //p' truth).map"
	"$HWPROF" report --json -n 0 p.pb.gz >report.json || fail "report of jit $1"
}

for mode in map bare; do
	record $mode
	python3 check.py report.json truth "jit outer, with blanks" >verdict 2>&1 || fail "$mode: $(cat verdict)"
	echo "$mode: $(cat verdict)"
done

record dump
python3 check.py report.json truth jit_outer >verdict 2>&1 || fail "dump: $(cat verdict)"
echo "dump: $(cat verdict)"
# Its lines, and the same in the reference tool.
expect_ok "$HWPROF" report --by line -n 0 p.pb.gz
expect_stdout_matches 'jit_second .*jit\.lang:20'
expect_stdout_matches 'jit_third .*jit\.lang:30'

# A map alone cannot tell: the last function has it all, and that is said.
record reuse
"$HWPROF" report -n 0 p.pb.gz >"$work/stdout"
expect_stdout_matches 'belonged to several functions, one after the other: they are named by the last one'
expect_stdout_matches '\[JIT\] pid [0-9]+ +jit_third$'
! grep -q 'jit_first$' "$work/stdout" || fail "jit_first has samples by a map that says jit_third"

record none
"$HWPROF" report -n 0 p.pb.gz >"$work/stdout"
expect_stdout_matches '^note +(9[0-9]|100)\.[0-9] % of the samples have frames in code that process [0-9]+ \(jit\) made at run time'
expect_stdout_matches ' \[anon\]$'

# In a container: another pid inside, and a /tmp that is gone with the last process.
if unshare -m -p -f true 2>/dev/null; then
	for mode in map dump; do
		HWPROF_TRUTH=1 "$HWPROF" record -e cpu-clock -F 999 -o p.pb.gz -- unshare -m -p -f sh -c \
			"cd '$workloads' && mount -t tmpfs none /tmp && cp jit /tmp && cd /tmp && exec ./jit 1 $mode" >out 2>truth ||
			fail "$mode in a container: $(cat truth)"
		"$HWPROF" report --json -n 0 p.pb.gz >report.json || fail "report of $mode in a container"
		outer=jit_outer
		[ $mode = dump ] || outer="jit outer, with blanks"
		python3 check.py report.json truth "$outer" >verdict 2>&1 || fail "$mode in a container: $(cat verdict)"
		echo "$mode in a container: $(cat verdict)"
	done
else
	echo "not asked: no new namespaces for this user"
fi
