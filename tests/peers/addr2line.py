"""addr2line.py PROGRAM RESOLVE_TOOL COUNT [CLASS=PERCENT...]: name COUNT random addresses of a program's code with
hwprof, eu-addr2line -i and llvm-symbolizer, and hold functions, inlined frames, files, lines and columns against each
other.

A difference must be of a class that is known, and of no class more than PERCENT of the addresses (default: LIMITS). Where
eu-addr2line differs in frames or places, llvm-symbolizer must say what hwprof says: nowhere may hwprof stand alone.

eu:short    eu-addr2line (0.188) lists no inlined frames at all where the function or its origin is in another unit (LTO) or
            within another function (lambdas, local classes); the function and the innermost place are compared.
eu:overlap  the ranges of inlined functions overlap at the address, and eu-addr2line goes down another of them; the innermost
            place is the same.
eu:padding  between functions, where llvm-symbolizer knows no function either, eu-addr2line has one that was inlined.
eu:caller   eu-addr2line prints the place of another call of the same file for a caller.
*:bare      DWARF has no linkage name (functions local to a unit): the peer prints the last part of the name.
*:clone     the peer takes a symbol's name, with ".cold", ".isra.0", ".constprop.0" behind, for the function.
llvm:alias  of several symbols at one address the peer takes another (destructors and constructors in two versions).
llvm:guess  llvm-symbolizer guesses a file for code without lines, from the symbols of files.

Demangled names are held against c++filt's, without the type that a template function returns."""
import collections
import random
import re
import subprocess
import sys
import tempfile

LIMITS = {"eu:short": 15, "eu:overlap": 2, "eu:padding": 1, "eu:caller": 1, "eu:bare": 10, "eu:clone": 1,
          "llvm:bare": 10, "llvm:clone": 40, "llvm:alias": 5, "llvm:guess": 2}
SEED = 4


def random_addresses(program, count):
    """Distinct addresses of .text, in ascending order."""
    for line in subprocess.check_output(["readelf", "-SW", program], text=True).splitlines():
        columns = re.sub(r"^ *\[ *\d+\]", "", line).split()
        if columns and columns[0] == ".text":
            start, size = int(columns[2], 16), int(columns[4], 16)
            return sorted(random.Random(SEED).sample(range(start, start + size), min(count, size)))
    sys.exit(f"{program} has no .text")


def symbols_of(program):
    """The address of every symbol."""
    lines = subprocess.check_output(["nm", program], text=True).splitlines()
    return {columns[2]: columns[0] for columns in map(str.split, lines) if len(columns) == 3}


def frames_of(lines, pair_lines):
    """Output of lines "0xADDRESS", then frames, as {address: [(function, file, line, column)]}."""
    answers, frames, name = {}, None, None
    for line in lines:
        if re.fullmatch(r"0x[0-9a-f]+", line):
            frames = answers.setdefault(int(line, 16), [])
        elif not line:
            continue
        elif pair_lines and name is None:
            name = line
        else:
            if not pair_lines:
                name, line = line.split("\t")
            place = re.sub(r" \(.*\)$", "", line)
            if not re.search(r":\d+:\d+$", place):
                place += ":0"
            file, number, column = place.rsplit(":", 2)
            if name != "??":
                frames.append((name, file, int(number), int(column)))
            name = None
    return answers


