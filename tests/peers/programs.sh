#!/bin/sh
# Real programs, recorded as they run: each sample unwound by rules, by libunwind and by libdw, which have to find the same
# frames in 99.9 % of them, but for few that differ for a reason that tests/lib/unwind_tool.c knows (and those of Go, for which
# libunwind is given no rules); and 99.5 % of the stacks have to reach their root (or, half a percent of cc1's, which has
# stacks of more than the 60 KiB a record can hold, the end of the copy). One row each, by tests/lib/engines.awk:
#
#	samples  frames each  same %  no rules %  explained %  complete %  what became of the others
#
# Some seconds each, a minute or so in all. A program that is not there is left out, and named; it is a failure where
# HWPROF_TESTS_REQUIRE names it.
. "$top_srcdir/tests/lib/cli.sh"
need events
tool=$top_builddir/tests/lib/unwind_tool
left_out=

# compared NAME [VARIABLE=VALUE...] -- COMMAND...: variables for engines.awk.
compared() {
	name=$1
	shift
	echo "name=$name samples_min=100" >variables
	while [ "$1" != -- ]; do
		echo "$1" >>variables
		shift
	done
	shift
	# shellcheck disable=SC2016 # the inner shell's: its process becomes the command
	timeout 60 "$tool" compare -- sh -c 'echo $$ >pid; exec "$@"' sh "$@" >"$name.out" 2>"$name.err"
	status=$?
	[ ! -s pid ] || rm -f "/tmp/perf-$(cat pid).map" # of node and the JVM
	[ $status -ne 77 ] || skip events "cannot record here: $(cat "$name.err")"
	[ $status -le 1 ] || { cat "$name.err"; fail "$name: status $status"; }
	# shellcheck disable=SC2046 # a variable each
	awk -f "$top_srcdir/tests/lib/engines.awk" $(cat variables) "$name.out" || { cat "$name.out"; failed="$failed $name"; }
}

# there PROGRAM...: are they there, and do they run?
there() {
	for program; do
		"$program" --version >/dev/null 2>&1 || "$program" version >/dev/null 2>&1 || {
			case ",${HWPROF_TESTS_REQUIRE-}," in
			*",${program##*/},"*) fail "$program is required here (HWPROF_TESTS_REQUIRE), but does not run" ;;
			esac
			left_out="$left_out $program"
			return 1
		}
	done
}

failed=
echo "program        samples frames   same % no rules%   expl. % complete %"

if there sqlite3; then
	compared sqlite3 -- sqlite3 :memory: "with recursive n(i) as (select 1 union all select i+1 from n where i<1200000)
		select count(*), sum(i*7%13), max(hex(i)) from n group by i%10 order by 2"
fi

head -c 400000 /dev/urandom | od -A n -t x1 >words
if there xz; then
	compared xz -- xz -k -c -5 words
fi

python=/usr/bin/python3
if there $python; then
	cat >work.py <<-'END'
		import json, re
		total = 0
		for i in range(250):
		    text = json.dumps([{"a": j, "b": str(j)} for j in range(3000)])
		    total += len(re.findall("[0-9]+", text)) + sum(sorted(x["a"] for x in json.loads(text)))
		print(total)
	END
	compared python3 -- $python work.py
fi

if there gcc; then
	awk 'BEGIN {
		for (i = 0; i < 250; i++)
			printf "int f%d(int *a, int n) { int s = 0; for (int i = 0; i < n; i++) { switch (a[i] %% 7) { case 1: s += a[i] * %d; break; case 2: s ^= s << 3; break; default: s -= i; } } return s; }\n", i, i
	}' >big.c
	compared gcc cut_max=0.5 -- gcc -O2 -c -o big.o big.c
	cat >omp.c <<-'END'
		#include <stdio.h>
		static double work(int n)
		{
			double sum = 0;
			for (int i = 1; i < n; i++)
				sum += 1.0 / i;
			return sum;
		}
		int main(void)
		{
			double total = 0;
			for (int round = 0; round < 150; round++) {
				#pragma omp parallel for reduction(+:total) schedule(dynamic)
				for (int i = 0; i < 64; i++)
					total += work(20000 + i * 100);
			}
			printf("%f\n", total);
		}
	END
	gcc -O2 -fopenmp -o omp omp.c 2>gcc.err || fail "gcc -fopenmp: $(cat gcc.err)"
	compared openmp -- ./omp
