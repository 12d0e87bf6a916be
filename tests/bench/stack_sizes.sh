#!/bin/sh
# How large must copies of the stack be? For real programs, the share of stacks that each size cuts short; and what a copy
# of each size costs the target, in its own CPU time, by samples of page faults, which need no timer.
# HWPROF_BENCH_SECONDS of each program at each size (default 2); BIGCXX=a large C++ program takes part, too.
. "$top_srcdir/tests/lib/cli.sh"
need events
sizes="4 8 16 32 60"
seconds=${HWPROF_BENCH_SECONDS:-2}

python=$(PATH=/usr/bin:$PATH command -v python3)
seq 1 1500000 | awk '{ print ($1 * 7919) % 1000003 }' >text
{
	echo 'struct s { int a[4]; };'
	for i in $(seq 1 4000); do
		echo "int f$i(struct s *p, int n) { int t = 0; for (int i = 0; i < n; i++) t += p[i % 7].a[i & 3] * $i; return t > $i ? f$i(p, n - 1) : t; }"
	done
} >large.c
{
	printf '#include <algorithm>\n#include <functional>\n#include <iostream>\n#include <map>\n#include <regex>\n#include <string>\n'
	for i in $(seq 1 60); do
		echo "template <int N> struct t$i { static int f(std::map<std::string, int> &m) { m[std::to_string(N)] += $i; return t$i<N - 1>::f(m); } };"
		echo "template <> struct t$i<0> { static int f(std::map<std::string, int> &) { return $i; } };"
		echo "int g$i(std::map<std::string, int> &m) { std::regex r(\"a*$i\"); return t$i<40>::f(m) + std::regex_match(\"aa\", r); }"
	done
} >large.cc
cat >fib.go <<'EOT'
package main

import (
	"fmt"
	"sort"
)

func fib(n int) int {
	if n < 2 {
		return n
	}
	return fib(n-1) + fib(n-2)
}

func main() {
	for {
		s := make([]string, 0, 200000)
		for i := 0; i < 200000; i++ {
			s = append(s, fmt.Sprint(i*7919%1000003))
		}
		sort.Strings(s)
		fmt.Println(fib(35), len(s))
	}
}
EOT
cat >Tree.java <<'EOT'
import java.util.*;
public class Tree {
	static int depth(int n, Map<Integer, String> m) {
		return n == 0 ? m.size() : depth(n - 1, m) + m.getOrDefault(n, "").length();
	}
	public static void main(String[] a) {
		Map<Integer, String> m = new TreeMap<>();
		for (int i = 0; ; i++) {
			m.put(i % 100000 * 7919 % 100003, "x" + i);
			if (i % 100 == 0 && depth(200, m) == 42)
				System.out.println(m.size());
		}
	}
}
EOT
cat >walk.rs <<'EOT'
use std::collections::BTreeMap;
fn walk(n: u64, m: &mut BTreeMap<String, u64>) -> u64 {
    if n == 0 { return m.len() as u64; }
    *m.entry(format!("{}", n * 7919 % 1003)).or_insert(0) += n;
    walk(n - 1, m) + 1
}
fn main() {
    let mut m = BTreeMap::new();
    loop { if walk(100, &mut m) == 1 { println!("{}", m.len()); } }
}
EOT
cat >nest.py <<'EOT'
import json
def nest(n):
    return {"k": nest(n - 1), "v": list(range(20))} if n else [1, 2, 3]
def depth(x):
    return 1 + max((depth(v) for v in x.values()), default=0) if isinstance(x, dict) else 1
while True:
    depth(json.loads(json.dumps(nest(60))))
EOT
cat >render.js <<'EOT'
function nest(n) { return n ? { k: nest(n - 1), v: Array.from({ length: 20 }, (_, i) => i) } : [1, 2, 3]; }
function depth(x) { return x && typeof x === "object" ? 1 + Math.max(0, ...Object.values(x).map(depth)) : 1; }
for (;;) depth(JSON.parse(JSON.stringify(nest(60))));
EOT
cat >walk.pl <<'EOT'
sub nest { my $n = shift; return $n ? { k => nest($n - 1), v => [1 .. 20] } : [1] }
sub depth { my $x = shift; my $d = 0; if (ref $x eq "HASH") { for (values %$x) { my $e = depth($_); $d = $e if $e > $d } } return $d + 1 }
for (;;) { depth(nest(60)); my %h = map { $_ * 7919 % 1003 => 1 } 1 .. 1000; my @s = sort keys %h }
EOT
cat >work.sql <<'EOT'
create table t(a integer primary key, b text, c real);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 400000) insert into t select i, hex(i * 7919 % 1000003), i / 3.0 from n;
create index tb on t(b);
select count(*), sum(length(x.b || y.b)) from t x join t y on x.b > y.b and y.a < 30 order by 1;
select b, count(*) from (select substr(b, 1, 3) b from t union all select substr(b, 2, 3) from t) group by b order by 2 desc, 1 limit 5;
EOT

"$top_builddir/tests/bench/bench_copy" || fail "bench_copy"
printf '\n\n%-10s' program
for size in $sizes; do
	printf '%10s' "$size KiB"
done
printf '%12s\n' "at 60 KiB"

# row NAME COMMAND...: shares cut short at each size, and how many stacks there were.
row() {
	name=$1
	shift
	command -v "$1" >/dev/null || return 0
	printf '%-10s' "$name"
	for size in $sizes; do
		timeout -s INT 60 "$HWPROF" record -q -e cpu-clock -F 1999 -d "${seconds}s" --stack-size "${size}KiB" \
			-o p.pb.gz -- timeout $((seconds + 5)) "$@" >out 2>err </dev/null || true
		"$HWPROF" report --json p.pb.gz 2>/dev/null | "$python" -I -c '
import json, sys
q = json.load(sys.stdin)["quality"]
all = q["stacks_complete"] + q["stacks_truncated"] + q["stacks_broken"]
print("%.2f%% %d" % (100 * q["stacks_truncated"] / max(all, 1), all))' >share
		read -r cut all <share
		printf '%10s' "$cut"
		rm -f p.pb.gz
	done
	printf '%12s\n' "of $all"
}

row deep "$workloads/deep" 30
row deep60 "$workloads/deep60" 30
[ ! -x "${BIGCXX:-}" ] || row bigcxx "$BIGCXX" 1 1000
row cc1 "$(gcc -print-prog-name=cc1)" -O2 -quiet -o /dev/null large.c
row cc1plus g++ -O2 -g -c -o /dev/null large.cc
row python3 "$python" nest.py
row node node render.js
if command -v javac >/dev/null && javac Tree.java 2>/dev/null; then row java java -Xint -cp . Tree; row java-jit java -cp . Tree; fi
row sqlite3 sqlite3 :memory: '.read work.sql'
row xz sh -c 'exec xz -9 -c text'
row perl perl walk.pl
if command -v go >/dev/null && go build -o fib fib.go 2>/dev/null; then row go ./fib; fi
if command -v rustc >/dev/null && rustc -O -g -o walk walk.rs 2>/dev/null; then row rust ./walk; fi
