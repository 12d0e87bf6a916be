#!/bin/sh
# Every benchmark, each figure with the peer's beside it. `make bench` runs this; the machine is shared with whatever
# else runs on it, so compare columns of one run, not runs.
set -u
: "${top_srcdir:?}"
commit=$(git -C "$top_srcdir" rev-parse --short HEAD 2>/dev/null || echo unknown)
cpu=$(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1)
echo "hwprof $commit, $(uname -sr), $(nproc) x ${cpu:-$(uname -m)}, $(date -u +%F)"
status=0
for bench in "$top_srcdir"/tests/bench/*.sh; do
	[ "${bench##*/}" != run.sh ] || continue
	echo
	sh "$bench" || status=$?
done
exit $status
