#!/bin/sh
# The manual, --help and the option tables say the same: the OPTIONS of each page are what the program writes, every
# command has a page and every page a command, and no page has warnings.
# Usage: check-man.sh [--update]; with --update the OPTIONS are rewritten instead (make update-man).
set -u
: "${top_srcdir:?}" "${HWPROF:?}"
work=$(mktemp -d "${TMPDIR:-/tmp}/hwprof-man.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
LC_ALL=C.UTF-8
export LC_ALL
failures=0

complain() {
	echo "check-man: $*"
	failures=$((failures + 1))
}

# The commands of the program, from its own list.
commands() {
	"$HWPROF" --help | awk '/^Commands:/ { on = 1; next } on && !NF { exit } on { print $1 }'
}

# with_options PAGE FILE: the page with FILE between its markers.
with_options() {
	awk -v options="$2" '
		/^\.\\" OPTIONS-BEGIN/ { print; while ((getline line < options) > 0) print line; skip = 1 }
		/^\.\\" OPTIONS-END/ { skip = 0 }
		/^\.\\" OPTIONS-BEGIN/ { next }
		!skip' "$1"
}

check_options() {
	name=$1
	page=$top_srcdir/man/hwprof-$name.1
	if [ ! -f "$page" ]; then
		complain "command $name has no page man/hwprof-$name.1"
		return
	fi
	if [ "$(grep -c '^\.\\" OPTIONS-BEGIN' "$page")" != 1 ] || [ "$(grep -c '^\.\\" OPTIONS-END' "$page")" != 1 ]; then
		complain "man/hwprof-$name.1 needs one OPTIONS-BEGIN and one OPTIONS-END comment"
		return
	fi
	"$HWPROF" help --man "$name" >"$work/options" || complain "hwprof help --man $name failed"
	with_options "$page" "$work/options" >"$work/page"
	cmp -s "$page" "$work/page" && return
	if [ "$update" ]; then
		cat "$work/page" >"$page" && echo "updated man/hwprof-$name.1"
		return
	fi
	diff -u "$page" "$work/page"
	complain "the OPTIONS of man/hwprof-$name.1 are not those of the program: make update-man"
}

# Every option of --help is in the page; what the page was made from may have been edited by hand elsewhere.
check_help() {
	name=$1
	page=$top_srcdir/man/hwprof-$name.1
	[ -f "$page" ] || return # was complained of
	sed 's/\\-/-/g; s/\\f[BIR]//g' "$page" >"$work/plain"
	"$HWPROF" "$name" --help | grep -oE '^ +(-., )?--[a-z-]+' | grep -oE '[-][-][a-z-]+' >"$work/help_options"
	[ -s "$work/help_options" ] || complain "hwprof $name --help shows no options"
	while read -r option; do
		grep -qE -e "^(-., )?$option([[ ]|\$)" "$work/plain" || complain "man/hwprof-$name.1 lacks $option"
	done <"$work/help_options"
}

# Styles that are a matter of taste: our pages have no date, and refer to pages of programs that may be absent.
check_warnings() {
	page=$1
	if command -v mandoc >/dev/null; then
		mandoc -T lint -W style "$page" |
			grep -vE 'missing date|referenced manual not found|legacy man\(7\) date|operating system explicitly' >"$work/lint"
		[ -s "$work/lint" ] && { cat "$work/lint"; complain "mandoc finds the above in $page"; }
	fi
	if command -v groff >/dev/null; then
		groff -man -ww -Tutf8 -z "$page" 2>"$work/lint"
		[ -s "$work/lint" ] && { cat "$work/lint"; complain "groff finds the above in $page"; }
	fi
}

update=
[ "${1-}" = --update ] && update=1
commands >"$work/commands"
[ -s "$work/commands" ] || { complain "hwprof --help lists no commands"; exit 1; }
while read -r name; do
	check_options "$name"
	[ "$update" ] || check_help "$name"
done <"$work/commands"
for page in "$top_srcdir"/man/hwprof*.1; do
	name=$(basename "$page" .1)
	[ "$name" = hwprof ] || grep -qx "${name#hwprof-}" "$work/commands" || complain "$page has no command"
	grep -q "man/$name\\.1" "$top_srcdir/man/Makemodule.am" || complain "man/Makemodule.am does not install $name.1"
	[ "$update" ] || check_warnings "$page"
done
command -v mandoc >/dev/null || case ",${HWPROF_TESTS_REQUIRE-}," in
*,mandoc,*) complain "mandoc is required here (HWPROF_TESTS_REQUIRE), but there is none" ;;
esac
[ "$failures" -eq 0 ]
