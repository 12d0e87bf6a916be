/* Is a profile in itself consistent? */
#ifndef HW_PROFILE_CHECK_H
#define HW_PROFILE_CHECK_H

#include "base/err.h"
#include "profile/profile.h"

/* 0 when every id points into its table, every sample has its values, strings[0] is "", label sets have unique
 * keys, and mappings have start <= limit; else -1 with HW_ERR_FORMAT naming the first offence. Every reader calls
 * it last, every writer first. */
int hw_profile_check(const struct hw_profile *profile, struct hw_err *err) HW_CHECKED;

#endif
