#!/bin/sh
# Where the profile goes, in which format, and what is refused.
. "$top_srcdir/tests/lib/cli.sh"
need events
spin="$workloads/serial 0.2"

# shellcheck disable=SC2086 # words
{
	expect_ok "$HWPROF" record -- $spin
	[ "$(od -An -tx1 -N2 hwprof.pb.gz)" = " 1f 8b" ] || fail "hwprof.pb.gz is not gzip"
	[ "$(stat -c %a hwprof.pb.gz)" = 600 ] || fail "mode $(stat -c %a hwprof.pb.gz)"
	expect_stderr_matches '^hwprof: [0-9,]+ samples in [0-9.]+ m?s of (cycles|cpu-clock) \(sum check [01]\.[0-9]{3}\); 0 lost; [0-9.]+ % of stacks complete; hwprof.pb.gz \([0-9.]+ [KM]?i?B\)$'

	expect_ok "$HWPROF" record -o x.folded -- $spin
	grep -qE '^_start;.*;main;.*J_expect_18_18 [0-9]+$' x.folded || fail "x.folded: $(head -3 x.folded)"
	expect_ok "$HWPROF" record --format folded -- $spin
	[ -s hwprof.folded ] || fail "--format folded wrote no hwprof.folded"

	# stdout, beside the command's own.
	expect_ok "$HWPROF" record -q --format folded -o - -- $spin
	expect_stdout_matches '^_start;.*;main;.* [0-9]+$'

	# A file that is there is replaced whole, its mode made ours.
	printf 'old' >old.pb.gz
	chmod 644 old.pb.gz
	expect_ok "$HWPROF" record -o old.pb.gz -- $spin
	[ "$(od -An -tx1 -N2 old.pb.gz)" = " 1f 8b" ] || fail "old.pb.gz was not replaced"
	[ "$(stat -c %a old.pb.gz)" = 600 ] || fail "mode $(stat -c %a old.pb.gz)"
	expect_ok "$HWPROF" record -o /dev/null -- $spin
}

# Refused before the command runs.
ln -s victim link.pb.gz
mkdir folder
for output in link.pb.gz folder missing/x.pb.gz; do
	run "$HWPROF" record -o "$output" -- sh -c 'touch ran'
	expect_status 125
	expect_stderr_has "$output"
	expect_no_file ran
done
expect_no_file victim
for output in x.json x.folded.gz x.svg; do
	run "$HWPROF" record -o "$output" -- sh -c 'touch ran'
	expect_status 125
	expect_stderr_has "no format of hwprof ends like '$output'"
	expect_no_file ran
done
run "$HWPROF" record --format svg -- sh -c 'touch ran'
expect_status 125
expect_stderr_has "--format: 'svg' is none of"
expect_no_file ran
[ -z "$(find . -name '*.tmp')" ] || fail "temporary files left: $(find . -name '*.tmp')"

if [ "$(id -u)" -ne 0 ]; then
	mkdir -m 555 readonly
	run "$HWPROF" record -o readonly/x.pb.gz -- true
	expect_status 125
	expect_stderr_has "Permission denied"
fi
if [ -e /dev/full ]; then
	run "$HWPROF" record -o /dev/full -- true
	expect_status 125
	expect_stderr_has "No space left on device"
fi

# A reader that is gone is an error like others, not a silent death.
mkfifo pipe
: <pipe &
run sh -c '"$@" >pipe' sh "$HWPROF" record -o - -- sh -c 'exec >&-; sleep 0.3'
expect_status 125
expect_stderr_has "Broken pipe"

# A limit on the size of files is an error like a full disk, and leaves nothing behind.
mkdir limited
run sh -c 'ulimit -f 1; exec "$@"' sh "$HWPROF" record -q -o limited/p.pb.gz -- "$workloads/serial" 0.3
expect_status 125
expect_stderr_has "cannot write 'limited/p.pb.gz': File too large"
[ -z "$(ls -A limited)" ] || fail "left behind: $(ls -A limited)"
