#!/bin/sh
# go tool pprof on the same files: flat and cum of every function (-top), every edge (-peek), every path (-traces); of
# several events, every column of each.
#
# Known differences, all by intent:
# - pprof sums functions of one name whatever their file; hwprof keeps them apart, so cums are compared for names that
#   occur once, and flats, which add up, for all.
# - pprof shows addresses without symbol by file only: "[libx.so]" for hwprof's "[libx.so+0x123]".
# - with recursion, hwprof counts a stack for one caller only: the profiles here have none.
. "$top_srcdir/tests/lib/cli.sh"
. "$top_srcdir/tests/lib/report.sh"
need go python3
go tool pprof -h >/dev/null 2>&1 || [ $? -eq 2 ] || skip go "go has no pprof"

cat >compare.py <<'END'
import json, re, subprocess, sys

path, event, hwprof = sys.argv[1:]


def pprof(*arguments):
    command = ["go", "tool", "pprof", "-symbolize=none", "-nodecount=0", "-nodefraction=0", "-edgefraction=0",
               "-unit=ns", "-sample_index=" + event, *arguments, path]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


def report(*arguments):
    command = [hwprof, "report", path, "-e", event, "--json", *arguments]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)["rows"]


def number(text):
    return int(re.sub(r"[a-z]+$", "", text))


def plain(name):
    name = name.removesuffix(" (inline)").removesuffix(" (partial-inline)")
    return re.sub(r"^\[(.*)\+0x[0-9a-f]+\]$", r"[\1]", name)


def same(what, ours, theirs):
    if ours != theirs:
        sys.exit(f"{path}: {what}: hwprof says {ours}, pprof {theirs}")


# -top
theirs = {}
for line in pprof("-top"):
    m = re.match(r"\s*(\S+)\s+\S+%?\s+\S+%\s+(\S+)\s+\S+%\s+(.*)$", line)
    if m and not line.startswith(" " * 6 + "flat"):
        theirs[plain(m[3])] = (number(m[1]), number(m[2]))
ours = {}
for row in report():
    ours.setdefault(plain(row["function"]), []).append(row)
same("names", sorted(ours), sorted(theirs))
for name, rows in ours.items():
    same(f"flat of {name}", sum(row["flat"] for row in rows), theirs[name][0])
    if len(rows) == 1:
        same(f"cum of {name}", rows[0]["cum"], theirs[name][1])

# -peek: blocks of callers, the function, callees, parted by lines of dashes
unique = {name for name, rows in ours.items() if len(rows) == 1}
callers, callees = {}, {}
for block in "\n".join(pprof("-peek", ".")).split("-+-------------\n"):
    above, center = {}, None
    for line in block.splitlines():
        edge = re.match(r"\s*(\S+)\s+\S+%\s+\|   (.*)$", line)
        node = re.match(r"\s*\S+\s+\S+%?\s+\S+%\s+\S+\s+\S+%\s+\| (.*)$", line)
        if node:
            center = plain(node[1])
            callers[center], callees[center] = above, {}
        elif edge:
            into = above if center is None else callees[center]
            into[plain(edge[2])] = number(edge[1])
edges = 0
for side, theirs in ("callers", callers), ("callees", callees):
    for row in report("--" + side, "."):
        name = plain(row["function"])
        if name not in unique:
            continue
        for other in row[side]:
            if other["function"] and plain(other["function"]) in unique:
                same(f"{side} of {name}: {other['function']}", other["value"], theirs[name].get(plain(other["function"])))
                edges += 1

# -traces: a value and the leaf, then its callers, one a line; samples parted by lines of dashes
paths = {}
for block in re.split(r"-+\+-+\n", "\n".join(pprof("-traces")) + "\n")[1:]:
    lines = [line for line in block.splitlines() if line and not re.match(r"\s*\S+:  ", line)]
    if not lines:
        continue
    value, leaf = lines[0].split(None, 1)
    stack = [plain(leaf)] + [plain(line.strip()) for line in lines[1:]]
    for i in range(len(stack)):
        key = tuple(reversed(stack[i:]))
        paths[key] = paths.get(key, 0) + number(value)
stack, ours = [], {}
for row in report("--tree", "--min-share", "0")[1:]:
    del stack[row["depth"] - 1:]
    stack.append(plain(row["function"]))
    ours[tuple(stack)] = ours.get(tuple(stack), 0) + row["cum"]
same("number of paths", len(ours), len(paths))
for key in paths:
    same(f"path {';'.join(key)}", ours.get(key), paths[key])
if not edges:
    sys.exit(f"{path}: no edge was compared")
print(f"{path}: {len(theirs)} functions, {edges} edges, {len(paths)} paths agree")
END

compare() {
	expect_ok python3 compare.py "$1" "$2" "$HWPROF"
	cat "$work/stdout"
}

make_profile "samples/count cpu/nanoseconds" small.pb.gz <<'END'
_start;main@src/app.c:10;parse@src/parse.c:20;next@src/parse.c:31 40 400000000
_start;main@src/app.c:10;parse@src/parse.c:22|skip@src/parse.h:5|inner@src/inner.h:5 10 100000001
clone3!/usr/lib/libc.so.6;work@src/app.c:30;read!/usr/lib/libc.so.6;ksys_read![kernel.kallsyms] 15 150000000
clone3!/usr/lib/libc.so.6;work@src/app.c:31;0x4a50!/opt/libvendor.so.2 5 50000000
END
compare small.pb.gz cpu

