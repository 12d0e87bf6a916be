#!/bin/sh
# A sample in a signal handler shows the handler, what it interrupted, and everything up to main: the way through the
# signal frame, whose pc is no return address.
. "$top_srcdir/tests/lib/cli.sh"
need events

expect_ok "$HWPROF" record -e cpu-clock:u -F 999 -o p.folded -- "$workloads/signals" 1.5
# Folded weights are nanoseconds here. The handler mostly interrupts main_work, else the clock calls around it.
awk '/handler_work/ { all += $NF; if (/;main;.*on_alarm;handler_work/) right += $NF }
	END { printf "%.0f of %.0f ms in the handler reach main\n", right / 1e6, all / 1e6
		exit !(all > 5e7 && right >= 0.99 * all) }' p.folded || fail "stacks end in the signal handler"
grep -q ";main;main_work;.*on_alarm;handler_work" p.folded || fail "the handler never interrupted main_work"
