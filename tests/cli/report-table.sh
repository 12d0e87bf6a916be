#!/bin/sh
# The table: sorted by flat and by cum, cut, grouped by everything, of another event, filtered.
. "$top_srcdir/tests/lib/cli.sh"
. "$top_srcdir/tests/lib/report.sh"

example_profile p.pb.gz
show -e cpu-clock p.pb.gz
show p.pb.gz --cum -n 3
show p.pb.gz --min-share 20%
show p.pb.gz -e samples
show p.pb.gz -e cpu-clock --by line
show p.pb.gz -e cpu-clock --by dso
show p.pb.gz -e cpu-clock --by thread
show p.pb.gz -e cpu-clock --by process
show p.pb.gz -e cpu-clock --focus '^parse$' --ignore 'parse\.h'
show p.pb.gz --focus nothing-like-this
expect_shown

# The default file, and the default number of rows, which -n 0 lifts.
i=0
while [ $i -lt 40 ]; do
	i=$((i + 1))
	echo "f$i $i"
done >hwprof.folded
cp p.pb.gz hwprof.pb.gz
expect_ok "$HWPROF" report
expect_stdout_has "file      hwprof.pb.gz"
expect_ok "$HWPROF" report hwprof.folded
expect_stdout_has "... and 10 more rows with 6.71% flat; -n 0 shows all"
[ "$(grep -cE ' f[0-9]+$' "$work/stdout")" -eq 30 ] || fail "not 30 rows"
expect_ok "$HWPROF" report hwprof.folded -n 0
[ "$(grep -cE ' f[0-9]+$' "$work/stdout")" -eq 40 ] || fail "not 40 rows"

# From a pipe, and not compressed.
gunzip -c p.pb.gz >plain.pb
expect_ok "$HWPROF" report plain.pb -e cpu-clock
grep -v '^file ' "$work/stdout" >from_plain
# shellcheck disable=SC2016 # expanded by the inner shell
expect_ok sh -c '"$HWPROF" report - -e cpu-clock <p.pb.gz'
grep -v '^file ' "$work/stdout" | cmp -s - from_plain || fail "a pipe shows something else"
