#!/bin/sh
# Work in a signal handler belongs to the handler and to what it interrupted.
. "$top_srcdir/tests/lib/cli.sh"
. "$top_srcdir/tests/lib/truth.sh"

record_truth signals 3
expect_truth cum 3
expect_ok "$HWPROF" record -e cpu-clock:u -F 999 -o p.folded -- "$workloads/signals" 1
# A sample of the handler shows the way through the signal frame to main.
awk '/handler_work/ { all += $NF; if (/main;main_work;.*on_alarm;handler_work/) right += $NF }
	END { printf "%.0f of %.0f ms in the handler reach main\n", right / 1e6, all / 1e6
		exit !(all > 5e7 && right >= 0.97 * all) }' p.folded ||
	fail "stacks end in the signal handler"
