#!/bin/sh
# The profile that open-on-host.sh made in the guest: the same report here, and the same numbers in go tool pprof.
. "$top_srcdir/tests/pmu-vm/case.sh"
need python3

[ -s "$kept/moved.pb.gz" ] || fail "the guest left no profile"
"$HWPROF" report --json -n 0 "$kept/moved.pb.gz" >here.json || fail "no report"
diff "$kept/moved.json" here.json || fail "the report is another one here"

need go
go tool pprof -top -nodecount=0 -nodefraction=0 -sample_index=cycles "$kept/moved.pb.gz" >top 2>err ||
	fail "go tool pprof: $(cat err)"
# flat flat% sum% cum cum% name, behind a line with these words; pprof shortens numbers to four digits.
python3 - here.json top <<'PY' >verdict 2>&1 || fail "$(cat verdict)"
import json, re, sys
unit = {"": 1, "k": 1e3, "M": 1e6, "B": 1e9}
def number(word):
    digits, suffix = re.fullmatch(r"([0-9.]+)([kMB]?)", word).groups()
    return float(digits) * unit[suffix]
ours = {}
for row in json.load(open(sys.argv[1]))["rows"]:
    ours.setdefault(row["function"], [0, 0])
    ours[row["function"]][0] += row["flat"]
    ours[row["function"]][1] = max(ours[row["function"]][1], row["cum"])
lines = open(sys.argv[2]).read().split("flat  flat%", 1)[1].splitlines()[1:]
theirs = {}
for line in lines:
    word = line.split(None, 5)
    theirs[word[5].replace(" (inline)", "")] = (number(word[0]), number(word[3]))
assert len(theirs) >= 60, theirs
for name, (flat, cum) in theirs.items():
    assert name in ours, "%s is in pprof only" % name
    for a, b in zip((flat, cum), ours[name]):
        assert abs(a - b) <= 0.0051 * max(a, b), (name, flat, cum, ours[name])
print("%d functions alike" % len(theirs))
PY
cat verdict
