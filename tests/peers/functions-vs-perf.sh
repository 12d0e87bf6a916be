#!/bin/sh
# Real programs, launched and attached to, profiled by hwprof and perf at the same time: the same top functions, with
# shares of the same order (top_functions.py says what is compared, and which differences are known).
# HWPROF_PEER_PROGRAMS="xz go" runs only those; HWPROF_PEER_SECONDS is how long to attach (default 2).
. "$top_srcdir/tests/lib/cli.sh"
need events perf python3
seconds=${HWPROF_PEER_SECONDS:-2}
python=$(command -v /usr/bin/python3 || command -v python3)
failures=

# A program is a function that makes what it needs and writes PROGRAM.sh, which is replaced by it (exec).
# It should be busy for 4 s or more, so that there is time to attach.

prepare_gcc() {
	# shellcheck disable=SC2016
	awk 'BEGIN { for (f = 0; f < 420; f++) {
		printf "int f%d(int *a, int n) { int s = %d; for (int i = 0; i < n; i++) {", f, f
		printf " if (a[i] %% %d == 0) s += a[i] * %d; else s ^= a[(i * %d) %% n] << (i & 7); }", f % 17 + 2, f, f % 5 + 1
		print " switch (s & 7) { case 1: return s + 1; case 2: return s * 3; case 5: return s / 7; } return s; }" } }' >big.c
	echo 'exec gcc -O2 -c big.c -o big.o' >gcc.sh
}

prepare_python3() {
	cat >work.py <<-'EOF'
		import json, time
		end = time.process_time() + 4
		words = ["w%d" % (i * 7919 % 5000) for i in range(20000)]
		while time.process_time() < end:
		    count = {}
		    for w in words:
		        count[w] = count.get(w, 0) + 1
		    text = json.dumps(sorted(count.items(), key=lambda p: (-p[1], p[0])))
		    sum(len(k) * v for k, v in json.loads(text))
	EOF
	echo "exec '$python' work.py" >python3.sh
}

# Text of about 20 MB that compresses neither too well nor too badly.
prepare_text() {
	[ -s text ] || seq 1 1800000 | awk '{ print ($1 * 7919) % 1000003 }' >text
}
prepare_xz() {
	prepare_text
	echo 'exec xz -T2 -4 --block-size=4MiB -c text >/dev/null' >xz.sh
}

prepare_zstd() {
	prepare_text
	echo 'exec zstd -q -T2 -16 -c text >/dev/null' >zstd.sh
}

# The same queries over and over, so that it does not matter when one attaches.
prepare_sqlite3() {
	cat >work.sql <<-'EOF'
		CREATE TABLE t(k INTEGER, v TEXT);
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
		INSERT INTO t SELECT i * 7919 % 100003, 'value ' || (i * 31 % 977) FROM n;
		CREATE INDEX tk ON t(k);
	EOF
	for _ in $(seq 40); do
		cat >>work.sql <<-'EOF'
			SELECT v, count(*), sum(k) FROM t GROUP BY v ORDER BY 2 DESC LIMIT 3;
			SELECT count(*) FROM t a JOIN t b ON a.k = b.k + 1 WHERE a.v < b.v;
			SELECT count(*) FROM t WHERE v LIKE '%9_6%';
			SELECT count(DISTINCT v || k) FROM t;
		EOF
	done
	echo 'exec sqlite3 :memory: <work.sql >/dev/null' >sqlite3.sh
}

# Without DWARF, since with it hwprof names inlined functions, and perf report what they were inlined into.
prepare_go() {
	mkdir -p gowork
	cat >gowork/main.go <<-'EOF'
		package main

		import (
			"fmt"
			"sort"
			"strings"
			"time"
		)

		func words(n int) []string {
			w := make([]string, n)
			for i := range w {
				w[i] = fmt.Sprintf("word%d", i*7919%50021)
			}
			return w
		}

		func main() {
			for end := time.Now().Add(5 * time.Second); time.Now().Before(end); {
				w := words(100000)
				sort.Strings(w)
				count := map[string]int{}
				for _, s := range w {
					count[strings.ToUpper(s)]++
				}
				_ = count
			}
		}
	EOF
	printf 'module peerwork\n\ngo 1.19\n' >gowork/go.mod
	(cd gowork && GOCACHE=${GOCACHE:-$work/gocache} GOFLAGS=-mod=mod GOTOOLCHAIN=local CGO_ENABLED=0 \
		go build -ldflags=-w -o ../gowork.bin .) || fail "cannot build the Go program"
	echo 'exec ./gowork.bin' >go.sh
}

