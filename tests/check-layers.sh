#!/bin/sh
# Which folder may include which: ARCHITECTURE.md's table as a `case`, held against every #include "..." line.
# Usage: check-layers.sh [ROOT] (default: the source tree). Without ROOT it first proves, on a small tree with
# planted violations, that it would notice them.
set -u

# What a folder of lib/ (or one of the two files above them) may include besides itself.
may_include() {
	case $1 in
	base) echo "" ;;
	dso) echo "base" ;;
	event) echo "base" ;;
	record) echo "base event" ;;
	doctor) echo "base dso event record" ;;
	process) echo "base dso record" ;;
	stat) echo "base event record process" ;;
	unwind) echo "base dso record process" ;;
	profile) echo "base" ;;
	format) echo "base profile" ;;
	report) echo "base dso profile" ;;
	lib/symbolise.[ch]) echo "base dso profile symbolise.h" ;;
	lib/columns.[ch]) echo "base event profile" ;;
	lib/copy_size.[ch]) echo "base profile record unwind" ;;
	lib/jit.[ch]) echo "base dso process profile record unwind columns.h jit_timeline.h locations.h" ;;
	lib/jit_timeline.[ch]) echo "base dso profile" ;;
	lib/cut_places.[ch]) echo "base unwind" ;;
	lib/stitch.[ch]) echo "base profile columns.h cut_places.h stack_counts.h" ;;
	lib/disclosure.[ch]) echo "base event record profile" ;;
	lib/locations.[ch]) echo "base dso process profile unwind" ;;
	lib/stack_counts.[ch]) echo "base dso process profile unwind" ;;
	lib/download.[ch]) echo "base dso profile" ;;
	lib/unnamed_help.[ch]) echo "base dso profile" ;;
	lib/*.[ch]) echo "base dso event record process unwind profile columns.h copy_size.h cut_places.h disclosure.h download.h jit.h locations.h stack_counts.h stitch.h symbolise.h unnamed_help.h pipeline.h" ;;
	cmd) echo "base dso event record stat doctor process unwind profile format report copy_size.h symbolise.h pipeline.h" ;;
	*) echo "unknown" ;;
	esac
}

# The name may_include knows a file by: its folder, or the file itself at the top of lib/.
layer_of() {
	case $1 in
	lib/*/*) layer=${1#lib/} && echo "${layer%%/*}" ;;
	cmd/*) echo cmd ;;
	*) echo "$1" ;;
	esac
}

# Print one line per violation in the tree at $1; status 1 when there is any.
check_tree() {
	(
		cd "$1" || exit 2
		status=0
		for file in $(find lib cmd -name '*.[ch]' | sort); do
			layer=$(layer_of "$file")
			allowed=$(may_include "$layer")
			case $allowed in
			unknown) echo "$file: no layer of ARCHITECTURE.md is called '$layer'" && status=1 && continue ;;
			esac
			# A pipe would lose the status: read the includes from a here-document.
			while read -r number included; do
				[ -n "$included" ] || continue
				case $included in
				*/*) target=${included%%/*} ;;
				config.h) continue ;;
				*.pb-c.h) target=$layer ;;
				*) target=$included && [ "$layer" = cmd ] && [ -f "cmd/$included" ] && target=cmd ;;
				esac
				# Sources of the same .c and .h pair at the top of lib/.
				[ "$target" = "$layer" ] && continue
				[ "lib/${target%.h}" = "${layer%.[ch]}" ] && continue
				case " $allowed " in
				*" $target "*) ;;
				*) echo "$file:$number: $layer may include '$allowed', not \"$included\"" && status=1 ;;
				esac
			done <<-EOF
				$(sed -nE 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*"([^"]+)".*/\1/;t hit;b;:hit;=;p' "$file" |
					paste -d ' ' - -)
			EOF
		done
		exit $status
	)
}

# Plant one violation of each kind; every one must be reported, and the clean file must not be.
self_test() {
	tree=$(mktemp -d) || exit 99
	trap 'rm -rf "$tree"' EXIT
	mkdir -p "$tree/lib/base" "$tree/lib/dso" "$tree/lib/format" "$tree/lib/record" "$tree/lib/util" "$tree/cmd"
	printf '#include "base/err.h"\n#include <stdio.h>\n' >"$tree/lib/dso/clean.c"
	printf '#include "options.h"\n#include "format/format.h"\n' >"$tree/cmd/clean.c"
	printf '' >"$tree/cmd/options.h"
	check_tree "$tree" >/dev/null || { echo "self-test: a clean tree was refused" && exit 1; }
	printf '#include "dso/dso.h"\n' >"$tree/lib/base/upward.c"
	printf '\n  #  include "unwind/unwind.h" /* spaced */\n' >"$tree/lib/record/upward.c"
	printf '#include "record/sample.h"\n' >"$tree/lib/format/other_leg.c"
	printf '#include "elf.h"\n' >"$tree/lib/dso/bare.c"
	printf '#include "format/format.h"\n' >"$tree/lib/pipeline.c"
	printf '#include "record/decode.h"\n' >"$tree/lib/symbolise.c"
	printf '' >"$tree/lib/util/drawer.c"
	found=$(check_tree "$tree") && { echo "self-test: violations were not noticed" && exit 1; }
	for planted in lib/base/upward.c:1 lib/record/upward.c:2 lib/format/other_leg.c:1 lib/dso/bare.c:1 \
		lib/pipeline.c:1 lib/symbolise.c:1 lib/util/drawer.c; do
		case $found in
		*"$planted:"*) ;;
		*) echo "self-test: $planted was not noticed" && exit 1 ;;
		esac
	done
	case $found in
	*clean.c*) echo "self-test: a clean file was reported" && exit 1 ;;
	esac
}

if [ $# -gt 0 ]; then
	check_tree "$1"
	exit
fi
self_test
check_tree "${top_srcdir:-$(dirname "$0")/..}" && echo "layers: every include points downwards"
