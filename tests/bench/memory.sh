#!/bin/sh
# Peak memory of the recorder itself over a recording of HWPROF_BENCH_SECONDS (default 60) at 1,000 samples per second
# and CPU of a program with deep stacks on every CPU; perf with stack copies beside it. The rings are shown
# beside it: pages of the kernel, which it may or may not count as ours.
. "$top_srcdir/tests/lib/cli.sh"
need events perf python3
seconds=${HWPROF_BENCH_SECONDS:-60}

# peak COMMAND...: run it; KiB of memory it had at most, by the kernel's account of the finished process (getrusage(2),
# ru_maxrss: the largest of it and its children, which are small here).
peak() {
	python3 -c '
import os, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(os.wait4(process.pid, 0)[2].ru_maxrss)' "$@"
}

cat >target.sh <<'EOF'
for _ in $(seq "$(nproc)"); do "$1" "$2" & done
wait
EOF
target="sh target.sh $workloads/deep60 $seconds"
# shellcheck disable=SC2086 # words
{
	ours=$(peak "$HWPROF" record -q -e cpu-clock -F 1000 -o p.pb.gz -- $target)
	perfs=$(peak perf record -q -e cpu-clock -F 1000 --call-graph dwarf -o perf.data -- $target)
}
"$HWPROF" report --json p.pb.gz >p.json
number() {
	grep -o "\"$1\": [0-9]*" p.json | head -n 1 | tr -dc 0-9
}
rings=$(($(number ring_size_bytes) * $(nproc) / 1048576))
echo "peak memory of the recorder, $seconds s at 1000 Hz on $(nproc) CPUs, $(number samples) samples"
echo "hwprof  $((ours / 1024)) MiB with rings of $rings MiB in all; file $(stat -c %s p.pb.gz) bytes"
echo "perf    $((perfs / 1024)) MiB; file $(stat -c %s perf.data) bytes"
