/* Profiles for tests, written as one reads them. */
#ifndef HW_TESTS_PROFILE_BUILDER_H
#define HW_TESTS_PROFILE_BUILDER_H

#include "profile/profile.h"

/* A profile with one sample per line of text, "FRAME;FRAME;FRAME VALUE [VALUE...] [KEY=LABEL...]", root first as in
 * folded stacks. types is "name/unit name/unit ...". A FRAME is
 *
 *	f            a function; the dso is "app"
 *	f@a.c:7      with source file and line
 *	f!libx.so    in another dso ([kernel.kallsyms] gets addresses of the kernel)
 *	f|g|h        one instruction: h inlined into g inlined into f
 *	0x123        an address without symbol
 *	-            alone: the empty stack
 *
 * The text is trusted: what cannot be read ends the test program. A LABEL of digits is a number. */
struct hw_profile *hw_test_profile(const char *types, const char *text);

#endif
