# shellcheck shell=sh disable=SC2094,SC2154
# For tests that hold a profile against what the profiled workload says about itself (tests/workloads/truth.h).
# After cli.sh: . "$top_srcdir/tests/lib/truth.sh"

# record_truth WORKLOAD ARGUMENT...: record it to p.pb.gz; its own words go to the file truth.
record_truth() {
	need events
	program=$workloads/$1
	shift
	expect_ok env HWPROF_TRUTH=1 "$HWPROF" record -e cpu-clock -F 999 -o p.pb.gz -- "$program" "$@"
	grep -E '^(truth|chain|fact) ' "$work/stderr" >truth || fail "the workload said no truth"
}

# share_of FUNCTION flat|cum [PROFILE]: its share in percent, 0 when it is not there.
share_of() {
	"$HWPROF" report --csv "${3:-p.pb.gz}" >report.csv || fail "hwprof report --csv failed"
	tr -d '\r' <report.csv | awk -F, -v name="$1" -v column="$2_share" '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		$at["function"] == name { sum += $at[column] }
		END { printf "%.3f\n", 100 * sum }'
}

# expect_truth flat|cum POINTS: every function the workload knows about has the share it says, within so many points.
expect_truth() {
	while read -r word name true_share; do
		[ "$word" = truth ] || continue
		measured=$(share_of "$name" "$1")
		echo "$name: true $true_share %, measured $measured %"
		expect_between "$measured" "$(echo "$true_share $2" | awk '{ print $1 - $2 }')" \
			"$(echo "$true_share $2" | awk '{ print $1 + $2 }')" "share of $name"
	done <truth
}

# expect_chain FOLDED PERCENT: of the weight (nanoseconds of cpu-clock) in the workload's chain, at least so many percent
# show all of it, from main on, frame by frame and nothing between; of all of it, as many reach main. A leaf may be the
# PLT stub on the way to the next link.
expect_chain() {
	grep '^chain ' truth | cut -d ' ' -f 2- | tr ' ' ';' >chain
	awk -v wanted="$2" '
		NR == FNR { chain = $0; n = split($0, links, ";"); for (i = 2; i <= n; i++) in_chain[links[i]] = 1; next }
		{
			count = $NF
			stack = substr($0, 1, length($0) - length($NF) - 1)
			total += count
			frames = split(stack, frame, ";")
			reaches = touches = 0
			for (i = 1; i <= frames; i++) {
				if (frame[i] == "main") { reaches = 1; start = i }
				if (frame[i] in in_chain) touches = 1
			}
			if (reaches) to_main += count
			if (!touches) next
			touching += count
			whole = reaches
			# What follows main is the chain in order, as far as the sample got.
			for (i = start; whole && i <= frames && i - start < n; i++)
				if (frame[i] != links[i - start + 1] && !(i == frames && frame[i] == links[i - start + 1] "@plt"))
					whole = 0
			if (whole) right += count
			else if (!shown++) print "first wrong stack: " stack
		}
		END {
			printf "%.2f s, %.2f %% reach main; %.2f s in the chain, %.2f %% of it right\n", total / 1e9,
				100 * to_main / (total ? total : 1), touching / 1e9, 100 * right / (touching ? touching : 1)
			exit !(total > 5e8 && touching > total / 2 && 100 * to_main >= wanted * total &&
				100 * right >= wanted * touching)
		}' chain "$1" >chain.result || { cat chain.result && fail "fewer than $2 % of the stacks are whole"; }
	cat chain.result
}