prepare_rust() {
	cat >work.rs <<-'EOF'
		use std::collections::HashMap;
		use std::time::{Duration, Instant};

		#[inline(never)]
		fn count(words: &[String]) -> HashMap<&str, usize> {
		    let mut counts = HashMap::new();
		    for w in words {
		        *counts.entry(w.as_str()).or_insert(0) += 1;
		    }
		    counts
		}

		#[inline(never)]
		fn sorted(words: &[String]) -> Vec<String> {
		    let mut copy = words.to_vec();
		    copy.sort();
		    copy
		}

		fn main() {
		    let end = Instant::now() + Duration::from_secs(5);
		    let words: Vec<String> = (0..100000u64).map(|i| format!("word{}", i * 7919 % 50021)).collect();
		    let mut sum = 0;
		    while Instant::now() < end {
		        sum += count(&words).len() + sorted(&words).len();
		    }
		    println!("{}", sum);
		}
	EOF
	rustc -C opt-level=2 -o rustwork work.rs 2>rustc.log || { cat rustc.log && fail "cannot build the Rust program"; }
	echo 'exec ./rustwork >/dev/null' >rust.sh
}

# --buildid-mmap, as hwprof asks for itself: where two profilers watch one process and only one of them asks, Linux (seen
# in 6.18) marks the other's MMAP2 records too, and perf then takes device and inode for a build-id and crashes
# (perf_event_mmap_event() puts back the header's type and size between events, but not its misc).

# compare PROGRAM HOW: the two recordings p.pb.gz and perf.data.
compare() {
	"$HWPROF" report --json p.pb.gz >hwprof.json || fail "$1, $2: hwprof report failed"
	perf report -i perf.data --stdio --no-children -g none -t '|' -F sample,comm,dso,sym >perf.txt 2>perf.err ||
		{ cat perf.err && fail "$1, $2: perf report failed"; }
	echo "== $1, $2 (hwprof, perf)"
	"$python" "$top_srcdir/tests/peers/top_functions.py" hwprof.json perf.txt hwprof perf || failures="$failures $1-$2"
}

# One run under both: perf records hwprof and its child; the comparison leaves hwprof itself out.
launched() {
	expect_ok perf record -q --buildid-mmap -e cpu-clock -F 999 -o perf.data -- \
		"$HWPROF" record -e cpu-clock -F 999 -o p.pb.gz -- sh "$1.sh"
	compare "$1" launched
}

attached() {
	sh "$1.sh" &
	started=$!
	sleep 1
	target=$started
	# gcc is a driver: its child does the work.
	[ "$1" != gcc ] || target=$(pgrep -P "$started" cc1) || fail "gcc is not compiling"
	perf record -q --buildid-mmap -e cpu-clock -F 999 -o perf.data -p "$target" -- sleep "$seconds" 2>perf.err &
	perf_pid=$!
	expect_ok "$HWPROF" attach -e cpu-clock -F 999 -p "$target" --duration "${seconds}s" -o p.pb.gz
	wait $perf_pid
	kill "$started" 2>/dev/null
	wait "$started" 2>/dev/null
	compare "$1" attached
}

for program in ${HWPROF_PEER_PROGRAMS:-gcc python3 xz zstd sqlite3 go rust}; do
	case $program in
	go) need go ;;
	rust) need rustc ;;
	*) need "$program" ;;
	esac
	"prepare_$program"
	launched "$program"
	attached "$program"
done
[ -z "$failures" ] || fail "hwprof and perf disagree on:$failures"
