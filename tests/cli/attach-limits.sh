#!/bin/sh
# Many threads need many descriptors: the soft limit is raised, and where the hard one is too low, what is needed is said.
. "$top_srcdir/tests/lib/cli.sh"
need events python3

"$workloads/threads" 30 500 >ready 2>&1 &
pid=$!
trap 'kill $pid 2>/dev/null; rm -rf "$work"' EXIT
while [ "$(find /proc/$pid/task -mindepth 1 -maxdepth 1 2>/dev/null | wc -l)" -lt 400 ]; do sleep 0.1; done

(
	# shellcheck disable=SC3045 # dash and bash have it
	ulimit -Sn 128
	run "$HWPROF" attach -e cpu-clock -p $pid --duration 1s -o many.pb.gz
	expect_status 0
) || exit 1
"$HWPROF" report --json --by thread -n 0 many.pb.gz >threads.json
python3 - <<'PY' || fail "few threads seen: $(head -c 300 threads.json)"
import json
rows = [r for r in json.load(open("threads.json"))["rows"] if r["samples"]]
assert len(rows) >= 20, len(rows) # each works for some microseconds a second
PY

if [ "$(id -u)" -eq 0 ]; then
	command -v setpriv >/dev/null || skip setpriv "there is no setpriv to give up root with"
	kill $pid
	cp "$HWPROF" "$workloads/threads" .
	chmod 777 .
	setpriv --reuid 65534 --regid 65534 --clear-groups ./threads 30 500 >/dev/null 2>&1 &
	pid=$!
	while [ "$(find /proc/$pid/task -mindepth 1 -maxdepth 1 2>/dev/null | wc -l)" -lt 400 ]; do sleep 0.1; done
	set -- setpriv --reuid 65534 --regid 65534 --clear-groups ./hwprof
else
	set -- "$HWPROF"
fi
(
	# shellcheck disable=SC3045
	ulimit -n 128
	run "$@" attach -e cpu-clock -p $pid --duration 1s -o none.pb.gz
	expect_status 125
	expect_stderr_has "open files are needed, the limit is 128"
	expect_stderr_has "ulimit -Hn"
) || exit 1
expect_no_file none.pb.gz
