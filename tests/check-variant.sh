#!/bin/sh
# Build hwprof another way, beside the ordinary build, and make something there.
# Usage: check-variant.sh NAME CONFIGURE_ARGUMENT... -- MAKE_ARGUMENT...
# The folder is $top_builddir/check/NAME and is kept, so that the next time is quick.
set -eu

name=$1
shift
folder=${top_builddir:?}/check/$name
source=$(cd "${top_srcdir:?}" && pwd)
jobs=${CHECK_JOBS:-$(nproc)}
configure_arguments=
while [ "$1" != -- ]; do
	# Quoted again by eval below: arguments such as CFLAGS='-O1 -g' hold spaces.
	configure_arguments="$configure_arguments '$1'"
	shift
done
shift

mkdir -p "$folder"
cd "$folder"
wanted="'$source/configure' -q $configure_arguments"
if [ ! -f Makefile ] || [ "$(cat configured-with 2>/dev/null)" != "$wanted" ]; then
	eval "$wanted"
	printf '%s' "$wanted" >configured-with
fi
make -s "-j$jobs" all
exec make -s "-j$jobs" "$@"
