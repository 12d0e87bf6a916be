# shellcheck shell=sh
# For tests of `hwprof report`, after cli.sh: profiles to report on, and reports one after the other to compare.

# make_profile TYPES OUT <TEXT: tests/lib/make_profile.c says what TEXT is.
make_profile() {
	"$top_builddir/tests/lib/make_profile" "$@" || fail "make_profile $*"
}

# A small program: two threads, a kernel function, an inlined function, recursion, an address without symbol; its
# numbers are easy to check by hand: 1000 ms in 100 samples of 10 ms, and 6k branch misses.
example_profile() {
	make_profile "samples/count cpu-clock/nanoseconds branch-misses/count" "$1" <<-'END'
		%command ./app --size 3
		%pid 812
		%hostname build7
		%kernel 6.1.0-18-amd64
		%cpu AMD EPYC 7543
		%cpu_count 8
		%time_ns 1700000000123456789
		%duration_ns 1020000000
		%samples 100
		%complete 100
		%event cpu-clock=100
		%event branch-misses=60
		_start;main@src/app.c:10;parse@src/parse.c:20;next@src/parse.c:31 40 400000000 1000 pid=812 tid=812 comm=app thread_name=app
		_start;main@src/app.c:10;parse@src/parse.c:21;next@src/parse.c:32 20 200000000 2000 pid=812 tid=812 comm=app thread_name=app
		_start;main@src/app.c:10;parse@src/parse.c:22|skip@src/parse.h:5 10 100000000 0 pid=812 tid=812 comm=app thread_name=app
		_start;main@src/app.c:11;walk@src/walk.c:7;walk@src/walk.c:8;walk@src/walk.c:9 10 100000000 3000 pid=812 tid=812 comm=app thread_name=app
		clone3!/usr/lib/libc.so.6;work@src/app.c:30;read!/usr/lib/libc.so.6;ksys_read![kernel.kallsyms] 15 150000000 0 pid=812 tid=813 comm=app thread_name=reader
		clone3!/usr/lib/libc.so.6;work@src/app.c:31;0x4a50!/opt/libvendor.so.2 5 50000000 0 pid=812 tid=813 comm=app thread_name=reader
	END
}

# show ARGUMENT...: append the command line and what it printed to what expect_shown compares.
show() {
	expect_ok "$HWPROF" report "$@"
	expect_stderr_empty
	{
		printf '$ hwprof report'
		printf " '%s'" "$@"
		printf '\n'
		cat "$work/stdout"
		printf '\n'
	} >>"$work/shown"
}

# All that was shown is the file beside the test with the ending .stdout.
expect_shown() {
	expect_same_as_golden "$work/shown" "$(dirname "$test_file")/$(basename "$test_file" .sh).stdout"
}

# A recording of three hardware events, each with samples of its own; cycles and instructions ran together, cache misses
# for a part of the time. 1,000,000 cycles a sample, 2,000,000 instructions, 1,000 misses.
events_profile() {
	make_profile "cycles_samples/count cycles/count instructions_samples/count instructions/count cache-misses_samples/count cache-misses/count" "$1" <<-'END'
		%command ./app
		%default cycles
		%samples 2190
		%complete 2190
		%event cycles=1000 group=1 events=1000000000 enabled=2000000000 running=2000000000 counted=1001000000 counted_enabled=2000000000 counted_running=2000000000 precise_asked=2 precise=2 exact=982
		%event instructions=1090 group=1 events=2180000000 enabled=2000000000 running=2000000000 counted=2179000000 counted_enabled=2000000000 counted_running=2000000000
		%event cache-misses=100 events=100000 enabled=2000000000 running=1224000000
		%metric ipc IPC instructions/cycle instructions / cycles
		%metric llc-mpki LLC_MPKI misses/1000_instructions 1000 * 'cache-misses' / instructions
		main@app.c:10;parse@parse.c:20 600 600000000 900 1800000000 20 20000
		main@app.c:11;walk@walk.c:7 396 396000000 100 200000000 80 80000
		main@app.c:12;copy@copy.c:7 4 4000000 90 180000000 0 0
	END
}
