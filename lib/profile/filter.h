/* Which samples a report looks at: pprof's focus and ignore. */
#ifndef HW_PROFILE_FILTER_H
#define HW_PROFILE_FILTER_H

#include "base/err.h"
#include "profile/profile.h"

struct hw_filter {
	const char *
		focus; /* extended regular expression (regex(7)); keep samples with a matching frame; NULL = all */
	const char *ignore; /* drop samples with a matching frame; NULL = none */
};

/* One byte per sample: 1 = kept. A frame matches by function name, system name, file name, mapping's file name
 * (as in pprof). The caller frees *kept. -1 with HW_ERR_USAGE for a bad expression. */
int hw_filter_apply(const struct hw_filter *filter, const struct hw_profile *profile, uint8_t **kept,
		    struct hw_err *err) HW_CHECKED;

#endif
