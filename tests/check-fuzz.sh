#!/bin/sh
# Run every libFuzzer target of a build made with --enable-fuzzing for some seconds, starting from its kept corpus, as many
# at a time as there are CPUs.
# Usage: check-fuzz.sh BUILD_FOLDER (HWPROF_FUZZ_SECONDS each, default 5). What it finds stays in BUILD_FOLDER/findings.
set -u

build=$1
source=$(cd "${top_srcdir:-$(dirname "$0")/..}" && pwd)
export build source seconds="${HWPROF_FUZZ_SECONDS:-5}"
mkdir -p "$build/findings"
targets=$(find "$build/tests/fuzz" -maxdepth 1 -name 'fuzz_*' -type f -perm -u+x | sort)
[ -n "$targets" ] || { echo "FAIL: no fuzz target in $build/tests/fuzz"; exit 1; }
echo "$targets" | xargs -n 1 -P "$(nproc)" sh -c '
	name=${1##*/fuzz_}
	log=$build/findings/$name.log
	corpus=$(mktemp -d) || exit 99
	if "$1" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
		-artifact_prefix="$build/findings/$name-" "$corpus" "$source/tests/fuzz/corpus/$name" >"$log" 2>&1; then
		echo "PASS: fuzz_$name ($(sed -n "s/^stat::number_of_executed_units: *//p" "$log") inputs in $seconds s)"
		status=0
	else
		echo "FAIL: fuzz_$name, see $log"
		tail -n 40 "$log"
		status=1
	fi
	rm -rf "$corpus"
	exit $status' fuzz
