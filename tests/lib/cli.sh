# shellcheck shell=sh
# For tests that run hwprof. A test is a shell script that starts with
#
#	. "$top_srcdir/tests/lib/cli.sh"
#
# and then finds itself in an empty folder of its own, removed at the end. Run it under `make check`, or by hand:
#	top_srcdir=$PWD top_builddir=$PWD/build HWPROF=$PWD/build/hwprof tests/cli/NAME.sh
# The first expectation that does not hold ends the test with what was run and what came out.
set -u

: "${top_srcdir:?}" "${top_builddir:?}" "${HWPROF:?}"
# shellcheck disable=SC2034 # for the tests
workloads=$top_builddir/tests/workloads
test_file=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
work=$(mktemp -d "${TMPDIR:-/tmp}/hwprof-test.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
trap 'exit 99' INT TERM HUP
mkdir "$work/here"
cd "$work/here" || exit 99
# What a user's environment could change about output.
unset HWPROF_DEBUG HWPROF_EVENTS PAGER NO_COLOR COLUMNS
LC_ALL=C.UTF-8
XDG_CONFIG_HOME=$work/config
export LC_ALL XDG_CONFIG_HOME
last_command="nothing yet"
status=0

# fail MESSAGE: end the test, showing the last command and its output.
fail() {
	echo "FAILED: $*"
	echo "after: $last_command (status $status)"
	for stream in stdout stderr; do
		[ -s "$work/$stream" ] && sed "s/^/$stream: /" "$work/$stream" | head -n 60
	done
	exit 1
}

# skip WHAT REASON: this machine has no WHAT. A failure where HWPROF_TESTS_REQUIRE (a comma-separated list) names it.
skip() {
	case ",${HWPROF_TESTS_REQUIRE-}," in
	*",$1,"*) fail "$1 is required here (HWPROF_TESTS_REQUIRE), but: $2" ;;
	esac
	echo "skipped: $2"
	exit 77
}

# alone: until this test ends, no other one that asks for it runs: those that set a limit of the whole machine.
alone() {
	exec 9>"${TMPDIR:-/tmp}/hwprof-test.lock"
	flock 9
}

# need TOOL...: skip unless each is there. "events": this user can sample software events; "tracefs": tracepoints can be
# looked up.
need() {
	for tool in "$@"; do
		case $tool in
		events)
			[ "$(id -u)" -eq 0 ] || [ "$(cat /proc/sys/kernel/perf_event_paranoid 2>/dev/null || echo 9)" -le 2 ] ||
				skip events "perf_event_paranoid lets this user sample nothing"
			;;
		tracefs)
			[ -d /sys/kernel/tracing/events ] || [ -d /sys/kernel/debug/tracing/events ] ||
				skip tracefs "tracefs is not mounted, or not for this user"
			;;
		rustc) rustc --version >/dev/null 2>&1 || skip rustc "there is no rustc that works" ;;
		*) command -v "$tool" >/dev/null 2>&1 || skip "$tool" "there is no $tool" ;;
		esac
	done
}

# run COMMAND ARGUMENT...: output goes to $work/stdout and $work/stderr, the exit status to $status.
run() {
	last_command=$*
	status=0
	"$@" >"$work/stdout" 2>"$work/stderr" || status=$?
}

expect_status() {
	[ "$status" -eq "$1" ] || fail "expected status $1, got $status"
}

# expect_ok COMMAND...: run it, and it succeeds.
expect_ok() {
	run "$@"
	expect_status 0
}

# expect_stdout [FILE]: stdout is exactly the file beside the test with the ending .stdout (or FILE there). With
# HWPROF_UPDATE_GOLDEN=1 the file is written instead; `git diff` then shows what changed.
expect_stdout() {
	golden=$(dirname "$test_file")/${1:-$(basename "$test_file" .sh).stdout}
	expect_same_as_golden "$work/stdout" "$golden"
}

expect_same_as_golden() {
	if [ "${HWPROF_UPDATE_GOLDEN-}" = 1 ]; then
		cp "$1" "$2"
	elif ! diff -u "$2" "$1" >"$work/diff"; then
		cat "$work/diff"
		fail "output differs from $2 (HWPROF_UPDATE_GOLDEN=1 rewrites it)"
	fi
}

expect_stdout_has() {
	grep -qF -e "$1" "$work/stdout" || fail "stdout has no '$1'"
}

expect_stdout_matches() {
	grep -qE -e "$1" "$work/stdout" || fail "stdout has nothing that matches '$1'"
}

expect_stdout_empty() {
	[ ! -s "$work/stdout" ] || fail "stdout is not empty"
}

expect_stderr_has() {
	grep -qF -e "$1" "$work/stderr" || fail "stderr has no '$1'"
}

expect_stderr_matches() {
	grep -qE -e "$1" "$work/stderr" || fail "stderr has nothing that matches '$1'"
}

expect_stderr_empty() {
	[ ! -s "$work/stderr" ] || fail "stderr is not empty"
}

expect_no_file() {
	[ ! -e "$1" ] || fail "'$1' was left behind"
}

# expect_between VALUE LOW HIGH WHAT: numbers, fractions allowed.
expect_between() {
	awk -v v="$1" -v l="$2" -v h="$3" 'BEGIN { exit !(v != "" && v + 0 >= l + 0 && v + 0 <= h + 0) }' ||
		fail "$4 is '$1', expected $2 to $3"
}
