# shellcheck shell=sh
# For tests of hwprof doctor, beside cli.sh: what its JSON in $work/stdout says.

# Flatten the JSON, once for each run (starting Python takes seconds in an emulated guest): lines "ID KEY VALUE" with
# tabs between; the keys of the whole have no ID. null is an empty value.
flatten() {
	cmp -s "$work/stdout" "$work/flat.of" && return
	cp "$work/stdout" "$work/flat.of"
	python3 -S - "$work/stdout" >"$work/flat" <<'PY' || fail "no JSON"
import json, sys
whole = json.load(open(sys.argv[1]))
def line(id, key, value):
    print(id, key, "" if value is None else str(value).replace("\n", " "), sep="\t")
for finding in whole.pop("findings"):
    for key, value in finding.pop("facts").items():
        line(finding["id"], "facts." + key, value)
    for key, value in finding.items():
        line(finding["id"], key, value)
for key, value in whole.items():
    line("", key, value)
PY
}

# finding ID KEY: a value of the finding; KEY is a key of it, or facts.NAME. Several findings with the id give a line
# each; without one, it fails.
finding() {
	flatten
	awk -F '\t' -v id="$1" -v key="$2" '$1 == id && $2 == key { print $3; found = 1 } END { exit !found }' "$work/flat"
}

# top KEY: a value of the whole answer: True, False or a text.
top() {
	finding "" "$1"
}

# expect_finding ID KEY PATTERN: the value matches a shell pattern.
expect_finding() {
	value=$(finding "$1" "$2") || fail "no $2 of a finding '$1'"
	# shellcheck disable=SC2254 # a pattern
	case $value in
	$3) ;;
	*) fail "$2 of '$1' is '$value', not '$3'" ;;
	esac
}

expect_top() {
	expect_finding "" "$1" "$2"
}

# as_user COMMAND...: without root, where there is root to give up; the program has to be one that others may read.
as_user() {
	if [ "$(id -u)" -eq 0 ]; then
		run setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
	else
		run "$@"
	fi
}