def ask(commands, addresses, pair_lines):
    """Run commands side by side, each with its share of the addresses."""
    share = -(-len(addresses) // len(commands))
    running = []
    for i, command in enumerate(commands):
        given, answer = tempfile.TemporaryFile("w+"), tempfile.TemporaryFile("w+")
        given.writelines(f"{a:#x}\n" for a in addresses[i * share:(i + 1) * share])
        given.seek(0)
        running.append((subprocess.Popen(command, stdin=given, stdout=answer), answer))
    answers = {}
    for child, answer in running:
        if child.wait() != 0:
            sys.exit(f"{child.args} failed")
        answer.seek(0)
        answers |= frames_of(answer.read().splitlines(), pair_lines)
    return answers


class Comparison:
    def __init__(self, symbols):
        self.symbols = symbols
        self.counts = collections.Counter()
        self.unexplained = []

    def name(self, peer, address, theirs, mine):
        if theirs == mine:
            return
        bare = theirs.split("<")[0]
        if theirs.startswith(mine + "."):
            self.counts[f"{peer}:clone"] += 1
        elif peer == "llvm" and self.symbols.get(theirs, 0) == self.symbols.get(mine, 1):
            self.counts["llvm:alias"] += 1
        elif mine.endswith("::" + theirs) or (mine.startswith("_Z") and f"{len(bare)}{bare}" in mine):
            self.counts[f"{peer}:bare"] += 1
        elif peer == "llvm" and theirs.startswith("_Z") and not mine.startswith("_Z") and same_source_name(theirs, mine):
            self.counts["llvm:bare"] += 1
        else:
            self.unexplained.append((peer, address, "name", theirs, mine))

    def frames(self, peer, address, theirs, mine, other):
        """The frames of one address; other: what the other peer says, which decides where this one differs."""
        places = [frame[1:] for frame in mine]
        confirmed = peer == "eu" and [frame[1:] for frame in other] == places
        same_start = bool(theirs) and bool(mine) and theirs[0][1:] == places[0]
        before = len(self.unexplained)
        if peer == "eu" and theirs and not mine and not other:
            self.counts["eu:padding"] += 1
            return
        if confirmed and same_start and len(theirs) == 1 < len(mine):
            self.counts["eu:short"] += 1
            if theirs[0][0] != mine[0][0]:  # it names that "inlined at", without listing it
                self.name(peer, address, theirs[0][0], mine[-1][0])
            return
        if len(theirs) != len(mine):
            self.unexplained.append((peer, address, "frames", theirs, mine))
        for i, (their, my) in enumerate(zip(theirs, mine) if len(theirs) == len(mine) else ()):
            self.name(peer, address, their[0], my[0])
            if their[1:] == my[1:]:
                continue
            if confirmed and i > 0 and their[1] == my[1]:
                self.counts["eu:caller"] += 1
            elif peer == "llvm" and my[1:] == ("??", 0, 0) and their[2] == 0:
                self.counts["llvm:guess"] += 1
            else:
                self.unexplained.append((peer, address, "place", their, my))
        if confirmed and same_start and len(self.unexplained) > before:
            del self.unexplained[before:]
            self.counts["eu:overlap"] += 1


def same_source_name(mangled, name):
    last = re.split(r"::", re.sub(r"<.*", "", name))[-1]
    return f"{len(last)}{last}" in mangled


def demangled_differences(ours, ours_demangled):
    """Names that are not c++filt's of the same symbol."""
    pairs = {(m[0], d[0]) for a in ours for m, d in zip(ours[a], ours_demangled[a])}
    pairs = sorted(pair for pair in pairs if pair[0].startswith("_Z"))
    filtered = subprocess.run(["c++filt"], input="".join(m + "\n" for m, _ in pairs), text=True, capture_output=True,
                              check=True).stdout.splitlines()
    return [(m, d, full) for (m, d), full in zip(pairs, filtered) if full != d and not full.endswith(" " + d)], len(pairs)


def main():
    program, tool, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    limits = LIMITS | {name: float(value) for name, value in (a.split("=") for a in sys.argv[4:])}
    addresses = random_addresses(program, count)
    ours = ask([[tool, "-m", program]], addresses, False)
    ours_demangled = ask([[tool, program]], addresses, False)
    eu = ask([["eu-addr2line", "-a", "-i", "-f", "-e", program]] * 2, addresses, True)
    # "FUNCTION inlined at PLACE in FUNCTION"
    eu = {a: [(f[0].split(" inlined at ")[0],) + f[1:] for f in frames] for a, frames in eu.items()}
    llvm = ask([["llvm-symbolizer", "--no-demangle", "-a", "-i", "-f", "-e", program]], addresses, True)
    comparison = Comparison(symbols_of(program))
    for address in addresses:
        mine = ours.get(address, [])
        comparison.frames("eu", address, eu[address], mine, llvm[address])
        comparison.frames("llvm", address, llvm[address], mine, eu[address])
    wrong_names, names = demangled_differences(ours, ours_demangled)
    failed = False
    for peer, address, what, theirs, mine in comparison.unexplained[:10]:
        print(f"{address:#x}: {what}: {peer} {str(theirs)[:300]}, hwprof {str(mine)[:300]}")
    for mangled, name, full in wrong_names[:10]:
        print(f"{mangled}: hwprof {name}, c++filt {full}")
    for name, number in sorted(comparison.counts.items()):
        over = number > limits[name] / 100 * len(addresses)
        failed |= over
        print(f"{name}: {number}" + (f", more than {limits[name]} % of the addresses" if over else ""))
    frames = sum(map(len, ours.values()))
    deep = sum(len(f) > 1 for f in ours.values())
    print(f"{len(addresses)} addresses, {frames} frames, {deep} addresses with inlined ones, {names} names, "
          f"{len(comparison.unexplained) + len(wrong_names)} unexplained")
    return failed or len(comparison.unexplained) + len(wrong_names) > 0 or deep * 2 < len(addresses)


sys.exit(main())
