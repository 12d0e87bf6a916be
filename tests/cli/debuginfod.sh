#!/bin/sh
# Debug information from debuginfod servers: asked for when DEBUGINFOD_URLS says so, for what lacks it; kept in the cache;
# a server that is dead, silent, slow or lies costs one timeout and leaves the result whole.
. "$top_srcdir/tests/lib/cli.sh"
need events cc python3 objcopy strip readelf
"$HWPROF" --version | grep -q 'debuginfod: yes' || skip debuginfod "hwprof was built without debuginfod"

servers=
trap 'for s in $servers; do kill $s 2>/dev/null; done; rm -rf "$work"' EXIT
unset DEBUGINFOD_URLS DEBUGINFOD_TIMEOUT DEBUGINFOD_PROGRESS DEBUGINFOD_VERBOSE
DEBUGINFOD_CACHE_PATH=$work/cache
export DEBUGINFOD_CACHE_PATH

# Two stripped files, a program and its library: the names of their static functions are in debug files only.
cat >library.c <<'C'
static __attribute__((noinline)) unsigned hidden_in_library(unsigned n)
{
	unsigned sum = n;
	for (unsigned i = 0; i < n; i++)
		sum += sum / 3 + i;
	return sum;
}
unsigned library_call(unsigned n) { return hidden_in_library(n) + 1; }
C
cat >program.c <<'C'
#include <time.h>
unsigned library_call(unsigned n);
static __attribute__((noinline)) unsigned hidden_in_program(unsigned n)
{
	return library_call(n) + 2;
}
int main(void)
{
	unsigned sum = 0;
	while (clock() < CLOCKS_PER_SEC * 3 / 10)
		sum += hidden_in_program(100000);
	return sum == 1;
}
C
cc -g -O1 -shared -fPIC -Wl,--build-id -o libhidden.so library.c || fail "cc"
cc -g -O1 -Wl,--build-id -o program program.c -L. -lhidden -Wl,-rpath,"$PWD" || fail "cc"
mkdir files
id_of() {
	readelf -n "$1" | sed -n 's/.*Build ID: //p'
}
for file in program libhidden.so; do
	objcopy --only-keep-debug $file "files/$(id_of $file)"
	strip $file
done
library_id=$(id_of libhidden.so)

# serve MODE FOLDER LOG: start a server and ask it.
serve() {
	rm -f "$3" "$3.port"
	: >"$3"
	python3 -S "$top_srcdir/tests/lib/debuginfod_server.py" "$@" &
	servers="$servers $!"
	tries=0
	until [ -s "$3.port" ]; do
		tries=$((tries + 1))
		[ $tries -lt 300 ] || fail "the server does not start"
		sleep 0.1
	done
	DEBUGINFOD_URLS=http://127.0.0.1:$(cat "$3.port")
	export DEBUGINFOD_URLS
}

record() {
	expect_ok timeout 100 "$HWPROF" record -e cpu-clock:u -o out.pb.gz -- ./program
	cp "$work/stderr" said
	expect_ok "$HWPROF" report --csv out.pb.gz
}

expect_hidden() {
	! grep -q "hidden_in" "$work/stdout" || fail "a name that only a debug file has"
}

expect_named() {
	expect_stdout_has "hidden_in_library,$PWD/library.c"
	expect_stdout_has "hidden_in_program,$PWD/program.c"
}

expect_said() {
	grep -qE -e "$1" said || { cat said && fail "record did not say '$1'"; }
}

# Without DEBUGINFOD_URLS nobody is asked, and the library is not even loaded; what would help is said.
serve serve "$PWD/files" quiet.log
unset DEBUGINFOD_URLS
LD_DEBUG=files LD_DEBUG_OUTPUT=$work/loaded "$HWPROF" record -q -e cpu-clock:u -o out.pb.gz -- ./program
! grep -lE 'libdebuginfod|libcurl' "$work"/loaded.* || fail "a library for downloads was loaded"
record
expect_hidden
[ ! -s quiet.log ] || fail "a server was asked: $(cat quiet.log)"
expect_said '^hwprof: note: [0-9.]+% of cpu-clock:?u? is in functions without a name, .* in libhidden.so: compile it with -g, and do not strip it$'

# Asked once for each file, then the cache knows.
serve serve "$PWD/files" good.log
record
expect_named
[ "$(grep -c "GET /buildid/$library_id/debuginfo" good.log)" -eq 1 ] || fail "requests: $(cat good.log)"
: >good.log
record
expect_named
! grep -q "$library_id" good.log || fail "asked again: $(cat good.log)"

