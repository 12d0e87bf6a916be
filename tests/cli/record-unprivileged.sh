#!/bin/sh
# Without privileges: user code only where the kernel wants it so, smaller rings, and all of it said.
. "$top_srcdir/tests/lib/cli.sh"
need events python3
if [ "$(id -u)" -eq 0 ]; then
	command -v setpriv >/dev/null || skip setpriv "there is no setpriv to give up root with"
	cp "$HWPROF" "$workloads/serial" . # the build folder may be closed to others
	chmod 777 . "$work"
	set -- setpriv --reuid 65534 --regid 65534 --clear-groups
else
	cp "$HWPROF" "$workloads/serial" .
	set -- env
fi

expect_ok "$@" ./hwprof record -e cpu-clock -o u.pb.gz -- ./serial 0.5
paranoid=$(cat /proc/sys/kernel/perf_event_paranoid)
if [ "$paranoid" -ge 2 ]; then
	expect_stderr_has "note: user code only"
	# And indeed nothing of the kernel is in it.
	"$HWPROF" report --json --by dso u.pb.gz >dsos.json
	python3 - <<'PY' || fail "kernel samples: $(cat dsos.json)"
import json
assert not [r for r in json.load(open("dsos.json"))["rows"] if "kernel" in r["dso"]]
PY
	# What was asked for by name is refused, not replaced.
	run "$@" ./hwprof record -e cpu-clock -k -o k.pb.gz -- ./serial 0.1
	expect_status 125
	expect_stderr_has "Permission denied"
	expect_stderr_has "perf_event_paranoid"
	expect_no_file k.pb.gz
	# What only the kernel does would be an empty profile.
	run "$@" ./hwprof record -e context-switches -o k.pb.gz -- ./serial 0.1
	expect_status 125
	expect_stderr_has "perf_event_paranoid"
fi
# Whole stacks all the same.
"$HWPROF" report --json u.pb.gz >report.json
python3 - <<'PY' || fail "main is not at the root: $(head -c 400 report.json)"
import json
rows = {r["function"]: r for r in json.load(open("report.json"))["rows"]}
assert rows["main"]["cum_share"] > 0.95, rows["main"]
PY

# Locked memory is limited for all rings together, at so much per CPU: they are made smaller alike, and none is left
# without. (Another user, who has no rings elsewhere.)
if [ "$(id -u)" -eq 0 ] && [ "$paranoid" -ge 0 ] && [ "$(cat /proc/sys/kernel/perf_event_mlock_kb)" -ge 132 ]; then
	set -- setpriv --reuid $((40000 + $$ % 20000)) --regid 65534 --clear-groups
	expect_ok "$@" sh -c 'ulimit -l 0 && exec ./hwprof record -e cpu-clock -F 4000 -o r.pb.gz -- ./serial 0.2'
	grep -c 'note: rings of [0-9]* KiB per CPU, not' "$work/stderr" >count
	[ "$(cat count)" = 1 ] || fail "rings of several sizes"
fi