fi

if there openssl; then
	compared openssl -- openssl speed -seconds 1 rsa2048
fi

if there go; then
	mkdir gowork
	cat >gowork/main.go <<-'END'
		package main

		import (
			"fmt"
			"sort"
			"time"
		)

		func work(done chan bool) {
			for end := time.Now().Add(time.Second); time.Now().Before(end); {
				words := []string{}
				for i := 0; i < 20000; i++ {
					words = append(words, fmt.Sprint(i*7919%100003))
				}
				sort.Strings(words)
			}
			done <- true
		}

		func main() {
			done := make(chan bool)
			for i := 0; i < 4; i++ {
				go work(done)
			}
			for i := 0; i < 4; i++ {
				<-done
			}
		}
	END
	printf 'module stackwork\n\ngo 1.19\n' >gowork/go.mod
	(cd gowork && GOCACHE=${GOCACHE:-$work/gocache} GOFLAGS=-mod=mod GOTOOLCHAIN=local CGO_ENABLED=0 \
		go build -o ../gowork.bin .) >go.err 2>&1 || fail "go build: $(cat go.err)"
	compared go without_rules=1 explained_max=2 -- ./gowork.bin
fi

if there rustc; then
	cat >work.rs <<-'END'
		use std::collections::HashMap;
		fn fib(n: u32) -> u64 { if n < 2 { 1 } else { fib(n - 1) + fib(n - 2) } }
		fn main() {
		    let mut total = 0u64;
		    for round in 0..500u64 {
		        let mut m: HashMap<String, u64> = HashMap::new();
		        for i in 0..20000u64 { *m.entry(format!("{}", i * 7919 % 5003)).or_insert(0) += i; }
		        let mut v: Vec<_> = m.iter().collect();
		        v.sort();
		        total += v.iter().map(|x| *x.1).sum::<u64>() + fib(20) + round;
		    }
		    let h: Vec<_> = (0..4).map(|k| std::thread::spawn(move || fib(29 + k % 2))).collect();
		    for t in h { total += t.join().unwrap(); }
		    println!("{}", total);
		}
	END
	rustc -O -o rustwork work.rs 2>rustc.err || fail "rustc: $(cat rustc.err)"
	compared rust -- ./rustwork
fi

if there node; then
	cat >work.js <<-'END'
		function fib(n) { return n < 2 ? 1 : fib(n - 1) + fib(n - 2) }
		let total = 0
		for (let round = 0; round < 150; round++) {
			const m = new Map()
			for (let i = 0; i < 20000; i++) {
				const key = String(i * 7919 % 5003)
				m.set(key, (m.get(key) || 0) + 1)
			}
			total += [...m.keys()].sort().length + fib(22) + JSON.parse(JSON.stringify([...m])).length
		}
		console.log(total)
	END
	compared node -- node --perf-basic-prof work.js
fi

if there java javac; then
	cat >Work.java <<-'END'
		import java.util.*;
		public class Work {
			static int fib(int n) { return n < 2 ? 1 : fib(n - 1) + fib(n - 2); }
			public static void main(String[] args) {
				long total = 0;
				for (int round = 0; round < 150; round++) {
					Map<String, Integer> m = new HashMap<>();
					for (int i = 0; i < 20000; i++)
						m.merge("" + (i * 7919 % 5003), 1, Integer::sum);
					List<String> keys = new ArrayList<>(m.keySet());
					Collections.sort(keys);
					total += keys.size() + fib(24);
				}
				System.out.println(total);
			}
		}
	END
	javac Work.java 2>javac.err || fail "javac: $(cat javac.err)"
	compared java -- java -XX:+UnlockDiagnosticVMOptions -XX:+DumpPerfMapAtExit -XX:+PreserveFramePointer Work
fi

[ -z "$left_out" ] || echo "left out, not here:$left_out"
[ -z "$failed" ] || fail "not as they should be:$failed"
