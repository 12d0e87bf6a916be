#!/bin/sh
# Shares against what the programs' own thread CPU clocks say: serial work, threads beside each other, a background
# thread, signal handlers, children, plugins that come and go at the same place, the vdso.
. "$top_srcdir/tests/lib/cli.sh"
need events python3

cat >compare.py <<'EOPY'
# compare.py REPORT TRUTH POINTS: every `truth FUNCTION SHARE` within POINTS of the report's cum share, or, when POINTS
# is "noise", within four standard errors of a share of that many independent samples (and half a point for what the
# clock calls themselves cost).
import json, sys
rows = {r["function"]: r for r in json.load(open(sys.argv[1]))["rows"]}
samples = sum(r["samples"] for r in rows.values())
worst, bad = 0.0, []
for line in open(sys.argv[2]):
    word = line.split()
    if len(word) != 3 or word[0] != "truth":
        continue
    got = 100 * rows.get(word[1], {"cum_share": 0})["cum_share"]
    p = float(word[2]) / 100
    allowed = 0.5 + 400 * (p * (1 - p) / samples) ** 0.5 if sys.argv[3] == "noise" else float(sys.argv[3])
    worst = max(worst, abs(got - float(word[2])))
    if abs(got - float(word[2])) > allowed:
        bad.append("%s: %.2f %%, truth %s, allowed difference %.2f" % (word[1], got, word[2], allowed))
assert samples > 300, "only %d samples" % samples
print("%d samples, largest difference %.2f points" % (samples, worst))
print("\n".join(bad))
sys.exit(bool(bad))
EOPY

# check POINTS WORKLOAD ARGUMENT...
check() {
	points=$1
	workload=$2
	shift 2
	HWPROF_TRUTH=1 "$HWPROF" record -q -e cpu-clock -F 999 -o p.pb.gz -- "$workloads/$workload" "$@" >out 2>truth ||
		fail "$workload: $(cat truth)"
	"$HWPROF" report --json -n 0 p.pb.gz >report.json || fail "report of $workload"
	python3 compare.py report.json truth "$points" >verdict || fail "$workload: $(cat verdict)"
	echo "$workload: $(head -n 1 verdict)"
}

check 1 serial 5
check 1 parallel 5
check noise background 2
check noise signals 2
check noise forks 2
check noise vdso 1
check noise dlopen_close 2
check noise threads 3 2000
