#!/bin/sh
# Names, lines and inlined frames as eu-addr2line, llvm-symbolizer and nm see them, for what compilers and packagers
# make of a program: DWARF 4 and 5, gcc, clang, Rust, PIE or not, compressed, split off, stripped.
#
# Known differences, all in symbols/compare.awk:
# - Where DWARF has no linkage name (functions local to a unit) the peers print the bare name, hwprof the whole one.
# - llvm-symbolizer names the outermost function from the symbol table (".cold", ".part.0"), hwprof by its source.
# - eu-addr2line 0.188 prints wrong lines for some callers of inlined functions, and finds nothing in what clang
#   compiled, which has no .debug_aranges: only llvm-symbolizer is asked there.
# shellcheck disable=SC2034,SC2094,SC2317 # last_command is for fail; the functions are called by name
. "$top_srcdir/tests/lib/cli.sh"

need eu-addr2line nm objcopy strip objdump awk seq
sources=$top_srcdir/tests/peers/symbols
tool=$top_builddir/tests/lib/resolve_tool
[ -x "$tool" ] || skip resolve_tool "tests/lib/resolve_tool is not built"

# addresses FILE: function starts, and bytes of .text, $step apart.
step=5
folded=0
addresses() {
	nm --defined-only "$1" | awk '$2 ~ /^[tTwWi]$/ && $3 != "data_start" { sub(/^0*/, "", $1); print "0x" $1 }'
	objdump -h -j .text "$1" | awk '$2 == ".text" { print $3, $4 }' | {
		read -r size start
		seq $((0x$start)) $step $((0x$start + 0x$size - 1)) | awk '{ printf "0x%x\n", $1 }'
	}
}

# The three programs' output as "ADDRESS|FUNCTION|FILE:LINE:COLUMN".
eu_frames() {
	eu-addr2line -a -i -f -e "$1" <"$2" | awk '
		/^0x[0-9a-f]*$/ { address = $0; sub(/^0x0*/, "0x", address); want = 0; next }
		want == 0 { name = $0; sub(/ inlined at .*/, "", name); want = 1; next }
		{ want = 0; place = $0
		  sub(/ \(.*\)$/, "", place)
		  if (place !~ /:[0-9]+:[0-9]+$/) place = place ":0"
		  print address "|" name "|" place }'
}
llvm_frames() {
	llvm-symbolizer --no-demangle --print-address -i -f -e "$1" <"$2" | awk '
		/^0x[0-9a-f]*$/ { address = $0; want = 0; next }
		/^$/ { next }
		want == 0 { name = $0; want = 1; next }
		{ want = 0; print address "|" name "|" $0 }'
}
our_frames() {
	"$tool" -m "$1" "$2" | awk -F '\t' '
		/^0x[0-9a-f]*$/ { address = $1; next }
		{ print address "|" $1 "|" $2 }'
}

# agree FILE PEER...: the peers and hwprof give the same frames.
agree() {
	file=$1
	shift
	addresses "$file" | sort -u >list
	our_frames "$file" list >ours
	for peer in "$@"; do
		if [ "$peer" = llvm ] && ! command -v llvm-symbolizer >/dev/null 2>&1; then
			continue
		fi
		"${peer}_frames" "$file" list >peer
		last_command="$peer against hwprof on $file"
		awk -v peer="$peer" -v folded="$folded" -f "$sources/compare.awk" peer ours >"$work/stdout" || fail "frames differ"
		echo "$file, $peer: $(tail -n 1 "$work/stdout")"
	done
}

# identical FILE REFERENCE: hwprof gives the same frames for both (the same program, packaged differently).
identical() {
	addresses "$2" | sort -u >list
	"$tool" "$2" list >expected
	"$tool" "$1" list >got
	last_command="resolve_tool $1, $2"
	diff expected got >"$work/stdout" || fail "$1 is named otherwise than $2"
	grep -q "	/" got || fail "no lines in $1"
	echo "$1: as $2"
}

run ${CC:-gcc} -O2 -g -o plain "$sources/plain.c"
[ "$status" -eq 0 ] || skip gcc "there is no C compiler that works"
agree plain eu llvm

