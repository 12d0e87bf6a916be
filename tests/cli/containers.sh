#!/bin/sh
# Programs whose files cannot be seen from where hwprof runs, or not any more: in a mount and pid namespace of their own, on
# an overlay, in a chroot, deleted or replaced while they run. Functions, lines and inlined functions are known all the
# same, from their debug files inside; and what is of another build is not used.
. "$top_srcdir/tests/lib/cli.sh"
need events cc objcopy readelf pgrep python3
unset DEBUGINFOD_URLS

pids=
trap 'for p in $pids; do kill -9 $p 2>/dev/null; done; rm -rf "$work"' EXIT

# app SECONDS: spins for this time of its own; `inner` is inlined into `outer`.
cat >app.c <<'C'
#include <stdlib.h>
#include <time.h>
static inline __attribute__((always_inline)) unsigned inner(unsigned n)
{
	unsigned sum = n;
	for (unsigned i = 0; i < n; i++)
		sum += sum / 3 + i;
	return sum;
}
static __attribute__((noinline)) unsigned outer(unsigned n)
{
	return inner(n) + 1;
}
int main(int argc, char **argv)
{
	const double seconds = argc > 1 ? atof(argv[1]) : 1;
	unsigned sum = 0;
	while ((double)clock() < seconds * CLOCKS_PER_SEC)
		sum += outer(100000);
	return sum == 1;
}
C
source_file=$PWD/app.c
cc -g -O1 -static -Wl,--build-id -o whole app.c || fail "cc"
cc -g -O2 -static -Wl,--build-id -o other app.c || fail "cc"
objcopy --only-keep-debug whole app.debug
objcopy --strip-all --add-gnu-debuglink=app.debug whole app
build_id=$(readelf -n whole | sed -n 's/.*Build ID: //p')

# The process a script started that runs `app`: itself, or a child.
find_app() {
	tries=0
	while :; do
		for pid in $1 $(pgrep -P "$1"); do
			case $(readlink "/proc/$pid/exe") in
			*/app | *"/app (deleted)") return ;;
			esac
		done
		tries=$((tries + 1))
		[ $tries -lt 300 ] || fail "app did not start"
		sleep 0.1
	done
}

# expect_symbols PROFILE DSO: nearly all of the samples of the file are in `inner`, inlined into `outer`, with its lines.
expect_symbols() {
	expect_ok "$HWPROF" report --json --by line -n 0 --focus "$2" "$1"
	python3 -S - "$work/stdout" "$source_file" "$2" <<'PY' || fail "not as it should be in $1"
import json, sys
report = json.load(open(sys.argv[1]))
rows = [row for row in report["rows"] if (row["dso"] or "").endswith(sys.argv[3])]
total = sum(row["flat"]["value"] if isinstance(row["flat"], dict) else row["flat"] for row in rows)
def value(row, key): return row[key]["value"] if isinstance(row[key], dict) else row[key]
inner = sum(value(r, "flat") for r in rows if r["function"] == "inner" and r["file"] == sys.argv[2] and 5 <= (r["line"] or 0) <= 8)
outer = sum(value(r, "cum") for r in rows if r["function"] == "outer" and r["file"] == sys.argv[2] and r["line"] == 12)
main = sum(value(r, "cum") for r in rows if r["function"] == "main" and r["file"] == sys.argv[2])
print(f"total {total}, inner {inner}, outer {outer}, main {main}")
sys.exit(not (total > 0 and inner > 0.95 * total and outer > 0.95 * total and main > 0.95 * total))
PY
}

