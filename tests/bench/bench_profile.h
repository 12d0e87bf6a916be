/* The profile that the benchmarks of formats and reports work on; gen_profile.c describes it. */
#ifndef HW_TESTS_BENCH_PROFILE_H
#define HW_TESTS_BENCH_PROFILE_H

#include "profile/profile.h"

/* A profile of that many distinct stacks, at least 2 frames deep each. */
struct hw_profile *bench_profile_new(uint32_t stacks, uint32_t depth);

#endif