# stubs FILE: every PLT entry is called as objdump calls it, at its first byte and inside. objdump names the stub of a
# local IFUNC by its resolver's address ("*ABS*+0x..."), hwprof by its symbol.
stubs() {
	objdump -d "$1" | awk '/@plt>:$/ { sub(/^0*/, "", $1); gsub(/[<>:]/, "", $2)
		if ($2 !~ /^\*ABS\*/) print "0x" $1 "|" $2 }' | sort -u >expected
	[ -s expected ] || fail "objdump sees no stub in $1"
	sed 's/|.*//' expected >list
	"$tool" "$1" list | awk -F '\t' '/^0x[0-9a-f]*$/ { a = $1; next } { print a "|" $1 }' | sort -u >got
	last_command="resolve_tool $1, objdump"
	diff expected got >"$work/stdout" || fail "PLT entries differ"
	echo "$1: $(wc -l <expected) stubs as objdump has them"
}
stubs plain
for variant in "-fcf-protection=full -Wl,-z,ibtplt" "-fno-plt -Wl,-z,now" "-Wl,-z,now" "-Wl,-z,lazy -no-pie"; do
	# shellcheck disable=SC2086 # options are words
	${CC:-gcc} -O2 $variant -o stubbed "$sources/plain.c" 2>/dev/null || continue
	objdump -d stubbed | grep -q '@plt>:$' && stubs stubbed
done
if command -v g++ >/dev/null 2>&1; then
	step=31 # eu-addr2line takes some 5 ms each
	g++ -O2 -gdwarf-5 -o cxx5 "$sources/inlines.cc" || fail "g++"
	g++ -O2 -gdwarf-4 -no-pie -o cxx4 "$sources/inlines.cc" || fail "g++"
	agree cxx5 eu llvm
	agree cxx4 eu llvm
	step=3
	agree cxx5 llvm

	g++ -O2 -gdwarf-5 -gz -o compressed "$sources/inlines.cc" || fail "g++ -gz"
	"$tool" compressed list >expected
	"$tool" cxx5 list >got
	cmp -s expected got || fail "compressed sections are read otherwise"
	echo "compressed: as cxx5"

	# Split off, found through the link; then found by its build-id; then with the wrong file at the link.
	mkdir split
	objcopy --only-keep-debug cxx5 split/prog.debug
	(cd split && strip -o prog ../cxx5 && objcopy --add-gnu-debuglink=prog.debug prog)
	identical split/prog cxx5
	mkdir split/.debug && mv split/prog.debug split/.debug/
	identical split/prog cxx5
	objcopy --remove-section .note.gnu.build-id split/prog split/noid
	objcopy --remove-section .note.gnu.build-id split/.debug/prog.debug split/.debug/noid.debug
	(cd split && objcopy --remove-section .gnu_debuglink noid && cd .debug &&
		objcopy --add-gnu-debuglink=noid.debug ../noid)
	identical split/noid cxx5
	printf x >>split/.debug/noid.debug
	"$tool" split/noid list >got
	grep -q inlines.cc got && fail "a debug file with another checksum was used"
	echo "split/noid: checksum is looked at"
fi
if command -v clang++ >/dev/null 2>&1 && clang++ -O2 -g -o clang "$sources/inlines.cc" 2>/dev/null; then
	step=3
	agree clang llvm
	clang++ -O2 -gdwarf-4 -o clang4 "$sources/inlines.cc" && agree clang4 llvm
fi
if rustc --version >/dev/null 2>&1 && rustc -O -g -o rust "$sources/local.rs" 2>/dev/null; then
	step=997
	folded=1
	agree rust llvm
fi

# Stripped with minidebuginfo, as Fedora packages are: the names are those of the unstripped symbol table.
step=1000000
addresses plain | sort -u >list
strip --strip-debug -o unstripped plain
"$tool" unstripped list >expected
if command -v xz >/dev/null 2>&1; then
	nm -D plain --format=posix --defined-only | awk '{ print $1 }' | sort >dynsyms
	nm plain --format=posix --defined-only | awk '$2 ~ /[TtWi]/ { print $1 }' | sort >funcsyms
	comm -13 dynsyms funcsyms >keep
	objcopy -S --remove-section .gdb_index --remove-section .comment --keep-symbols=keep unstripped mini 2>/dev/null
	xz -k mini
	strip -o minidebug plain
	objcopy --add-section .gnu_debugdata=mini.xz minidebug
	"$tool" minidebug list >got
	last_command="resolve_tool minidebug, unstripped"
	diff expected got >"$work/stdout" || fail ".gnu_debugdata names otherwise than .symtab"
	grep -q '^local_function' got || fail "no names by .gnu_debugdata"
	echo "minidebug: $(grep -vc '^0x' got) functions as in .symtab"
fi
exit 0