# Deleted while it runs: the kernel still has the program, and its debug file is where it was.
mkdir -p gone/.debug && cp app gone/ && cp app.debug gone/.debug/
gone/app 100 &
pid=$!
pids="$pids $pid"
find_app $pid
rm "$PWD/gone/app"
expect_ok "$HWPROF" attach -q -e cpu-clock:u -p "$pid" -d 400ms -o deleted.pb.gz
expect_symbols deleted.pb.gz "$PWD/gone/app"
# Another build in its place, and another build's debug file in the place of that: neither is used.
cp other "$PWD/gone/app"
expect_ok "$HWPROF" attach -q -e cpu-clock:u -p "$pid" -d 400ms -o replaced.pb.gz
expect_symbols replaced.pb.gz "$PWD/gone/app"
objcopy --only-keep-debug other gone/.debug/app.debug
expect_ok "$HWPROF" attach -e cpu-clock:u -p "$pid" -d 400ms -o misled.pb.gz
expect_stderr_matches 'note: [0-9.]+% of cpu-clock:?u? is in functions without a name, .* in app: '
expect_ok "$HWPROF" report --csv misled.pb.gz
! grep -qE '(inner|outer),' "$work/stdout" || fail "names of another build's debug file"
kill -9 "$pid" 2>/dev/null

# A library that was replaced can be had from the kernel by the privileged only; others are told.
cat >lib.c <<'C'
unsigned spin(unsigned n)
{
	unsigned sum = n + SALT;
	for (unsigned i = 0; i < n; i++)
		sum += sum / 3 + i;
	return sum;
}
C
cat >user.c <<'C'
unsigned spin(unsigned n);
int main(void)
{
	for (;;)
		spin(100000);
}
C
mkdir shared
cc -g -shared -fPIC -Wl,--build-id -DSALT=1 -o shared/libspin.so lib.c || fail "cc"
cc -g -shared -fPIC -Wl,--build-id -DSALT=2 -o libspin2.so lib.c || fail "cc"
cc -g -o shared/app user.c -Lshared -lspin -Wl,-rpath,"$PWD/shared" || fail "cc"
as_nobody() {
	if [ "$(id -u)" -eq 0 ]; then
		setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
	else
		"$@"
	fi
}
if [ "$(cat /proc/sys/kernel/perf_event_paranoid)" -le 2 ] && as_nobody true 2>/dev/null; then
	cp "$HWPROF" shared/hwprof
	chmod -R a+rX "$work" shared
	as_nobody shared/app &
	find_app $!
	pids="$pids $pid"
	sleep 0.2
	mv libspin2.so shared/libspin.so
	run as_nobody shared/hwprof attach -e cpu-clock:u -p "$pid" -d 400ms -o - --format folded
	expect_status 0
	expect_stderr_matches "note: .*/shared/libspin.so: '.*/shared/libspin.so' (is another file by now|was replaced)"
	! grep -q ';spin ' "$work/stdout" || fail "names of another build's library"
	expect_stderr_matches 'note: [0-9.]+% of cpu-clock:?u? is in functions without a name, .* in libspin.so: restart the program; or run hwprof as root'
fi

# What follows needs namespaces.
need unshare
unshare --mount --pid --fork true 2>/dev/null || skip unshare "this user may make no namespaces; what needs none passed"
mkdir box

# contain SECONDS SETUP: run app in namespaces of its own, in the folder box as SETUP makes it; sets $pid.
contain() {
	unshare --mount --pid --fork --kill-child --mount-proc --propagation private sh -c "
		set -e
		$2
		cd '$PWD/box'
		exec ./app $1" &
	launcher=$!
	pids="$pids $launcher"
	find_app $launcher
	pids="$pids $pid"
}

on_tmpfs="mount -t tmpfs tmpfs '$PWD/box'; mkdir '$PWD/box/.debug'; cp app box/; cp app.debug box/.debug/"

# A tmpfs that only its namespace has, with the debug file beside the program by .gnu_debuglink. Attached to from outside.
contain 100 "$on_tmpfs"
[ ! -e box/app ] || fail "the program can be seen from outside"
expect_ok "$HWPROF" attach -q -e cpu-clock:u -p "$pid" -d 400ms -o attached.pb.gz
expect_symbols attached.pb.gz "$PWD/box/app"
# The whole machine, when it may be looked at.
run "$HWPROF" attach -q -e cpu-clock:u -a -d 800ms -o machine.pb.gz
if [ "$status" -eq 0 ]; then
	expect_symbols machine.pb.gz "$PWD/box/app"
