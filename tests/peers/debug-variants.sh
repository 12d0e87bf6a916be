#!/bin/sh
# Debug information in every place and packaging: split off into .dwo and .dwp, shared by dwz, compressed, in separate
# files, linked with LTO. Each must name every address as the same program with plain DWARF is named, and an inlined call
# two deep with its lines. What a machine's tools cannot make is said and passed over. (.gnu_debugdata: symbols.sh)
# shellcheck disable=SC2034 # last_command is for fail
. "$top_srcdir/tests/lib/cli.sh"

need timeout gcc objcopy strip nm objdump awk seq
tool=$top_builddir/tests/lib/resolve_tool
[ -x "$tool" ] || skip resolve_tool "tests/lib/resolve_tool is not built"
unset DEBUGINFOD_URLS

cat >shared.h <<'END'
int hidden(int x);
static inline __attribute__((always_inline)) int innermost(int x)
{
	return hidden(x + 1) * 3;
}
static inline __attribute__((always_inline)) int middle(int x)
{
	return innermost(x) ^ x;
}
END
cat >first.c <<'END'
#include "shared.h"
int second(int x);
static __attribute__((noinline)) int first(int x)
{
	return middle(x) + 1;
}
int main(int argc, char **argv)
{
	return (first(argc) + second(argc) + (argv != 0)) & 1;
}
END
cat >second.c <<'END'
#include "shared.h"
__attribute__((noinline)) int hidden(int x)
{
	__asm__ volatile("" : "+r"(x));
	return x;
}
__attribute__((noinline)) int second(int x)
{
	return middle(x) - 1;
}
END
mkdir other
for file in shared.h first.c second.c; do
	sed 's/middle/central/; s/innermost/deepest/' $file >other/$file
done
call_in_first="innermost shared.h:4 middle shared.h:8 first first.c:5"
call_in_second="innermost shared.h:4 middle shared.h:8 second second.c:9"

# Every byte of .text.
addresses() {
	objdump -h -j .text "$1" | awk '$2 == ".text" { print $3, $4 }' | {
		read -r size start
		seq $((0x$start)) $((0x$start + 0x$size - 1)) | awk '{ printf "0x%x\n", $1 }'
	}
}

