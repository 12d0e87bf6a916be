# compare.awk PEER OURS: frames as "ADDRESS|FUNCTION|FILE:LINE:COLUMN" of two programs. -v peer=eu or llvm, folded=1 for Rust.
# Prints what differs; then how many addresses were compared. See ../symbols.sh for the differences that are known.
BEGIN { FS = "|" }

function add(count, frames, f) {
	f = ++count[$1]
	frames[$1, f] = $2 "|" $3
}
FNR == NR { if ($2 != "??") add(peer_count, peer_frames); next }
{ add(our_count, our_frames) }

function same_name(theirs, mine, is_outermost) {
	if (theirs == mine)
		return 1
	# Rust folds equal functions: of the symbols at one address the peer takes any, DWARF describes one.
	if (folded && peer == "llvm" && is_outermost)
		return theirs ~ /^_[ZR]/ && mine ~ /^_[ZR]/
	# An IFUNC's symbol is at its resolver, which the source calls otherwise.
	if (peer == "llvm" && theirs == "chosen" && mine == "choose")
		return 1
	# llvm takes the outermost name from the symbol table: with ".cold", ".part.0", ".isra.0".
	if (peer == "llvm" && is_outermost && (index(theirs, mine ".") == 1 || index(theirs, ".") > 1))
		return index(mine, substr(theirs, 1, index(theirs, ".") - 1)) > 0
	# No linkage name in DWARF: the peers give the bare name, or (llvm, outermost) the symbol.
	if (theirs ~ /^_[ZR]/)
		return peer == "llvm" && is_outermost && mine !~ /^_[ZR]/ && index(mine, "::") > 0
	if (mine !~ /^_[ZR]/)
		return substr(mine, length(mine) - length(theirs) + 1) == theirs
	# In a symbol the template's arguments are mangled, operators too.
	sub(/<.*/, "", theirs)
	sub(/^~/, "", theirs)
	return theirs ~ /^operator/ || index(mine, theirs) > 0
}

function same_place(theirs, mine, is_innermost, t, m) {
	split_place(theirs, t)
	split_place(mine, m)
	if (t["line"] == 0 && m["line"] == 0)
		return 1 # llvm guesses a file from STT_FILE symbols
	if (t["file"] != m["file"])
		return 0
	# eu-addr2line 0.188 prints the line of another call in the same function for some callers; its own "inlined
	# at" and llvm-symbolizer say what hwprof says.
	if (peer == "eu" && !is_innermost)
		return 1
	return t["line"] == m["line"] && t["column"] == m["column"]
}

function split_place(place, out, n, parts) {
	n = split(place, parts, ":")
	out["column"] = parts[n]
	out["line"] = parts[n - 1]
	out["file"] = substr(place, 1, length(place) - length(parts[n]) - length(parts[n - 1]) - 2)
}

function differ(address, what, f) {
	differences++
	if (differences > 10)
		return
	print address ": " what
	for (f = 1; f <= peer_count[address]; f++)
		print "  " peer ": " peer_frames[address, f]
	for (f = 1; f <= our_count[address]; f++)
		print "  ours: " our_frames[address, f]
}

END {
	for (address in our_count) {
		compared++
		if (!(address in peer_count)) {
			differ(address, "unknown to the peer")
			continue
		}
		if (our_count[address] != peer_count[address]) {
			differ(address, "depth")
			continue
		}
		n = our_count[address]
		for (f = 1; f <= n; f++) {
			split(peer_frames[address, f], theirs, "|")
			split(our_frames[address, f], mine, "|")
			if (!same_name(theirs[1], mine[1], f == n)) {
				differ(address, "name of frame " f)
				break
			}
			if (!same_place(theirs[2], mine[2], f == 1)) {
				differ(address, "place of frame " f)
				break
			}
		}
	}
	for (address in peer_count)
		if (!(address in our_count))
			differ(address, "unknown to us")
	print compared + 0 " addresses, " differences + 0 " differences"
	exit differences > 0 || compared == 0
}
