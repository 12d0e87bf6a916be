#!/bin/sh
# Run every libFuzzer target of a build made with --enable-fuzzing for some seconds, starting from its kept corpus.
# Usage: check-fuzz.sh BUILD_FOLDER (HWPROF_FUZZ_SECONDS each, default 5). What it finds stays in BUILD_FOLDER/findings.
set -u

build=$1
source=$(cd "${top_srcdir:-$(dirname "$0")/..}" && pwd)
seconds=${HWPROF_FUZZ_SECONDS:-5}
status=0
ran=0
mkdir -p "$build/findings"
for target in "$build"/tests/fuzz/fuzz_*; do
	case $target in *.o | *'*') continue ;; esac
	name=${target##*/fuzz_}
	corpus=$(mktemp -d) || exit 99
	log=$build/findings/$name.log
	if "$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
		-artifact_prefix="$build/findings/$name-" "$corpus" "$source/tests/fuzz/corpus/$name" >"$log" 2>&1; then
		echo "PASS: fuzz_$name ($(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs in $seconds s)"
		ran=$((ran + 1))
	else
		echo "FAIL: fuzz_$name, see $log"
		tail -n 40 "$log"
		status=1
	fi
	rm -rf "$corpus"
done
[ "$ran" -gt 0 ] || { echo "FAIL: no fuzz target in $build/tests/fuzz" && status=1; }
exit $status