else
	[ "$(id -u)" -ne 0 ] || fail "attach -a"
fi
kill -9 "$pid" "$launcher" 2>/dev/null

# The process ends before its symbols are read, and its mounts with it.
contain 1.5 "$on_tmpfs"
expect_ok "$HWPROF" attach -q -e cpu-clock:u -p "$pid" -o ended.pb.gz
[ ! -e "/proc/$pid/root" ] || fail "it has not ended"
expect_symbols ended.pb.gz "$PWD/box/app"

# Units that were split off, in .dwo files beside it, in the container only.
cc -g -gsplit-dwarf -O1 -c -o split.o app.c || fail "cc"
cc -static -Wl,--build-id -o split split.o || fail "cc"
[ -e split.dwo ] || fail "no .dwo file"
contain 100 "mount -t tmpfs tmpfs '$PWD/box'; cp split box/app; mv split.dwo box/"
expect_ok "$HWPROF" attach -q -e cpu-clock:u -p "$pid" -d 400ms -o split.pb.gz
expect_symbols split.pb.gz "$PWD/box/app"
kill -9 "$pid" "$launcher" 2>/dev/null

# An overlay, as containers have it: files there have other devices and inodes than their mappings show.
overlay="mount -t tmpfs tmpfs '$PWD/d'; mkdir -p d/low/.debug d/up d/work; cp app d/low/; cp app.debug d/low/.debug/
	mount -t overlay -o lowerdir=$PWD/d/low,upperdir=$PWD/d/up,workdir=$PWD/d/work overlay '$PWD/box'"
mkdir -p d
if unshare --mount --propagation private sh -c "$overlay" 2>/dev/null; then
	contain 100 "$overlay"
	expect_ok "$HWPROF" attach -q -e cpu-clock:u -p "$pid" -d 400ms -o overlay.pb.gz
	expect_symbols overlay.pb.gz "$PWD/box/app"
	kill -9 "$pid" "$launcher" 2>/dev/null
else
	echo "no overlay can be mounted here"
fi

# A chroot, on a tmpfs of its own, with a /usr/lib/debug where the debug file lies by its build-id. The program's path
# starts there; the kernel tells another one.
if command -v chroot >/dev/null; then
	unshare --mount --propagation private sh -c "
		mount -t tmpfs tmpfs '$PWD/box'; cp app box/
		mkdir -p 'box/usr/lib/debug/.build-id/$(echo "$build_id" | cut -c1-2)'
		cp app.debug 'box/usr/lib/debug/.build-id/$(echo "$build_id" | cut -c1-2)/$(echo "$build_id" | cut -c3-).debug'
		exec chroot '$PWD/box' /app 100" &
	launcher=$!
	pids="$pids $launcher"
	find_app $launcher
	expect_ok "$HWPROF" attach -q -e cpu-clock:u -p "$pid" -d 400ms -o chroot.pb.gz
	expect_symbols chroot.pb.gz /app
	kill -9 "$pid" "$launcher" 2>/dev/null
fi

# A mount namespace with the same files in it is no container: what would name a program is the same as without one.
if command -v xz >/dev/null; then
	seq 400000 >numbers
	for around in "" "unshare --mount"; do
		# shellcheck disable=SC2086 # words
		expect_ok "$HWPROF" record -q -e cpu-clock:u -o service.pb.gz -- $around xz -T1 -c numbers
		expect_ok "$HWPROF" report --quality service.pb.gz
		grep -E '^ .*/liblzma|^unnamed' "$work/stdout" | sed 's/.*build-id/build-id/; s/^unnamed.*/unnamed/' >"fix${around:+.unshared}"
	done
	grep -q build-id fix || echo "liblzma has all its names here"
	cmp -s fix fix.unshared || fail "a mount namespace changes the advice: $(cat fix fix.unshared)"
fi
