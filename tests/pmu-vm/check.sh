#!/usr/bin/env bash
# Everything that is tested in the guest: builds hwprof for it in $top_builddir/pmu-vm, boots it, runs there cases/*.sh,
# the unit tests of what depends on the architecture, and some command-line tests; then here cases/*.host.sh, on what
# those left behind. A line each, and at the end the sums as automake prints them; logs in $top_builddir/pmu-vm/results.
# Usage: check.sh [NAME...]	(only those of these names)
# A case may say what guest it wants, in a comment "# guest: --cpu cortex-a72" (options of pmu-vm run). Two guests of
# each kind share the tests, with one more boot when a test takes its guest down.
set -uo pipefail

: "${top_srcdir:?}" "${top_builddir:?}" "${HWPROF:?}"
top_srcdir=$(cd "$top_srcdir" && pwd)
here=$top_srcdir/tests/pmu-vm
guest_build=$(mkdir -p "$top_builddir/pmu-vm" && cd "$top_builddir/pmu-vm" && pwd)
results=$guest_build/results
kept=$guest_build/kept
wanted=("$@")
total=0
passed=0
failed=0
skipped=0

# Unit tests of what deals with the kernel, events and code, as they are built for AArch64.
unit_tests=$(cat "$top_srcdir"/lib/{dso,event,record,process,unwind}/Makemodule.am |
	sed '/^if AARCH64/,/^endif/ { /^else/,/^endif/d }' |
	sed -n 's/^[[:space:]]*unit_tests += *//; T; :more; /\\$/ { N; s/\\\n/ /; b more }; p')
# Command-line tests that ask something of the machine.
cli_tests="events record-errors record-handler-frames record-signals record-stacks record-unprivileged"

# count STATUS: one test more.
count() {
	total=$((total + 1))
	case $1 in
	0) passed=$((passed + 1)) ;;
	77) skipped=$((skipped + 1)) ;;
	*) failed=$((failed + 1)) ;;
	esac
}

# What automake prints at the end of a suite; .ci/run and ./bootstrap read it.
print_sums() {
	printf '# %-6s %d\n' TOTAL: $total PASS: $passed SKIP: $skipped XFAIL: 0 FAIL: $failed XPASS: 0 ERROR: 0
}

# finish: the sums, and the exit status they make.
finish() {
	print_sums
	[ "$failed" -eq 0 ] || exit 1
	[ "$passed" -gt 0 ] || exit 77
	exit 0
}

# Make the guest and what runs in it; without them there is nothing to test.
make_guest() {
	local status reason
	"$here/pmu-vm" setup 2>&1 | tee "$guest_build/setup.log"
	status=${PIPESTATUS[0]}
	if [ "$status" -eq 0 ]; then
		"$here/pmu-vm" build "$guest_build" check TESTS= >"$guest_build/build.log" 2>&1 && return 0
		tail -n 25 "$guest_build/build.log"
		echo "FAIL: pmu-vm/build: all of it is in $guest_build/build.log"
		count 1
		finish
	fi
	reason=$(tail -n 1 "$guest_build/setup.log")
	if [ "$status" -eq 77 ] && [[ ,${HWPROF_TESTS_REQUIRE-}, != *,pmu-vm,* ]]; then
		echo "SKIP: pmu-vm/setup: ${reason#pmu-vm: }"
	else
		echo "FAIL: pmu-vm/setup: ${reason#pmu-vm: }"
		status=1
	fi
	count "$status"
	finish
}

is_wanted() {
	local name
	[ ${#wanted[@]} -gt 0 ] || return 0
	for name in "${wanted[@]}"; do
		[ "$name" != "$1" ] || return 0
	done
	return 1
}

# Every test of the guest, as "OPTIONS|NAME=PROGRAM".
list_tests() {
	local file name
	for file in "$here"/cases/*.sh; do
		name=$(basename "$file" .sh)
		case $name in *.host) continue ;; esac
		printf '%s|%s=%s\n' "$(sed -n 's/^# guest: *//p' "$file")" "$name" "$file"
	done
	for name in $unit_tests; do
		case $name in
		*/test_debug_file | */test_kallsyms) continue ;; # nothing there depends on the machine, and they are slow
		*/test_rule | */test_unwind) continue ;; # of x86-64
		esac
		echo "|${name##*/}=$guest_build/$name"
	done
	for name in $cli_tests; do
		echo "|cli-$name=$top_srcdir/tests/cli/$name.sh"
	done
}