# flat LIST_FILE: "0xADDRESS FUNCTION FILE:LINE ...", without folders and columns.
flat() {
	awk -F '\t' '
		/^0x/ { if (line) print line; line = $1; next }
		{ n = split($2, parts, ":"); file = parts[1]; sub(/.*\//, "", file); line = line " " $1 " " file ":" parts[2] }
		END { print line }' "$1"
}

# plain FILE: it has both inlined calls, and is from now on what others are held against.
plain() {
	addresses "$1" >list
	"$tool" "$1" list >expected
	last_command="resolve_tool $1"
	flat expected >"$work/stdout"
	for call in "$call_in_first" "$call_in_second"; do
		grep -q "^0x[0-9a-f]* $call\$" "$work/stdout" || fail "no '$call'"
	done
}

# same FILE WHAT [UNKNOWN]: it is named as the plain program is; there is no inlined call where it knows none of them.
same() {
	addresses "$1" >list.of
	cmp -s list list.of || fail "$1 is not the same program"
	"$tool" "$1" list >got
	last_command="resolve_tool $1 ($2)"
	diff expected got >"$work/stdout" || fail "$2: names differ"
	echo "$2: $(grep -c '	' got) frames as in the plain program"
}

# unnamed FILE WHAT: without the file that was taken away, nothing is inlined any more: it was that file that told.
unnamed() {
	"$tool" "$1" list >got
	last_command="resolve_tool $1 ($2)"
	flat got >"$work/stdout"
	! grep -q -e innermost -e deepest "$work/stdout" || fail "$2: inlined calls from nowhere"
}

for compiler in gcc clang; do
	command -v $compiler >/dev/null 2>&1 || continue
	for version in 4 5; do
		variant=$compiler-$version
		mkdir $variant
		(cd $variant && $compiler -O2 -gdwarf-$version -I.. -o plain ../first.c ../second.c) || fail "$variant"
		(cd $variant && $compiler -O2 -gdwarf-$version -gsplit-dwarf -I.. -c ../first.c ../second.c &&
			$compiler -o split first.o second.o && ls first.dwo second.dwo >/dev/null) || fail "$variant -gsplit-dwarf"
		plain $variant/plain
		same $variant/split "$variant, .dwo where it was compiled"

		# The folder it was compiled in is gone: .dwo files beside the program.
		mkdir $variant-moved
		mv $variant/*.dwo $variant/split $variant-moved/
		same $variant-moved/split "$variant, .dwo beside the program"

		for packer in dwp llvm-dwp; do
			command -v $packer >/dev/null 2>&1 || continue
			# That of binutils 2.40 knows no DWARF 5: it loses units, or has them under the id 0.
			[ $packer$version = dwp5 ] && continue
			(cd $variant-moved && timeout 10 $packer first.dwo second.dwo -o split.dwp) >pack.log 2>&1 || {
				# That of LLVM 14 does not end on what gcc makes of DWARF 5.
				echo "$variant: $packer cannot pack this"
				rm -f $variant-moved/split.dwp
				continue
			}
			mkdir $variant-moved/away
			mv $variant-moved/*.dwo $variant-moved/away/
			same $variant-moved/split "$variant, .dwp by $packer"
			rm $variant-moved/split.dwp
			unnamed $variant-moved/split "$variant without its .dwp"
			mv $variant-moved/away/*.dwo $variant-moved/
			rmdir $variant-moved/away
		done

		# The same units of another build have other ids, and are not used.
		(cd $variant && $compiler -O2 -gdwarf-$version -gsplit-dwarf -I../other -c ../other/first.c \
			../other/second.c) || fail "another build"
		mv $variant/*.dwo $variant-moved/
		unnamed $variant-moved/split "$variant with the .dwo files of another build"
	done
done

gcc -O2 -g -o program first.c second.c || fail gcc
plain program
for form in zlib zlib-gnu zlib-gabi zstd; do
	objcopy --compress-debug-sections=$form program compressed 2>/dev/null || {
		echo "objcopy cannot compress with $form"
		continue
	}
	if [ $form = zstd ] && ! grep -q 'define HAVE_ZSTD 1' "$top_builddir/config.h"; then
		echo "hwprof was built without libzstd"
		continue
	fi
	same compressed "compressed with $form"
done

# In a separate file, with DWARF of its own or compressed: by the link, and by the build-id.
mkdir separate
objcopy --only-keep-debug program separate/program.debug
strip -o separate/program program
unnamed separate/program "stripped"
objcopy --add-gnu-debuglink=separate/program.debug separate/program separate/linked
same separate/linked "separate file by its link"
objcopy --only-keep-debug --compress-debug-sections program separate/program.debug 2>/dev/null
objcopy --add-gnu-debuglink=separate/program.debug separate/program separate/linked
same separate/linked "separate compressed file by its link"
id=$(readelf -n program 2>/dev/null | awk '/Build ID:/ { print $3 }')
if [ -n "$id" ] && [ -d /usr/lib/debug ] && unshare -rm mount -t tmpfs none /usr/lib/debug 2>/dev/null; then
	store=/usr/lib/debug/.build-id/$(echo "$id" | cut -c 1-2)
	rest=$(echo "$id" | cut -c 3-)
	unshare -rm sh -c "mount -t tmpfs none /usr/lib/debug && mkdir -p $store &&
		cp separate/program.debug $store/$rest.debug && '$tool' separate/program list" >got
	last_command="resolve_tool separate/program, in $store"
	diff expected got >"$work/stdout" || fail "separate file by its build-id: names differ"
	echo "separate file by its build-id: $(grep -c '	' got) frames as in the plain program"
else
	echo "no mount namespace to put a file into /usr/lib/debug: separate files by build-id are not tried"
fi

# LTO: the origins of inlined calls are in other units.
gcc -O2 -g -flto -ffat-lto-objects -o lto first.c second.c 2>/dev/null && {
	addresses lto >list
	"$tool" lto list >got
	last_command="resolve_tool lto"
	flat got >"$work/stdout"
	grep -q " innermost shared.h:4 middle shared.h:8 " "$work/stdout" || fail "LTO: no inlined call"
	echo "LTO: inlined calls are there"
	cp got expected
	if command -v dwz >/dev/null 2>&1 && dwz -l none -L none lto 2>/dev/null; then
		same lto "LTO, dwz"
	fi
}

# dwz: DWARF moved into partial units, in the file itself and in one that two programs share.
if command -v dwz >/dev/null 2>&1; then
	for version in 4 5; do
		rm -f one two shared.dwz
		gcc -O2 -gdwarf-$version -o one first.c second.c || fail gcc
		gcc -O2 -gdwarf-$version -DTWO -o two first.c second.c || fail gcc
		plain one
		cp one single
		dwz -l none -L none single || fail "dwz"
		same single "DWARF $version, dwz"
		# By default units must be larger than these to be worth a shared file.
		dwz -m shared.dwz one two 2>dwz.log || fail "dwz -m"
		readelf -S one | grep -q gnu_debugaltlink || fail "dwz -m shared nothing"
		same one "DWARF $version, dwz -m"
		rm shared.dwz
		"$tool" one list >got || fail "without its dwz file"
		cmp -s expected got && fail "dwz -m: the shared file told nothing"
	done
else
	echo "there is no dwz"
fi
exit 0
