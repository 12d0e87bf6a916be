# shellcheck shell=sh
# For the tests in cases/, which start with
#
#	. "$top_srcdir/tests/pmu-vm/case.sh"
#
# They have what tests/lib/cli.sh gives, and $kept: a folder that outlives the guest, for the half of the test that runs
# on the host (cases/NAME.host.sh), which starts in the same way.
. "$top_srcdir/tests/lib/cli.sh"

# report FILE [OPTION...]: all rows of a profile, into FILE.json.
report() {
	reported=$1
	shift
	"$HWPROF" report --json -n 0 "$@" "$reported" >"$reported.json" 2>"$work/stderr" || fail "no report of $reported"
}

# value EXPRESSION FILE: of Python, about a report: p is all of it, q its quality, f its rows by function.
value() {
	python3 -S -c 'import json, sys
p = json.load(open(sys.argv[2]))
q, f = p["quality"], {r.get("function"): r for r in p["rows"]}
print(eval(sys.argv[1]))' "$1" "$2.json"
}

# expect_that EXPRESSION FILE: it holds.
expect_that() {
	[ "$(value "$1" "$2")" = True ] || fail "$2: not so: $1; $("$HWPROF" report "$2" | head -n 25)"
}

# expect_truth POINTS FILE TRUTH: the shares of a report, which are of the program's whole time, are what the program
# says of itself.
expect_truth() {
	python3 -S -c 'import json, sys
rows = {r["function"]: r for r in json.load(open(sys.argv[2]))["rows"]}
truth = [line.split()[1:] for line in open(sys.argv[3]) if line.startswith("truth ")]
off = {name: 100 * rows[name]["cum_share"] - float(share) for name, share in truth}
worst = max(off, key=lambda name: abs(off[name]))
print("largest difference %.2f points, %s" % (off[worst], worst))
sys.exit(not truth or abs(off[worst]) > float(sys.argv[1]))' "$1" "$2.json" "$3" >"$work/stdout" 2>"$work/stderr" ||
		fail "shares in $2"
	echo "$2: $(cat "$work/stdout")"
}

# expect_whole FILE: nothing lost, and complete stacks.
expect_whole() {
	expect_that 'q["samples_lost"] == 0 and q["throttles"] == 0' "$1"
	expect_that 'q["stacks_complete"] >= 0.999 * q["samples"] > 0' "$1"
}
