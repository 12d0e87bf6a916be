/* The chain of deep60_chain.c, and what main() does with it. */
#ifndef HW_WORKLOADS_DEEP60_H
#define HW_WORKLOADS_DEEP60_H

#include "truth.h"

/* Call down to deep_60, which spins; returns something that depends on it. */
KEPT uint64_t deep_02(uint64_t x, uint64_t iterations);

/* Iterations of one visit: a few microseconds, so that some samples fall into prologues and epilogues on the way. */
#define DEEP_VISIT_ITERATIONS 2000

static inline void print_chain(void)
{
	if (!truth_wanted())
		return;
	fprintf(stderr, "chain main");
	for (int i = 2; i <= 60; i++)
		fprintf(stderr, " deep_%02d", i);
	fprintf(stderr, "\n");
}

#endif
