#!/usr/bin/env python3
"""Do hwprof and perf name the same top functions with shares of the same order?

Usage: top_functions.py HWPROF_REPORT.json PERF_REPORT.txt IGNORED_COMM...

PERF_REPORT is `perf report --stdio --no-children -g none -t '|' -F sample,comm,dso,sym`. Samples of the ignored
commands (the recorder itself, under which the program ran) do not count. Differences that are known and why:
 - Code without a symbol: perf prints each raw address, hwprof the function's start by .eh_frame. Both are summed per
   file here, as "[FILE]".
 - The kernel: both see it only where interrupts are enabled again, and perf splits what hwprof sees as one when the
   two sample at different moments. Summed as "[kernel]".
 - C++ names: hwprof shows parameters, perf report does not. They are cut.
 - Several names at one address (free and cfree, __GI_read and read): each tool picks one. ALIASES maps them.
 - Compiler clones (.isra.0, .part.0, .cold): perf 6.1 shows the symbol, hwprof the function; the suffix is cut.
"""

import json
import re
import sys

TOP = 10
NOTABLE = 3.0  # percent; below this two runs of one profiler differ as much
FACTOR = 2.0   # same order of magnitude, or
SLACK = 2.0    # so many points, and three standard errors of a share of that many samples

ALIASES = {"cfree": "free", "__libc_free": "free", "__libc_malloc": "malloc", "__libc_calloc": "calloc",
           "__libc_realloc": "realloc", "__libc_read": "read", "__libc_write": "write"}


def without_parameters(name):
    """Cut the last balanced (...) off: "f(int (*)(long))" is f, "(anonymous namespace)::f(int)" is that f."""
    end = name.rfind(")")
    depth = 0
    for at in range(end, -1, -1):
        depth += (name[at] == ")") - (name[at] == "(")
        if depth == 0:
            return name[:at] or name
    return name


def plain(name, dso):
    """One spelling for a function of either tool."""
    if dso.startswith("[kernel") or dso.endswith(".ko") or re.fullmatch(r"\[\w+\]", dso) and dso != "[vdso]":
        return "[kernel]"
    if re.fullmatch(r"0x[0-9a-f]+", name) or re.fullmatch(r"\[.*\+0x[0-9a-f]+\]", name):
        return "[%s]" % dso.rsplit("/", 1)[-1]
    name = name.split("@")[0] or name
    name = re.sub(r"^__GI_", "", name)
    name = ALIASES.get(name, name)
    if name.endswith(")") or name.endswith(" const"):
        name = without_parameters(name)
    return re.sub(r"\.(isra|part|constprop|cold|lto_priv)(\.\d+)*$", "", name)


def shares(rows):
    """Shares in percent by name, and the number of samples behind them; rows are (name, samples)."""
    total = sum(value for _, value in rows)
    result = {}
    for name, value in rows:
        result[name] = result.get(name, 0) + 100.0 * value / total
    return result, total


def read_hwprof(path):
    with open(path, encoding="utf-8") as file:
        rows = json.load(file)["rows"]
    return shares([(plain(r["function"], r.get("dso", "")), r["samples"]) for r in rows])


def read_perf(path, ignored):
    rows = []
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            fields = [field.strip() for field in line.split("|", 3)]
            if line.startswith("#") or len(fields) != 4 or fields[1] in ignored:
                continue
            kind, _, name = fields[3].partition(" ")
            rows.append((plain(name.strip(), "[kernel]" if kind == "[k]" else fields[2]), int(fields[0])))
    return shares(rows)


def agree(a, b, samples):
    p = (a + b) / 200
    noise = 300 * (p * (1 - p) / samples) ** 0.5
    return abs(a - b) <= SLACK + noise or (min(a, b) > 0 and max(a, b) / min(a, b) <= FACTOR)


def main():
    ours, our_samples = read_hwprof(sys.argv[1])
    theirs, their_samples = read_perf(sys.argv[2], sys.argv[3:])
    if min(our_samples, their_samples) < 100:
        sys.exit("too few samples to compare: %d of hwprof's, %d of perf's" % (our_samples, their_samples))
    names = []
    for table in (ours, theirs):
        names += [n for n in sorted(table, key=lambda n: -table[n])[:TOP] if n not in names]
    wrong = 0
    for name in names:
        a, b = ours.get(name, 0.0), theirs.get(name, 0.0)
        differs = max(a, b) >= NOTABLE and not agree(a, b, min(our_samples, their_samples))
        wrong += differs
        print("  %6.2f %%  %6.2f %%  %s%s" % (a, b, name[:90], "   <-- differs" if differs else ""))
    common = sum(1 for n in names if n in ours and n in theirs)
    print("  %d names in either top %d, %d in both, %d differ" % (len(names), TOP, common, wrong))
    sys.exit(1 if wrong else 0)


main()
