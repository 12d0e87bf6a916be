#!/bin/sh
# Stopped processes: each engine's frames against those of gdb, address by address, for a chain sixty deep in the
# program and in a library it loaded, threads that come and go, signal handlers, and code that waits in the vdso.
# Then samples of running ones: rules, libunwind and libdw against each other, stack by stack (programs.sh: of others').
#
# Known difference: gdb shows a last frame at address 0 behind clone3's system call, where there are no rules.
. "$top_srcdir/tests/lib/cli.sh"
need gdb events
tool=$top_builddir/tests/lib/unwind_tool
gdb -batch -ex 'python print("python")' 2>/dev/null | grep -q python || skip gdb "this gdb has no python"

# frames FILE: threads and addresses, as both tools print them, without how the stack ended.
frames() {
	sed -n -e 's/^stack: //' -e 's/^\(thread [0-9]*\).*/\1/p' -e 's/^0x/0x/p' "$1"
}

# stopped NAME METHOD: start, stop, ask both, compare. The tool is asked twice: a process that moved is no answer.
stopped() {
	"$workloads/$1" 30 >/dev/null 2>&1 &
	pid=$!
	sleep 0.3
	kill -STOP $pid
	sleep 0.1
	"$tool" stopped $pid "$2" >ours 2>ours.err
	status=$?
	gdb -batch -p $pid -x "$top_srcdir/tests/peers/gdb_stacks.py" >theirs.raw 2>theirs.err
	"$tool" stopped $pid "$2" >again 2>>ours.err
	kill -KILL $pid
	wait $pid 2>/dev/null
	[ $status -ne 77 ] || skip ptrace "cannot stop a process here: $(cat ours.err)"
	grep '^stack: 0x' theirs.raw >/dev/null || skip ptrace "gdb cannot attach here: $(head -1 theirs.err)"
	frames ours >ours.frames
	sed -n -e '/ 0x0*$/d' -e 's/^stack: //p' theirs.raw >theirs.frames
	cmp -s ours again || { echo "left out, it moved: $1"; return; }
	if ! diff theirs.frames ours.frames >difference; then
		echo "$1 by $2: gdb's frames (<) and ours (>)"
		cat difference
		fail "$1: frames differ from gdb's"
	fi
	echo "$1 by $2: $(grep -c ^0x ours.frames) frames of $(grep -c ^thread ours.frames) threads as gdb has them"
}

for method in auto rules libunwind libdw; do
	for name in deep60 deep60_dlopen signals vdso; do
		stopped $name $method
	done
done
stopped threads auto
stopped background auto

# compared NAME COMMAND...: record it, and all engines have to find the same; nearly all of its stacks reach the root.
compared() {
	name=$1
	shift
	"$tool" compare -- "$@" >compared 2>compared.err
	status=$?
	[ $status -ne 77 ] || skip events "cannot record here: $(cat compared.err)"
	[ $status -eq 0 ] || { cat compared compared.err; fail "$name: the engines disagree, status $status"; }
	awk -f "$top_srcdir/tests/lib/engines.awk" name="$name" complete_min=99 compared ||
		{ cat compared; fail "$name: not as it should be"; }
}

echo "program        samples frames   same % no rules%   expl. % complete %"
for name in deep60 deep60_dlopen signals vdso threads forks dlopen_close; do
	compared "$name" "$workloads/$name" 1
done
