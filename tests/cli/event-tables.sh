#!/bin/sh
# Tables of events: where they come from, the user's own over them, and what is said of a wrong one.
. "$top_srcdir/tests/lib/cli.sh"
need events

# A user's table adds events, presets and metrics, here of software events, which every machine has.
mkdir -p "$XDG_CONFIG_HOME/hwprof"
cat >"$XDG_CONFIG_HOME/hwprof/events.json" <<'EOF'
{
  "events": { "page-touches": { "event": "page-faults", "description": "first touches of pages" } },
  "metrics": {
    "touch-rate": {
      "title": "touches",
      "description": "pages touched in a ms",
      "unit": "touches/ms",
      "formula": "1e6 * page-touches / task-clock"
    },
    "ipc": { "title": "IPC", "description": "mine", "unit": "one", "formula": "instructions / cycles" }
  },
  "presets": { "touching": { "description": "pages by time", "events": ["{task-clock,page-touches}"] } }
}
EOF
expect_ok "$HWPROF" list -v touching page-touches
expect_stdout_matches '^  touching +yes .* pages by time$'
expect_stdout_has 'stands for: {task-clock,page-touches}'
expect_stdout_matches '^  page-touches +yes +software/config=0x2/ .*first touches of pages$'
expect_ok "$HWPROF" record -e touching -o own.pb.gz -- "$workloads/serial" 0.1
expect_ok "$HWPROF" report --metrics own.pb.gz
expect_stdout_matches '^events .*task-clock .*page-touches'
expect_stdout_matches '^metrics +touches [0-9.]+'

# It takes the place of what is installed under the same name, and leaves the rest.
expect_ok "$HWPROF" list -v ipc cpi
expect_stdout_matches '^  ipc .*mine; in one$'
expect_stdout_matches '^  cpi .*cycles per instruction'

# A wrong one is an error that names file, entry and what is wrong, not half a table.
echo '{ "events": { "touches": { "event": "page-faults" } } }' >"$XDG_CONFIG_HOME/hwprof/events.json"
run "$HWPROF" record -e touches -o none.pb.gz -- true
expect_status 125
expect_stderr_has "$XDG_CONFIG_HOME/hwprof/events.json: event 'touches': 'description' is missing"
expect_stderr_has "hint: this is your own table of events"
expect_no_file none.pb.gz
rm "$XDG_CONFIG_HOME/hwprof/events.json"

# What is no file is refused; nothing waits for somebody to write into it.
mkfifo "$XDG_CONFIG_HOME/hwprof/events.json"
run timeout 20 "$HWPROF" record -e touches -o none.pb.gz -- true
expect_status 125
expect_stderr_has "cannot read '$XDG_CONFIG_HOME/hwprof/events.json': not a regular file"
rm "$XDG_CONFIG_HOME/hwprof/events.json"

# HWPROF_EVENTS names the folder; the kernel's events need none.
mkdir tables
HWPROF_EVENTS=$PWD/tables
export HWPROF_EVENTS
run "$HWPROF" record -e touches -o none.pb.gz -- true
expect_status 125
expect_stderr_has "$PWD/tables/generic.json"
expect_stderr_has "hint: the tables of events are installed with hwprof"
expect_ok "$HWPROF" record -e cpu-clock,page-faults -o kernel.pb.gz -- true
echo '{ "presets": { "only": { "description": "all there is", "events": ["page-faults"] } } }' >tables/generic.json
expect_ok "$HWPROF" list only
expect_stdout_matches '^  only +yes '
run "$HWPROF" list ipc
expect_status 1
unset HWPROF_EVENTS

# Every table that is installed is one that is there to be read, for whatever CPU.
for table in "$top_srcdir"/events/*.json; do
	cp "$table" tables/generic.json
	HWPROF_EVENTS=$PWD/tables
	export HWPROF_EVENTS
	expect_ok "$HWPROF" list -v preset
	expect_stdout_matches '^  cpu |^  cache '
done
