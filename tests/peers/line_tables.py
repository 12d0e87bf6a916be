"""line_tables.py FILE LINE_TOOL: hold our rows against those llvm-dwarfdump lists, at the address of each.

Its rows are turned into answers as DWARF means them: a sequence covers the addresses from its first row up to its end,
the last row at or below an address counts, and where sequences overlap the row nearest to it. Sequences below the code
or at a tombstone are of functions the linker left out."""
import bisect
import itertools
import re
import subprocess
import sys


def code_start(path):
    """The lowest address of a section of code."""
    starts = []
    for line in subprocess.check_output(["readelf", "-SW", path], text=True).splitlines():
        columns = re.sub(r"^ *\[ *\d+\]", "", line).split()
        if len(columns) >= 8 and "X" in columns[6]:
            starts.append(int(columns[2], 16))
    return min(starts)


class Table:
    """One line program as llvm-dwarfdump prints it."""

    def __init__(self, offset):
        self.offset, self.version = offset, 0
        self.directories, self.files, self.sequences, self.rows = {}, {}, [], []

    def path(self, number):
        if number not in self.files:
            return "??"
        name, directory = self.files[number]
        if name.startswith("/"):
            return name
        folder = self.directories.get(directory, "")
        return folder + "/" + name if folder else name

    def row(self, address, line, column, file, is_end):
        self.rows.append((address, line, column, file))
        if is_end:
            self.sequences.append(self.rows)
            self.rows = []

    def live(self, start):
        """The sequences of code that is there, by their first address, and how far each and those before it reach."""
        live = sorted((rows for rows in self.sequences if rows[0][0] >= start), key=lambda rows: rows[0][0])
        reach = list(itertools.accumulate((rows[-1][0] for rows in live), max))
        return live, [rows[0][0] for rows in live], reach

    @staticmethod
    def answer(address, live, starts, reach):
        """The row that covers an address, or None."""
        best = None
        at = bisect.bisect_right(starts, address) - 1
        while at >= 0 and reach[at] > address:
            rows = live[at]
            if address < rows[-1][0]:
                row = rows[bisect.bisect_right(rows[:-1], address, key=lambda r: r[0]) - 1]
                if best is None or row[0] > best[0]:
                    best = row
            at -= 1
        return best


def read_tables(path):
    tables, table, number = [], None, None
    dump = subprocess.Popen(["llvm-dwarfdump", "--debug-line", path], text=True, stdout=subprocess.PIPE)
    for line in dump.stdout:
        if m := re.match(r"0x([0-9a-f]{16}) +(\d+) +(\d+) +(\d+) ", line):
            address, *numbers = m.groups()
            table.row(int(address, 16), *map(int, numbers), "end_sequence" in line)
        elif m := re.match(r"debug_line\[0x([0-9a-f]+)\]", line):
            table = Table(int(m[1], 16))
            tables.append(table)
        elif m := re.match(r'include_directories\[ *(\d+)\] = "(.*)"$', line):
            table.directories[int(m[1])] = m[2]
        elif m := re.match(r"file_names\[ *(\d+)\]:", line):
            number = int(m[1])
        elif m := re.match(r' +name: "(.*)"$', line):
            table.files[number] = (m[1], 0)
        elif m := re.match(r" +dir_index: (\d+)$", line):
            table.files[number] = (table.files[number][0], int(m[1]))
    dump.wait()
    return tables


def main():
    path, tool = sys.argv[1:]
    start, queries, expected = code_start(path), [], []
    for table in read_tables(path):
        # Rows of an address that goes back are outside of what DWARF allows.
        assert all(a[0] <= b[0] for rows in table.sequences for a, b in zip(rows, rows[1:]))
        live = table.live(start)
        addresses = sorted({row[0] for rows in live[0] for row in rows})
        for address in addresses:
            row = table.answer(address, *live)
            queries.append(f"{table.offset:x} {address:x}")
            expected.append("-" if row is None else f"{table.path(row[3])}:{row[1]}:{row[2]}")
    ours = subprocess.run([tool, "-q", path], input="\n".join(queries), text=True, capture_output=True, check=True)
    answers = [line.split(" ", 2) for line in ours.stdout.splitlines()]
    assert len(answers) >= len(queries), "not every address was answered"
    differences = 0
    for query, theirs, mine in zip(queries, expected, answers[-len(queries):]):
        if query != " ".join(mine[:2]) or theirs != mine[2]:
            differences += 1
            if differences <= 20:
                print(f"{query}: llvm-dwarfdump {theirs}, hwprof {mine}")
    print(f"{len(queries)} addresses, {sum(e == '-' for e in expected)} in no sequence, {differences} differ")
    return not queries or differences > 0


sys.exit(main())
