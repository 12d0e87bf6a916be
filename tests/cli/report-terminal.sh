#!/bin/sh
# shellcheck disable=SC2016 # what is quoted is expanded by the shell on the terminal
# On a terminal: colours, width, pager. script(1) makes the terminal.
. "$top_srcdir/tests/lib/cli.sh"
. "$top_srcdir/tests/lib/report.sh"
need script stty

make_profile "cpu/nanoseconds" p.pb.gz <<'END'
main;std::vector<std::basic_string<char,std::char_traits<char>,std::allocator<char>>,std::allocator<int>>::push_back(int&&) 70
main;f![kernel.kallsyms] 30
END

# on_terminal COLUMNS LINES COMMAND: what a terminal of that size receives, to stdout.
on_terminal() {
	run script -qec "stty cols $1 rows $2; $3" /dev/null </dev/null
	expect_status 0
	tr -d '\r' <"$work/stdout" >"$work/plain" && mv "$work/plain" "$work/stdout"
}

esc=$(printf '\033')
TERM=xterm
export TERM HWPROF

on_terminal 80 50 '"$HWPROF" report p.pb.gz'
expect_stdout_has "${esc}[1;31m"
expect_stdout_matches 'std::vector<std::.*….*push_back\(int&&\)'
sed -e "s/$esc\[[0-9;]*m//g" -e '1,/^$/d' "$work/stdout" >plain
[ -s plain ] || fail "there is no table"
[ "$(wc -L <plain)" -le 80 ] || fail "a line is wider than 80 columns"
on_terminal 80 50 '"$HWPROF" report --wide p.pb.gz'
expect_stdout_has "std::allocator<char>>,std::allocator<int>>::push_back"

# No colours where they are not wanted, or where there is no terminal; but where they are asked for.
on_terminal 80 50 'NO_COLOR=1 "$HWPROF" report p.pb.gz'
! grep -q "$esc" "$work/stdout" || fail "NO_COLOR is not respected"
on_terminal 80 50 '"$HWPROF" report --color never p.pb.gz'
! grep -q "$esc" "$work/stdout" || fail "--color never is not respected"
on_terminal 80 50 'TERM=dumb "$HWPROF" report p.pb.gz'
! grep -q "$esc" "$work/stdout" || fail "a dumb terminal gets colours"
expect_ok "$HWPROF" report p.pb.gz
! grep -q "$esc" "$work/stdout" || fail "a file gets colours"
expect_ok "$HWPROF" report --color always p.pb.gz
expect_stdout_has "${esc}[1;31m"
# Colours are all that differs.
sed "s/$esc\[[0-9;]*m//g" "$work/stdout" >without
expect_ok "$HWPROF" report p.pb.gz
cmp -s "$work/stdout" without || fail "colours change the text"

# The pager gets a report that is longer than the screen, and only that.
on_terminal 80 5 'PAGER="sed s/^/paged:/" "$HWPROF" report p.pb.gz'
expect_stdout_has "paged:"
on_terminal 80 50 'PAGER="sed s/^/paged:/" "$HWPROF" report p.pb.gz'
! grep -q "paged:" "$work/stdout" || fail "a short report was paged"
on_terminal 80 5 'PAGER="sed s/^/paged:/" "$HWPROF" report --no-pager p.pb.gz'
! grep -q "paged:" "$work/stdout" || fail "--no-pager is not respected"
for none in "" cat; do
	on_terminal 80 5 "PAGER='$none' \"\$HWPROF\" report p.pb.gz"
	expect_stdout_has "push_back"
done
# A pager that is not there is done without; one that leaves early is no error.
on_terminal 80 5 'PAGER=/no/such/pager "$HWPROF" report p.pb.gz'
expect_stdout_has "push_back"
on_terminal 80 5 'PAGER=true "$HWPROF" report p.pb.gz'
run sh -c 'PAGER="sed s/^/paged:/" "$HWPROF" report p.pb.gz | cat'
! grep -q "paged:" "$work/stdout" || fail "a pipe was paged"
