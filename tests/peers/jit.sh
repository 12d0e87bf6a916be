#!/bin/sh
# Programs whose compilers run beside them: node with a perf map and with a jitdump, and a JVM with a perf map, both with
# frame pointers. Whole stacks, named, in hwprof and in `go tool pprof`; callers as the source has them, also where a
# function was interrupted before it had made its frame; and what to do where there are no names.
. "$top_srcdir/tests/lib/cli.sh"
need events python3 node go

convert=$top_builddir/tests/lib/convert_tool

# remove_maps: what the programs have left in /tmp.
remove_maps() {
	sed -n 's/.*"\[JIT\] pid \([0-9]*\)".*/\1/p' report.json | sort -u | while read -r pid; do
		rm -f "/tmp/perf-$pid.map"
	done
}

cat >calls.js <<'EOF_JS'
// Small functions that call each other: a large part of the samples is in prologues and epilogues.
function leaf(x) { return (x * 31 + 7) | 0; }
function d(x, n) { if (n === 0) return leaf(x); return d(x ^ n, n - 1) + 1 | 0; }
function c(x) { return d(x, 6) ^ 5; }
function b(x) { return c(x) + c(x + 1) | 0; }
function a(x) { let s = 0; for (let i = 0; i < 1000; i++) s ^= b(x + i); return s; }
const end = Date.now() + 1000 * Number(process.argv[2]);
let s = 0;
while (Date.now() < end) s ^= a(s);
console.log(s);
EOF_JS

cat >Calls.java <<'EOF_JAVA'
public class Calls {
	static int leaf(int x) { return x * 31 + 7; }
	static int d(int x, int n) { if (n == 0) return leaf(x); return d(x ^ n, n - 1) + 1; }
	static int c(int x) { return d(x, 6) ^ 5; }
	static int b(int x) { return c(x) + c(x + 1); }
	static int a(int x) { int s = 0; for (int i = 0; i < 1000; i++) s ^= b(x + i); return s; }
	public static void main(String[] args) {
		long end = System.currentTimeMillis() + 1000 * Integer.parseInt(args[0]);
		int s = 0;
		while (System.currentTimeMillis() < end) s ^= a(s);
		System.out.println(s);
	}
}
EOF_JAVA

cat >callers.py <<'EOPY'
# callers.py REPORT FOLDED [PERCENT]: whole stacks; of the stacks with the program's functions in them, the share in which
# one has another caller than in the source, at most PERCENT.
import json, re, sys
quality = json.load(open(sys.argv[1]))["quality"]
complete = 100.0 * quality["stacks_complete"] / quality["samples"]
print("%d samples, %.2f %% of stacks complete" % (quality["samples"], complete), end="")
assert quality["samples"] > 200 and complete >= 99.5, quality["stack_ends"]
if len(sys.argv) < 4:
    sys.exit(print())
callers = {"leaf": "d", "d": "cd", "c": "b", "b": "a"}
total = wrong = 0
for line in open(sys.argv[2]):
    stack, count = line.rsplit(" ", 1)
    found = [re.match(r"(?:JS|LazyCompile|Function):[*~^+]?(\w+) .*calls\.js|int Calls\.(\w+)\(", frame) for frame in stack.split(";")]
    chain = [m.group(1) or m.group(2) for m in found if m]
    if chain and chain[-1] in callers:
        total += int(count)
        wrong += int(count) * any(callee in callers and caller not in callers[callee]
                                  for caller, callee in zip(chain, chain[1:]))
print(", %.2f %% with a wrong caller" % (100.0 * wrong / max(total, 1)))
assert total and 100.0 * wrong / total <= float(sys.argv[3]), "%d of %d" % (wrong, total)
EOPY

# record WHAT COMMAND...: p.pb.gz, p.folded and report.json of it.
record() {
	what=$1
	shift
	"$HWPROF" record -q -e cpu-clock -F 999 -o p.pb.gz -- "$@" >out 2>err || fail "$what: $(cat err)"
	"$HWPROF" report --json -n 0 p.pb.gz >report.json || fail "report of $what"
	"$convert" p.pb.gz p.folded || fail "convert_tool on $what"
	remove_maps
}

# check_stacks [PERCENT]: whole stacks, and at most that share of wrong callers.
check_stacks() {
	python3 callers.py report.json p.folded "$@" >verdict 2>&1 || fail "$what: $(cat verdict)"
	echo "$what: $(cat verdict)"
}

# Inlining is off so that every call of the source is one.
for option in --perf-basic-prof --perf-prof; do
	record "node $option" node $option --no-turbo-inlining calls.js 3
	check_stacks 2
	expect_ok go tool pprof -top p.pb.gz
	expect_stdout_matches ' (JS|LazyCompile|Function):\*d .*calls\.js:3' # the tag is of V8's version
done

# As it comes, most is inlined, and the stacks are as whole.
record "node" node --perf-basic-prof calls.js 3
check_stacks

# Without a map there are no names, and it is said how to get them.
record "node without a map" node calls.js 1
expect_ok "$HWPROF" report p.pb.gz
expect_stdout_matches 'made at run time; there is no .*: run node with --perf-basic-prof'

if ! command -v java >/dev/null 2>&1; then
	skip java "there is no java for the second half"
fi
map="-XX:+UnlockDiagnosticVMOptions -XX:+DumpPerfMapAtExit"
# A program every JVM has. Its stacks are whole, from the interpreter's and compiled functions through the JVM's own.
# shellcheck disable=SC2046,SC2086 # options
record "java" keytool $(for option in $map -XX:+PreserveFramePointer; do echo "-J$option"; done) -genkeypair -keyalg RSA \
	-keysize 4096 -dname CN=x -alias x -storepass secret -keystore keys
check_stacks
expect_ok go tool pprof -top p.pb.gz
expect_stdout_matches ' (int\[\]|void|int|java\.math\.BigInteger) java\.math\.(Mutable)?BigInteger\.'

command -v javac >/dev/null 2>&1 || skip javac "there is no javac for the last part"
javac Calls.java || fail "javac"
# HotSpot makes the frames of functions that call nothing in another order, not all of which is known here.
# shellcheck disable=SC2086 # options
record "java, calls" java $map -XX:+PreserveFramePointer -XX:-Inline Calls 2
check_stacks 6
