#!/bin/sh
# Peak memory of the recorder itself over a recording of HWPROF_BENCH_SECONDS (default 60) at 1,000 samples per second
# and CPU of a program with deep stacks on every CPU; perf with stack copies beside it. The rings, which the kernel
# locks, are the larger part of ours and are shown apart.
. "$top_srcdir/tests/lib/cli.sh"
need events perf
seconds=${HWPROF_BENCH_SECONDS:-60}

# peak COMMAND...: run it in the background and read how much memory it had at most.
peak() {
	"$@" >/dev/null 2>&1 &
	recorder=$!
	kib=0
	while grep VmHWM "/proc/$recorder/status" 2>/dev/null >hwm; do
		read -r _ kib _ <hwm
		sleep 0.2
	done
	wait $recorder
	echo "$kib"
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
