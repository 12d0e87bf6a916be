#!/bin/sh
# Stacks cut short are completed from others, and never with a wrong caller: the workload's two callers make the same
# recursion leave the same addresses on the stack, but each has a leaf function of its own.
. "$top_srcdir/tests/lib/cli.sh"
need events python3

# judge.py FOLDED: "LEAF whole N cut N wrong N" in milliseconds for each leaf function.
cat >judge.py <<'EOPY'
import sys
sums = {leaf: {"whole": 0, "cut": 0, "wrong": 0} for leaf in "ab"}
for line in open(sys.argv[1]):
    stack, value = line.rsplit(" ", 1)
    frames = stack.split(";")
    for leaf, other in ("a", "b"), ("b", "a"):
        if "leaf_" + leaf not in frames or "recurse" not in frames:
            continue
        kind = ("wrong" if "caller_" + other in frames else "cut" if frames[0] == "[truncated]" else
                "whole" if "caller_" + leaf in frames and (frames[0] == "_start" or "clone" in frames[0])
                else "wrong")
        sums[leaf][kind] += int(value) / 1e6
for leaf, sum in sums.items():
    print("leaf_" + leaf, *("%s %.0f" % item for item in sum.items()))
EOPY

# callers OPTIONS -- ARGUMENTS: record the workload and judge; whole_a, cut_a, wrong_a, whole_b, ... are set.
callers() {
	options=
	while [ "$1" != -- ]; do
		options="$options $1"
		shift
	done
	shift
	# shellcheck disable=SC2086 # options are words
	expect_ok "$HWPROF" record -q -e cpu-clock:u -F 1999 --stack-size 8KiB $options -o p.folded -- \
		"$workloads/callers" "$@"
	python3 judge.py p.folded >verdict || fail "the profile cannot be judged"
	echo "callers $*$options: $(paste -sd ' ' verdict)"
	for leaf in a b; do
		eval "$(awk -v leaf=$leaf '$1 == "leaf_" leaf {
			for (i = 2; i < NF; i += 2) print $i "_" leaf "=" $(i + 1) }' verdict)"
		eval "[ \"\$wrong_$leaf\" -eq 0 ]" || fail "leaf_$leaf has a caller that never called it: $(cat verdict)"
	done
}

# expect_share PART WHOLE LOW HIGH WHAT, in percent
expect_share() {
	expect_between "$(awk -v p="$1" -v w="$2" 'BEGIN { print 100 * p / w }')" "$3" "$4" "$5"
}

# One caller, depths up to three copies: all but the first of each place are completed.
callers -- 1.5 1 300 0 0 50
expect_share "$whole_a" $((whole_a + cut_a)) 70 100 "share of whole stacks"
# Not when it is turned off: one copy of 8 KiB holds about 110 of these frames.
callers --no-stitch -- 1 1 300 0 0 50
expect_share "$whole_a" $((whole_a + cut_a)) 20 50 "share of whole stacks without stitching"
# Two callers that are seen equally often, in turns that are faster and slower than the samples.
callers -- 1 1 300 1 300 50
callers -- 1 1 300 1 300 5000
expect_share $((whole_a + whole_b)) $((whole_a + whole_b + cut_a + cut_b)) 20 50 "share of whole stacks of two callers"
# The one is always seen whole, the other never, or only now and then.
callers -- 1 1 100 120 160 50
callers -- 1 1 100 120 160 5000
callers -- 1 1 300 120 300 50
callers -- 1 1 300 120 300 5000
# The one at any depth, the other only deeper than a copy, and on its way there so shortly that it is hardly ever met.
callers -- 1 1 300 140 300 50
callers -- 2 1 300 140 300 20000
# Every turn in a thread of its own, all on one stack.
callers -- 1 1 300 120 300 2000 1

# The profile says how many; complete, truncated and broken are all.
expect_ok "$HWPROF" record -q -e cpu-clock:u -F 1999 --stack-size 8KiB -o p.pb.gz -- "$workloads/callers" 1 1 300 0 0 50
expect_ok "$HWPROF" report --json p.pb.gz
cp "$work/stdout" report.json
python3 - <<'EOPY' || fail "the counts of stacks do not add up"
import json
q = json.load(open("report.json"))["quality"]
ends = q["stack_ends"]
print(ends)
assert q["stacks_stitched"] == ends["stitched"] > 100
assert q["stacks_complete"] == ends["root"] + ends["stitched"] + ends.get("kernel only", 0)
assert q["stacks_complete"] + q["stacks_truncated"] + q["stacks_broken"] == q["samples"]
EOPY
expect_ok "$HWPROF" report p.pb.gz
expect_stdout_matches 'complete \([0-9.]+% stitched\), [0-9.]+% truncated'
