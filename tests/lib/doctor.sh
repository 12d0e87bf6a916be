# shellcheck shell=sh
# For tests of hwprof doctor, beside cli.sh: what one finding says in its JSON.

# finding ID KEY: a value of the finding in $work/stdout (JSON); KEY is a key of it, or facts.NAME. Several findings
# with the id give a line each.
finding() {
	python3 - "$work/stdout" "$1" "$2" <<'PY'
import json, sys
file, id, key = sys.argv[1:]
found = [f for f in json.load(open(file))["findings"] if f["id"] == id]
for f in found:
    value = f
    for part in key.split("."):
        value = value[part]
    print("" if value is None else value)
sys.exit(not found)
PY
}

# top KEY: a value of the whole answer: True, False or a text.
top() {
	python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$work/stdout" "$1"
}

# expect_finding ID KEY PATTERN: the value matches a shell pattern.
expect_finding() {
	value=$(finding "$1" "$2") || fail "no finding '$1'"
	# shellcheck disable=SC2254 # a pattern
	case $value in
	$3) ;;
	*) fail "$2 of '$1' is '$value', not '$3'" ;;
	esac
}

expect_top() {
	value=$(top "$1")
	# shellcheck disable=SC2254 # a pattern
	case $value in
	$2) ;;
	*) fail "$1 is '$value', not '$2'" ;;
	esac
}

# as_user COMMAND...: without root, where there is root to give up; the program has to be one that others may read.
as_user() {
	if [ "$(id -u)" -eq 0 ]; then
		run setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
	else
		run "$@"
	fi
}