# Many stacks over few functions, each level calling only the next ones; some inlined, some without symbol.
awk 'BEGIN {
	srand(7)
	for (i = 0; i < 400; i++) {
		stack = "main@m.c:1"
		for (level = 1; level < 8; level++) {
			if (rand() < 0.2)
				continue
			frame = sprintf("f%d_%d", level, int(rand() * 4))
			if (level == 7 && rand() < 0.1)
				frame = sprintf("0x%x", 16 * int(rand() * 9))
			else if (rand() < 0.3)
				frame = sprintf("g%s@l%d.c:%d|in%d_%d@in.h:3", frame, level, int(rand() * 9), level, int(rand() * 2))
			stack = stack ";" frame (level % 3 ? "" : "!lib3.so")
		}
		print stack, 1, 1 + int(rand() * 1000000)
	}
}' >random.txt
make_profile "samples/count cpu/nanoseconds" random.pb.gz <random.txt
compare random.pb.gz cpu

# Another event of the file than the default.
compare random.pb.gz samples

# Several events: what stands side by side is what pprof shows of each, and the default is the same one.
cat >columns.py <<'END'
import csv, json, re, subprocess, sys

path, hwprof, *events = sys.argv[1:]


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def plain(name):
    name = name.removesuffix(" (inline)").removesuffix(" (partial-inline)")
    return re.sub(r"^\[(.*)\+0x[0-9a-f]+\]$", r"[\1]", name)


# {name: (flat, cum)} without what is 0, of pprof; and of hwprof, cum of names that occur once, None for others
def top(*arguments):
    rows = {}
    for line in run("go", "tool", "pprof", "-symbolize=none", "-nodecount=0", "-nodefraction=0", "-edgefraction=0",
                    "-unit=ns", "-top", *arguments, path).splitlines():
        m = re.match(r"\s*(\d+)(?:ns)?\s+\S+%?\s+\S+%\s+(\d+)(?:ns)?\s+\S+%\s+(.*)$", line)
        if m:
            rows[plain(m[3])] = int(m[1]), int(m[2])
    return {name: sums for name, sums in rows.items() if sums != (0, 0)}


def column(rows, flat, cum):
    sums = {}
    for row in rows:
        sums.setdefault(plain(row["function"]), []).append((int(flat(row)), int(cum(row))))
    sums = {name: (sum(s[0] for s in list), list[0][1] if len(list) == 1 else None) for name, list in sums.items()}
    return {name: both for name, both in sums.items() if both != (0, 0)}


def same(what, ours, theirs):
    theirs = {name: (flat, cum if ours.get(name, (0, 0))[1] is not None else None)
              for name, (flat, cum) in theirs.items()}
    ours = {name: both for name, both in ours.items() if name in theirs or both != (0, None)}
    for name in sorted(ours.keys() | theirs.keys()):
        if ours.get(name) != theirs.get(name):
            sys.exit(f"{path}: {what} of {name}: hwprof says {ours.get(name)}, pprof {theirs.get(name)}")


report = json.loads(run(hwprof, "report", path, "--json"))
rows = report["rows"]
table = list(csv.DictReader(run(hwprof, "report", path, "--csv").splitlines()))
listed = [event["name"] for event in report["report"]["events"]]
if sorted(listed) != sorted(events):
    sys.exit(f"{path}: hwprof shows {listed}")
if [row["function"] for row in table] != [row["function"] for row in rows]:
    sys.exit(f"{path}: CSV has other rows than JSON")
compared = 0
for event in events:
    theirs = top("-sample_index=" + event)
    prefix = "" if event == report["report"]["event"] else event + ":"
    same(event, column(rows, lambda row: row["events"][event]["flat"], lambda row: row["events"][event]["cum"]), theirs)
    same(event + " in CSV", column(table, lambda row: row[prefix + "flat"], lambda row: row[prefix + "cum"]), theirs)
    same(event + "'s samples", column(rows, lambda row: row["events"][event]["samples"],
                                      lambda row: row["events"][event]["cum_samples"]),
         top("-sample_index=" + event + "_samples"))
    compared += len(theirs)
same("the default", column(rows, lambda row: row["flat"], lambda row: row["cum"]), top())
print(f"{path}: {compared} functions of {len(events)} events agree")
END
awk 'BEGIN {
	srand(11)
	for (i = 0; i < 300; i++) {
		stack = "main"
		for (level = 1; level < 6; level++)
			if (rand() < 0.8)
				stack = stack sprintf(";f%d_%d", level, int(rand() * 5))
		print stack, n = int(rand() * 5), n * 1000003, n = int(rand() * 3), n * 999, n = int(rand() * 2), n * 10000
	}
}' >several.txt
{
	echo "%default instructions"
	cat several.txt
} | make_profile "cycles_samples/count cycles/count instructions_samples/count instructions/count cpu-clock_samples/count cpu-clock/nanoseconds" several.pb.gz
expect_ok python3 columns.py several.pb.gz "$HWPROF" cycles instructions cpu-clock
cat "$work/stdout"

# And of a recording.
need events
expect_ok "$HWPROF" record -e cpu-clock -e page-faults -o recorded.pb.gz -- "$workloads/serial" 0.5
expect_ok python3 columns.py recorded.pb.gz "$HWPROF" cpu-clock page-faults
cat "$work/stdout"
