#!/bin/sh
# A user without privileges where perf_event_paranoid is 2: user code is sampled, the default event steps down to it and
# says so, and what cannot be had is refused with the cause.
. "$top_srcdir/tests/pmu-vm/case.sh"

echo 2 >/proc/sys/kernel/perf_event_paranoid
cp "$HWPROF" "$workloads/serial" .
chmod 777 . "$work"
chmod 755 hwprof serial
as_user="setpriv --reuid 1000 --regid 1000 --clear-groups"

# shellcheck disable=SC2086 # a command and its options
{
	expect_ok $as_user ./hwprof record -e cycles:u -c 100003 -o user.pb.gz -- ./serial 0.2
	expect_ok $as_user ./hwprof record -o default.pb.gz -- ./serial 0.2
	expect_stderr_has "user code only"
	run $as_user ./hwprof record -e cycles:k -o none.pb.gz -- ./serial 0.2
	expect_status 125
	expect_stderr_has "perf_event_paranoid = 2 forbids"
	expect_no_file none.pb.gz
	run $as_user ./hwprof attach -e cycles:u -p 1 --duration 100ms -o none.pb.gz
	expect_status 125
}
for profile in user default; do
	report $profile.pb.gz
	expect_whole $profile.pb.gz
	expect_that 'f["main"]["cum_share"] > 0.9 and 0.98 < q["events"][0]["sum_check"] < 1.02' $profile.pb.gz
done
expect_that 'q["events"][0]["opened"].startswith("cycles")' default.pb.gz
