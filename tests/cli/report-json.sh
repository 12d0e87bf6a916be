#!/bin/sh
# JSON and CSV: all of them, and whatever bytes names hold.
. "$top_srcdir/tests/lib/cli.sh"
. "$top_srcdir/tests/lib/report.sh"

example_profile p.pb.gz
show p.pb.gz -e cpu-clock --json
show p.pb.gz -e cpu-clock --json --by line -n 2
show p.pb.gz -e cpu-clock --json --by thread --focus work
show p.pb.gz -e cpu-clock --csv
show p.pb.gz -e cpu-clock --csv --by line -n 2
show p.pb.gz -e cpu-clock --csv --by dso -n 2
show p.pb.gz -e cpu-clock --csv --by thread
show p.pb.gz -e cpu-clock --csv --by process
expect_shown

# Control characters, quotes, separators and bytes that are no UTF-8 stay inside their field.
printf 'a"b\\c,d\t\033[31m\377;f\342\202\254 7\n' | make_profile cpu/nanoseconds odd.pb.gz
need python3
expect_ok "$HWPROF" report odd.pb.gz --json
python3 - "$work/stdout" <<'END' || fail "not the names that went in"
import json, sys
rows = json.loads(open(sys.argv[1], "rb").read().decode("utf-8", "strict"))["rows"]
assert [row["function"] for row in rows] == ["f\u20ac", "a\"b\\c,d\t\x1b[31m\ufffd"], rows
END
expect_ok "$HWPROF" report odd.pb.gz --csv
python3 - "$work/stdout" <<'END' || fail "not the fields that went in"
import csv, sys
rows = list(csv.reader(open(sys.argv[1], encoding="utf-8", newline="")))
assert [len(row) for row in rows] == [9, 9, 9], rows
assert rows[2][0] == "a\"b\\c,d\t\x1b[31m\ufffd", rows
END
# At the terminal they are shown, not obeyed.
expect_ok "$HWPROF" report odd.pb.gz
expect_stdout_has 'a"b\c,d\x09\x1b[31m'
