# shellcheck shell=sh
# For tests that compare what hwprof would open with what perf opens. Source tests/lib/cli.sh first, then
#
#	counted EVENT			as perf stat opens it
#	sampled -F 997 EVENT		as perf record opens it
#	agree LEAST			at least so many texts were compared; says how many
#
# Known differences, each normalised below:
# - guests: perf leaves them out (exclude_guest) unless the modifiers have a k, h, I, D, e or P without a u or p, which
#   looks like an oversight of its parser; hwprof leaves them out unless :G asks for them, since it can name nothing in
#   a guest.
# - exclude_guest of PMUs that know no guests (msr): perf sets it, is refused and takes it back; hwprof does not set it.
#   Compared is what perf opens in the end.
# - perf gives software events the precise level that was asked for, and the kernel ignores it; hwprof refuses p and takes
#   P, the best there is, as none.
# - an event of the kernel's timers (cpu-clock, task-clock) has in hwprof periods of at least 10,000 ns.
# - S and W are refused, and so are p and P together, and names of groups.
# - "L2-misses" is perf's old alias of LLC-misses; hwprof has no such alias, since it names the wrong cache.

# theirs NAMES_GUESTS: perf's blocks on stdin as "N FIELD VALUE". A block after "switching off ..." is another try at the
# one before. perf stops at the first event that does not open when it leads a group or is sampled.
theirs() {
	awk -v names_guests="$1" '
		/^perf_event_attr:/ {
			if (lower) { # the first try has the level that was asked for
				lower = 0
				next
			}
			if (!retry)
				n++
			retry = 0
			inside = 1
			for (field in seen)
				value[n, field] = ""
			next
		}
		/^---/ { inside = 0; next }
		/switching off exclude_guest/ { no_guests[n] = 1 }
		/switching off/ { retry = 1; next }
		/decreasing precise_ip/ { lower = 1; next }
		/trying to fall back/ { exit }
		/sys_perf_event_open:/ { value[n, "sibling"] = /group_fd -1 / ? "" : 1; next }
		inside { sub(/\{ sample_period, sample_freq \}/, "rate"); value[n, $1] = $2; seen[$1] = 1 }
		END {
			for (event = 1; event <= n && !names_guests; event++)
				value[event, "exclude_guest"] = no_guests[event] ? 0 : 1
			for (key in value) {
				split(key, k, SUBSEP)
				print k[1], k[2], value[key]
			}
		}'
}

# ours: of the dry run on stdin, in the same form.
ours() {
	awk '
		/^event / { n++; next }
		{ split($0, side, " = "); split(side[2], word, " ") }
		side[1] == "sample_freq" { print n, "rate", word[1]; print n, "freq", 1; next }
		side[1] == "sample_period" { print n, "rate", word[1]; next }
		side[1] == "group" { print n, "sibling", side[2] ~ /leader/ ? "" : 1; next }
		side[2] != "" { print n, side[1], word[1] }'
}

# normalise COUNT FIELDS: "N FIELD VALUE", all fields of the first COUNT events, zeros included, in order.
normalise() {
	awk -v count="$1" -v fields="$2" '
		{ value[$1, $2] = $3 }
		END {
			n = split(fields, name, " ")
			for (event = 1; event <= count; event++)
				for (i = 1; i <= n; i++) {
					v = value[event, name[i]]
					if (v == "" || v == "0x0")
						v = 0
					print event, name[i], v
				}
		}'
}

same='type config config1 config2 precise_ip exclude_user exclude_kernel exclude_hv exclude_idle exclude_host exclude_guest pinned exclusive sibling'

# compare FIELDS EVENT: of $work/stderr (perf) and $work/stdout (hwprof).
compare() {
	events=$(grep -c '^event ' <"$work/dry")
	grep -q '^perf_event_attr:' "$work/stderr" || {
		# perf did not get as far as opening: it does not know the words.
		echo "left out, perf does not know it here: $2"
		left_out=$((left_out + 1))
		return
	}
	case $2 in
	*[GH]*) names_guests=1 ;;
	*) names_guests=0 ;;
	esac
	theirs "$names_guests" <"$work/stderr" >blocks
	# perf gives up at a leader, and when sampling at any event, that does not open.
	tried=$(sort -n blocks | tail -n 1 | cut -d ' ' -f 1)
	[ "${tried:-0}" -ge 1 ] || fail "what perf says of '$2' is not understood"
	[ "$tried" -ge "$events" ] || ! grep -q 'not supported\|returned with' "$work/stderr" || events=$tried
	normalise "$events" "$1" <blocks >theirs
	# shellcheck disable=SC2094 # "ours" is a function, too
	ours <"$work/dry" | normalise "$events" "$1" >ours
	[ "$(grep -c . theirs)" -eq $((events * $(echo "$1" | wc -w))) ] || fail "'$2': not every field is compared"
	diff -u theirs ours >difference || {
		cat difference
		fail "'$2' differs from perf (-) in hwprof (+)"
	}
	count=$((count + 1))
	compared=$((compared + events))
}

# counted EVENT: as perf stat opens it.
counted() {
	expect_ok "$HWPROF" record --dry-run -e "$1"
	cp "$work/stdout" "$work/dry"
	run perf stat -vv -e "$1" true
	compare "$same" "$1"
}

# sampled OPTION VALUE EVENT: as perf record opens it with -F or -c.
sampled() {
	expect_ok "$HWPROF" record --dry-run "$1" "$2" -e "$3"
	cp "$work/stdout" "$work/dry"
	run perf record -vv -o perf.data "$1" "$2" -e "$3" true
	compare "$same rate freq" "$1 $2 -e $3"
}

# agree LEAST
agree() {
	echo "$count texts with $compared events agree, perf did not know $left_out"
	[ "$count" -ge "$1" ] || fail "only $count texts were compared"
}

count=0
compared=0
left_out=0
