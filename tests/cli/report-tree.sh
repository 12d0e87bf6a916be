#!/bin/sh
# The call tree: drawn with boxes and in ASCII, pruned, limited, filtered; as JSON and CSV it adds up.
. "$top_srcdir/tests/lib/cli.sh"
. "$top_srcdir/tests/lib/report.sh"

example_profile p.pb.gz
show p.pb.gz --tree -e cpu-clock
LC_ALL=C
show p.pb.gz --tree -e cpu-clock --min-share 15
LC_ALL=C.UTF-8
show p.pb.gz --tree -e cpu-clock -n 1
show p.pb.gz --tree -e cpu-clock --focus walk
show p.pb.gz --tree -e cpu-clock --by dso
show p.pb.gz --tree -e cpu-clock --csv --min-share 15
show p.pb.gz --tree -e cpu-clock --json --min-share 60
expect_shown

# In JSON, what every node's rows say of it: cum is flat and the cum of its children, [other] included.
need python3
expect_ok "$HWPROF" report p.pb.gz --tree -e cpu-clock --json --min-share 15
python3 - "$work/stdout" <<'END' || fail "the tree does not add up"
import json, sys
rows = json.load(open(sys.argv[1]))["rows"]
below = [row["flat"] for row in rows]
for row in rows:
    if row["parent"] is not None:
        below[row["parent"]] += row["cum"]
assert rows[0]["cum"] == 1000000000
for row, total in zip(rows, below):
    assert "other_count" in row or total == row["cum"], row
END
