#!/bin/sh
# Files between hwprof and pprof, both ways, with `go tool pprof` as the truth: what hwprof reads and writes again says
# the same to pprof (-raw shows every sample, label, location and mapping), and what hwprof makes reads as it should.
. "$top_srcdir/tests/lib/cli.sh"
need go
go tool pprof -h >/dev/null 2>&1
[ $? -le 2 ] || skip go "go has no pprof"
convert=$top_builddir/tests/lib/convert_tool
generate=$top_builddir/tests/bench/gen_profile
PPROF_TMPDIR=$work
export PPROF_TMPDIR

# raw FILE NAME: what pprof sees in it.
raw() {
	expect_ok go tool pprof -symbolize=none -raw "$1"
	cp "$work/stdout" "$2.raw"
}

# same_after FILE: read and written again it is the same to pprof.
same_after() {
	raw "$1" before
	expect_ok "$convert" "$1" after.pb.gz
	raw after.pb.gz after
	diff -u before.raw after.raw >differences || {
		head -n 40 differences
		fail "'$1' is another profile (+) after hwprof read and wrote it"
	}
}

# 1. A profile that Go wrote.
fixture=$top_srcdir/tests/fixtures/go-cpu
same_after "$fixture/cpu.pb.gz"
# pprof before 1.20 (Debian 12 has 1.19) shows no columns and leaves out mappings without a location (these two).
common() {
	sed -e '1,/^Samples/d' -e 's/:\([0-9]*\):0 s=/:\1 s=/' -e '/ \[vdso\] *$/d' -e '/ \[vsyscall\] *$/d' "$1"
}
common "$fixture/expected.raw" >expected
common before.raw | diff expected - >differences || fail "this pprof shows the fixture otherwise: $(cat differences)"

# 2. A large one of hwprof's own, with all it knows about the recording.
expect_ok "$generate" 2000 own.pb.gz
same_after own.pb.gz
expect_ok go tool pprof -comments own.pb.gz
grep -qx 'command: ./program --all' "$work/stdout" || fail "pprof does not show the comments"

# 3. What pprof wrote, with fields in its order and our block gone.
expect_ok go tool pprof -symbolize=none -proto -output=theirs.pb.gz own.pb.gz
same_after theirs.pb.gz

# 4. Shares known beforehand.
printf 'main;a;b 60\nmain;a 30\nmain;c 10\n' >known.folded
expect_ok "$convert" known.folded known.pb.gz
expect_ok go tool pprof -top known.pb.gz
sed -n '/flat%/,$p' "$work/stdout" >top
cat >expected <<'END'
      flat  flat%   sum%        cum   cum%
        60 60.00% 60.00%         60 60.00%  b
        30 30.00% 90.00%         90 90.00%  a
        10 10.00%   100%         10 10.00%  c
         0     0%   100%        100   100%  main
END
diff -u expected top || fail "pprof -top shows other shares"

# 5. And back: folded stacks of it are those it was made of.
expect_ok "$convert" known.pb.gz again.folded
LC_ALL=C sort known.folded | diff - again.folded || fail "folded stacks changed on the way through pprof"

# 6. Several events: pprof shows the first unasked, and finds each, and its count of samples, by name.
need events
expect_ok "$HWPROF" record -e cpu-clock -e page-faults:period=1 -o several.pb.gz -- "$workloads/serial" 0.3
expect_ok "$HWPROF" report --json several.pb.gz
cp "$work/stdout" several.json
for index in "" cpu-clock_samples page-faults_samples page-faults; do
	expect_ok go tool pprof -top ${index:+-sample_index=$index} several.pb.gz
	grep -qx "Type: ${index:-cpu-clock}" "$work/stdout" || fail "pprof shows another type than '$index'"
	total=$(sed -n 's/^Showing nodes accounting for.* of \([0-9]*\) total$/\1/p' "$work/stdout")
	case $index in
	page-faults*) grep -q "\"name\": *\"$index\",[^}]*\"total\": *${total}[,}]" several.json ||
		fail "pprof's total of $index is $total" ;;
	esac
done
