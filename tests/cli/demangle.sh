#!/bin/sh
# Names of C++ functions: for people by default, as in the symbol table with --no-demangle, of record and of report; the
# profile keeps both.
. "$top_srcdir/tests/lib/cli.sh"
need events g++

cat >spin.cc <<'CC'
#include <ctime>
namespace shop {
template <class T> struct Till {
	__attribute__((noinline)) T add(T sum, int n);
};
template <class T> T Till<T>::add(T sum, int n)
{
	for (int i = 0; i < n; i++)
		sum += sum / 3 + T(i);
	return sum;
}
}
int main()
{
	shop::Till<unsigned long> till;
	unsigned long sum = 1;
	while (clock() < CLOCKS_PER_SEC * 2 / 5)
		sum = till.add(sum, 100000);
	return sum == 0;
}
CC
g++ -O1 -o spin spin.cc || fail "g++"
mangled=_ZN4shop4TillImE3addEmi
demangled='shop::Till<unsigned long>::add(unsigned long, int)'

expect_ok "$HWPROF" record -q -e cpu-clock:u -o both.pb.gz -- ./spin
expect_ok "$HWPROF" report --csv both.pb.gz
expect_stdout_has "$demangled"
! grep -q "$mangled" "$work/stdout" || fail "a mangled name where none was asked for"
expect_ok "$HWPROF" report --csv --no-demangle both.pb.gz
expect_stdout_has "$mangled"
! grep -qF "$demangled" "$work/stdout" || fail "--no-demangle of report was not heeded"
# Either name finds it.
expect_ok "$HWPROF" report --csv --focus "^$mangled\$" both.pb.gz
expect_stdout_has "$demangled"

expect_ok "$HWPROF" record -q -e cpu-clock:u --no-demangle -o mangled.pb.gz -- ./spin
expect_ok "$HWPROF" report --csv mangled.pb.gz
expect_stdout_has "$mangled"
! grep -qF "$demangled" "$work/stdout" || fail "--no-demangle of record was not heeded"