# What is in the cache needs no server; one that refuses connections costs next to nothing.
DEBUGINFOD_URLS=http://127.0.0.1:1
record
expect_named
rm -rf "$work/cache"
record
expect_hidden
expect_said 'note: debuginfod: a server of DEBUGINFOD_URLS failed: .*; debug information of [0-9]+ files? is missing'

# One that never answers is asked once for one file, however many are missing, and leaves no mark in the cache.
serve silent "$PWD/files" silent.log
rm -rf "$work/cache"
DEBUGINFOD_TIMEOUT=1
export DEBUGINFOD_TIMEOUT
record
expect_hidden
[ "$(sort -u silent.log | wc -l)" -eq 1 ] || fail "requests: $(cat silent.log)"
expect_said 'note: debuginfod: no server of DEBUGINFOD_URLS sent anything much for 1 s \(DEBUGINFOD_TIMEOUT\); debug information of [2-9] files is missing'

# So does one that begins and does not go on.
serve stall "$PWD/files" stall.log
record
expect_hidden
[ "$(sort -u stall.log | wc -l)" -eq 1 ] || fail "requests: $(cat stall.log)"
[ -z "$(find "$work/cache" -name debuginfo)" ] || fail "left in the cache: $(find "$work/cache")"
unset DEBUGINFOD_TIMEOUT
serve serve "$PWD/files" good.log
record
expect_named

# On a terminal it says what it waits for.
if command -v script >/dev/null; then
	serve stall "$PWD/files" stall.log
	rm -rf "$work/cache"
	export HWPROF
	# shellcheck disable=SC2016 # expanded on the terminal
	DEBUGINFOD_TIMEOUT=1 TERM=xterm expect_ok script -qec \
		'"$HWPROF" record -e cpu-clock:u -o out.pb.gz -- ./program' /dev/null </dev/null
	expect_stdout_matches 'hwprof: downloading debug information of (libhidden.so|program|libc.so.6)(, [0-9.]+ [KM]?i?B of [0-9.]+ [KM]?i?B)? \(Ctrl-C goes on without\)'
fi

# A signal ends the download, not the result. (The default timeout is too long to be what ended it.)
serve silent "$PWD/files" silent.log
rm -rf "$work/cache" out.pb.gz
DEBUGINFOD_TIMEOUT=1000 "$HWPROF" record -e cpu-clock:u -o out.pb.gz -- ./program 2>said &
pid=$!
tries=0
until [ -s silent.log ]; do
	tries=$((tries + 1))
	[ $tries -lt 600 ] || fail "the server was not asked"
	sleep 0.1
done
kill -TERM $pid
wait $pid || fail "record ended with $?"
expect_said 'note: debuginfod: the download was interrupted'
expect_ok "$HWPROF" report --csv out.pb.gz
expect_stdout_has library_call

# Another build's file is not believed.
mkdir lies
cp "files/$(id_of program)" "lies/$library_id"
serve serve "$PWD/lies" lies.log
rm -rf "$work/cache"
record
expect_hidden
grep -q "$library_id" lies.log || fail "the server was not asked"

# Who runs a program with capabilities of its own does not choose what it downloads.
if command -v setcap >/dev/null && [ "$(id -u)" -eq 0 ]; then
	serve serve "$PWD/files" capable.log
	cp "$HWPROF" capable && chmod 755 capable . "$work"
	if setcap cap_perfmon+ep capable 2>/dev/null; then
		run setpriv --reuid 65534 --regid 65534 --clear-groups env DEBUGINFOD_CACHE_PATH=/nowhere \
			./capable record -e cpu-clock:u -o - --format folded -- ./program
		[ ! -s capable.log ] || fail "a server was asked: $(cat capable.log)"
		[ "$status" -eq 0 ] || fail "record with capabilities"
	fi
fi

# The real server.
if command -v debuginfod >/dev/null; then
	port=$(python3 -S -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	debuginfod -F -p "$port" -d :memory: -t 0 -g 0 "$PWD/files" >real.log 2>&1 &
	servers="$servers $!"
	DEBUGINFOD_URLS=http://127.0.0.1:$port
	tries=0
	until python3 -S -c "
import sys, urllib.request
for id in sys.argv[2:]: urllib.request.urlopen(sys.argv[1] + '/buildid/' + id + '/debuginfo').read()" \
		"$DEBUGINFOD_URLS" "$library_id" "$(id_of program)" 2>/dev/null; do
		tries=$((tries + 1))
		[ $tries -lt 100 ] || fail "debuginfod does not serve: $(tail -5 real.log)"
		sleep 0.2
	done
	rm -rf "$work/cache"
	record
	expect_named
fi
