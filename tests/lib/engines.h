/* The engines that are held against each other. */
#ifndef HW_TESTS_ENGINES_H
#define HW_TESTS_ENGINES_H

#include "unwind/unwind.h"

enum engine { AUTO, RULES, LIBUNWIND, LIBDW, ENGINES };

static const struct {
	const char *name;
	enum hw_unwind_method method;
} engines[ENGINES] = { { "auto", HW_UNWIND_AUTO },
		       { "rules", HW_UNWIND_RULES },
		       { "libunwind", HW_UNWIND_LIBUNWIND },
		       { "libdw", HW_UNWIND_LIBDW } };

#endif
