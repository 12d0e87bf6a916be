#!/bin/sh
# Every header compiles by itself. Usage: check-headers.sh COMPILER FLAG...
set -u

status=0
count=0
for header in $(cd "${top_srcdir:?}" && find lib cmd tests -name '*.h' ! -path 'tests/workloads/*' ! -path 'tests/fixtures/*' | sort); do
	count=$((count + 1))
	"$@" -fsyntax-only -x c -include "$top_srcdir/$header" /dev/null || { echo "$header does not compile alone" && status=1; }
done
[ "$count" -gt 20 ] || { echo "only $count headers found" && status=1; }
[ $status -ne 0 ] || echo "headers: $count compile alone"
exit $status
