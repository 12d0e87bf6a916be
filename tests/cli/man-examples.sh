#!/bin/sh
# Every command in the EXAMPLES of the manual runs and succeeds. In a page, a command is a line that begins with "$ "
# between .EX and .EE; the lines of one page run one after the other in one folder, which has ./app, a program that
# computes for half a second. While the pages of attach and stat are run, a process called app runs, too. A command whose program is not on this machine
# (go) is left out and said so.
. "$top_srcdir/tests/lib/cli.sh"
need events

PATH=$(dirname "$HWPROF"):$PATH

# commands_of PAGE: its example commands as a shell reads them.
commands_of() {
	awk '/^\.SH / { in_section = ($2 == "EXAMPLES") }
	     /^\.EX/ { in_example = 1; next }
	     /^\.EE/ { in_example = 0 }
	     in_section && in_example && /^\$ /' "$1" |
		sed -e 's/^\$ //' -e 's/\\-/-/g' -e "s/\\\\(aq/'/g" -e 's/\\(dq/"/g' -e 's/\\e/\\/g'
}

run_page() {
	page=$1
	name=$(basename "$page" .1)
	mkdir "$work/here/$name"
	cd "$work/here/$name" || exit 99
	commands_of "$page" >"$work/commands"
	[ -s "$work/commands" ] || fail "man/$name.1 has no examples"
	if [ "$name" = hwprof-attach ] || [ "$name" = hwprof-stat ]; then
		cp "$workloads/serial" app
		./app 60 >/dev/null 2>&1 &
		app_pid=$!
	else
		printf '#!/bin/sh\nexec "%s/serial" 0.5\n' "$workloads" >app
		chmod +x app
	fi
	while read -r line; do
		program=${line%% *}
		command -v "$program" >/dev/null || {
			echo "left out, no $program: $line"
			continue
		}
		expect_ok sh -c "$line" </dev/null
		[ "$(wc -c <"$work/stdout")" -gt 0 ] || [ "${line#hwprof report}" = "$line" ] || fail "nothing was shown"
		count=$((count + 1))
	done <"$work/commands"
	[ -z "$app_pid" ] || kill "$app_pid"
	app_pid=
	cd "$work/here" || exit 99
}

count=0
app_pid=
trap '[ -z "$app_pid" ] || kill "$app_pid"; rm -rf "$work"' EXIT
for page in "$top_srcdir"/man/hwprof*.1; do
	run_page "$page"
done
echo "$count commands ran"
[ "$count" -ge 10 ] || fail "only $count examples were found"