# lose NAME WHY: a test that the guest did not come back from.
lose() {
	echo "FAIL: pmu-vm/$1 ($2)"
	echo 1 >"$results/$1.status"
}

# run_in_guest OPTIONS NAME=PROGRAM...: until each has a status, in as many boots as that takes.
run_in_guest() {
	local options=$1 name
	shift
	while [ $# -gt 0 ]; do
		# shellcheck disable=SC2086 # options
		"$here/pmu-vm" run --timeout 900 $options --share "$top_srcdir" "$guest_build" \
			env top_srcdir="$top_srcdir" top_builddir="$guest_build" HWPROF="$guest_build/hwprof" kept="$kept" \
			HWPROF_TESTS_REQUIRE=perf,python3,events,tracefs sh "$here/guest-cases.sh" "$results" "$@"
		while [ $# -gt 0 ] && [ -e "$results/${1%%=*}.status" ]; do
			shift
		done
		[ $# -gt 0 ] || return 0
		name=${1%%=*}
		if [ ! -e "$results/$name.started" ]; then
			lose "$name" "the guest did not get there; $# tests were left"
			return 0
		fi
		lose "$name" "the guest ended in it"
		shift
	done
}

# run_kind OPTIONS NAME=PROGRAM...: by two guests at once, which their own time keeps from disturbing each other.
run_kind() {
	local options=$1 odd=() even=()
	shift
	while [ $# -gt 0 ]; do
		odd+=("$1")
		[ $# -lt 2 ] || even+=("$2")
		shift $(($# < 2 ? 1 : 2))
	done
	run_in_guest "$options" "${odd[@]}" &
	run_in_guest "$options" "${even[@]}" &
	wait
}

# The other halves: what the guest left is looked at here.
run_on_host() {
	local file name status
	for file in "$here"/cases/*.host.sh; do
		name=$(basename "$file" .host.sh)
		is_wanted "$name" || continue
		status=0
		kept=$kept sh "$file" >"$results/$name.host.log" 2>&1 </dev/null || status=$?
		echo "$status" >"$results/$name.host.status"
		case $status in
		0) echo "PASS: pmu-vm/$name (on the host)" ;;
		77) echo "SKIP: pmu-vm/$name (on the host)" ;;
		*) echo "FAIL: pmu-vm/$name (on the host)" ;;
		esac
	done
}

show_failures() {
	local file
	for file in "$results"/*.log; do
		case $(cat "${file%.log}.status" 2>/dev/null) in
		0 | 77) continue ;;
		esac
		echo "--- $file"
		tail -n 25 "$file"
	done
}

# In a function, which bash has read to its end before it begins: the file may change while the guest runs.
main() {
	local tests kinds chosen kind test name
	make_guest
	rm -rf "$results" "$kept"
	mkdir -p "$results" "$kept"
	mapfile -t tests < <(list_tests)
	mapfile -t kinds < <(printf '%s\n' "${tests[@]%%|*}" | sort -u)
	for kind in "${kinds[@]}"; do
		chosen=()
		for test in "${tests[@]}"; do
			name=${test#*|}
			[ "${test%%|*}" != "$kind" ] || ! is_wanted "${name%%=*}" || chosen+=("$name")
		done
		[ ${#chosen[@]} -eq 0 ] || run_kind "$kind" "${chosen[@]}"
	done
	run_on_host
	for test in "$results"/*.status; do
		count "$(cat "$test")"
	done
	[ "$failed" -eq 0 ] || show_failures
	finish
}

main
