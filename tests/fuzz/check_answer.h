/* What holds of every answer, whatever was asked of whatever file. */
#ifndef HW_TESTS_CHECK_ANSWER_H
#define HW_TESTS_CHECK_ANSWER_H

#include "dso/dso.h"

#include <stdlib.h>

static inline void check_answer(const struct hw_dso_answer *answer, size_t count)
{
	if (answer->first.count != count + 1 || answer->first.at[0] != 0 ||
	    answer->first.at[count] != answer->frames.count)
		abort();
	for (size_t i = 0; i < count; i++)
		if (answer->first.at[i] > answer->first.at[i + 1])
			abort();
	for (size_t i = 0; i < answer->frames.count; i++)
		if (!answer->frames.at[i].name || !answer->frames.at[i].system_name)
			abort();
}

#endif
