#!/bin/sh
# Copies of the stack are raised while recording when too many stacks are cut short by them, from then on the stacks are
# complete, the periods still add up to what was counted, and the profile says when and why; --stack-size fixes the size.
. "$top_srcdir/tests/lib/cli.sh"
need events python3
cpus=$(getconf _NPROCESSORS_ONLN)

# facts FILE: "complete truncated samples sum-check start raised after", shares in percent.
facts() {
	"$HWPROF" report --json "$1" | python3 -I -c '
import json, sys
q = json.load(sys.stdin)["quality"]
stacks = q["stacks_complete"] + q["stacks_truncated"] + q["stacks_broken"]
event = q["events"][0]
print("%.2f %.2f %d %.4f %d %d %d" % (100 * q["stacks_complete"] / stacks, 100 * q["stacks_truncated"] / stacks,
	q["samples"], event["events"] / event["counted"] if event.get("counted") else 1, q["stack_size_bytes"], q["stack_raised_bytes"],
	q["stack_raised_after"]))'
}

# holds CONDITION WHAT: an awk condition on the facts.
holds() {
	facts p.pb.gz >facts.txt
	awk "{ complete = \$1; truncated = \$2; samples = \$3; check = \$4; start = \$5; raised = \$6; after = \$7 }
		{ exit !($1) }" facts.txt || fail "$2: not $1 in: $(cat facts.txt)"
	echo "$2: $(cat facts.txt)"
}

record() {
	expect_ok "$HWPROF" record -e cpu-clock -o p.pb.gz "$@"
}

# Small stacks and a size that was asked for stay as they are.
record -- "$workloads/descent" 0.5 main 4
holds 'raised == 0 && after == 0 && complete > 97' 'recursion of 4 KiB'
record --stack-size 16KiB -- "$workloads/descent" 0.5 main 40
holds 'start == 16384 && raised == 0 && truncated > 90' 'a fixed size'

# A second set of events is not had on more than 64 CPUs (HW_VARIANT_COPIES_MAX), and a command is recorded on all: the
# copies stay as they are, and that is said.
if [ "$cpus" -gt 64 ]; then
	record -- "$workloads/descent" 0.5 main 40
	holds 'start == 32768 && raised == 0 && truncated > 90' 'many CPUs'
	expect_stderr_matches 'copies of the stack stayed at 32 KiB after .* on [0-9]+ CPUs it would cost'
	skip few-cpus "copies of the stack are not raised on $cpus CPUs, only on up to 64"
fi

# 40 KiB fit the larger copies: what is missing are the stacks before the raise.
record -- "$workloads/descent" 0.7 main 40
holds 'start == 32768 && raised == 61440 && after < 20 && samples > 300 && truncated < 30 && complete > 70 && check > 0.95 && check < 1.02' 'recursion of 40 KiB'
expect_stderr_has 'copies of the stack were raised from 32 KiB to 60 KiB after'

# A quarter of a MiB fits none: the copies are raised once, and cut stacks are counted as before.
record -- "$workloads/descent" 0.5 main 256
holds 'raised == 61440 && truncated > 90' 'recursion of 256 KiB'

# A program that becomes deep late, in new threads and new processes, too.
record -- "$workloads/descent" 1 main 4 40
holds 'raised == 61440 && after > 200 && truncated < 20' 'depth in phases'
for where in threads forks; do
	record -- "$workloads/descent" 0.7 $where 40
	holds 'raised == 61440 && truncated < 30 && check > 0.9 && check < 1.02' "$where"
done
record --stack-size auto -- "$workloads/descent" 0.5 main 40
holds 'raised == 61440' '--stack-size auto'

# A process that runs already.
"$workloads/descent" 60 threads 40 &
pid=$!
sleep 0.1
expect_ok "$HWPROF" attach -e cpu-clock -d 1.5s -o p.pb.gz -p $pid
kill $pid
holds 'raised == 61440 && truncated < 30' 'attached'

# Where the larger copies cannot be had, the recording goes on without, and says so if they would have been of use: a
# second set of events needs a descriptor for each CPU, and one is missing here.
cp "$HWPROF" "$workloads/descent" . # where whoever runs them below may get to
if [ "$(id -u)" -eq 0 ]; then
	command -v setpriv >/dev/null || skip setpriv "there is no setpriv to give up root with"
	chmod 777 .
	set -- setpriv --reuid 65534 --regid 65534 --clear-groups ./hwprof
else
	set -- ./hwprof
fi
for depth in 4 40; do
	(
		# shellcheck disable=SC3045 # dash and bash have it
		ulimit -n $((64 + 4 * cpus - 1))
		run "$@" record -e cpu-clock:u -o limited.pb.gz -- ./descent 0.3 main $depth
		expect_status 0
		if [ $depth = 40 ]; then
			expect_stderr_matches 'copies of the stack stayed at 32 KiB after [0-9]+ samples, when [0-9.]+ % of the last [0-9]+ stacks'
			expect_stderr_has 'open files are needed, the limit is'
		else
			if grep -q 'copies of the stack' "$work/stderr"; then fail 'said though no stack was cut'; fi
		fi
	) || exit 1
done
