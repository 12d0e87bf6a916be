/* Shared by the workloads: work of a known size, and the truth about it by the program's own clocks.
 *
 * A workload takes its running time as first argument: seconds of CPU time, so that a busy machine changes nothing, or
 * of wall time where it mostly waits (background, threads). With HWPROF_TRUTH=1 it prints what it knows to
 * stderr when it ends, one line each:
 *	truth FUNCTION SHARE	share of the program's CPU time spent in FUNCTION and what it calls, in percent
 *	chain FUNCTION...	a call chain, outermost first
 *	fact NAME VALUE		anything else
 * No functions of the project are used here: a workload must stand on its own. */
#ifndef HW_WORKLOADS_TRUTH_H
#define HW_WORKLOADS_TRUTH_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A function the compiler must leave alone: not inlined, cloned, merged with an equal one, or seen through. */
#if defined(__clang__)
#define OPAQUE __attribute__((noinline, aligned(64)))
#define KEPT __attribute__((noinline))
#else
#define OPAQUE __attribute__((noipa, aligned(64)))
#define KEPT __attribute__((noipa))
#endif

#define NS_PER_S UINT64_C(1000000000)

/* One fully data-dependent chain: a few cycles an iteration, no memory, the same code wherever it stands. */
#define SPIN(x, iterations)                                                              \
	for (uint64_t spin_i = 0; spin_i < (iterations); spin_i++) {                     \
		(x) = (x)*UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407); \
		(x) ^= (x) >> 33;                                                        \
	}

/* Define uint64_t NAME(x, iterations) with SPIN as its body. */
#define SPIN_FUNCTION(name)                                    \
	OPAQUE uint64_t name(uint64_t x, uint64_t iterations); \
	OPAQUE uint64_t name(uint64_t x, uint64_t iterations)  \
	{                                                      \
		__asm__ volatile("");                          \
		SPIN(x, iterations)                            \
		return x;                                      \
	}

typedef uint64_t (*spin_fn)(uint64_t x, uint64_t iterations);

static inline uint64_t clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

static inline uint64_t thread_cpu_ns(void)
{
	return clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

static inline uint64_t wall_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

/* Seconds from argv[1], or a default. */
static inline double seconds_of(int argc, char **argv, double by_default)
{
	const double seconds = argc > 1 ? strtod(argv[1], NULL) : by_default;

	if (seconds > 0 && seconds < 1e6)
		return seconds;
	fprintf(stderr, "%s: '%s' is not a running time in seconds\n", argv[0], argv[1]);
	exit(2);
}

/* Iterations of fn in one second of this thread's CPU time, timed over about 20 ms. */
static inline double spin_rate_hz(spin_fn fn)
{
	uint64_t iterations = 1 << 16;
	uint64_t took_ns;
	volatile uint64_t sink;

	for (;;) {
		const uint64_t before_ns = thread_cpu_ns();

		sink = fn(iterations, iterations);
		took_ns = thread_cpu_ns() - before_ns;
		if (took_ns > 8000000)
			break;
		iterations *= 2;
	}
	(void)sink;
	return (double)iterations * 1e9 / (double)took_ns;
}

static inline int truth_wanted(void)
{
	const char *wanted = getenv("HWPROF_TRUTH");

	return wanted && strcmp(wanted, "1") == 0;
}

/* "truth NAME SHARE" for a part of a whole. */
static inline void print_truth(const char *name, uint64_t part_ns, uint64_t whole_ns)
{
	if (truth_wanted())
		fprintf(stderr, "truth %s %.3f\n", name,
			whole_ns ? 100.0 * (double)part_ns / (double)whole_ns : 0.0);
}

static inline void print_fact(const char *name, double value)
{
	if (truth_wanted())
		fprintf(stderr, "fact %s %.3f\n", name, value);
}

#endif
