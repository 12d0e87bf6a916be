/* A thread that calls and returns, with a stack of real bytes, so that what a sample of it would show is known as well as
 * what is true: for tests of what is made of stacks that were cut short. */
#ifndef HW_TESTS_CALLS_H
#define HW_TESTS_CALLS_H

#include "cut_places.h"

#define HW_CALLS_WORDS 8192
#define HW_CALLS_MAX 1024

struct hw_calls_frame {
	uint64_t sp_avma;
	uint32_t location; /* of the call it is at, or, of the last one, of the instruction that runs */
};

struct hw_calls {
	uint32_t thread;
	uint64_t words[HW_CALLS_WORDS];		    /* of the stack, lowest first */
	struct hw_calls_frame frames[HW_CALLS_MAX]; /* outermost first */
	size_t count;

	/* The last sample. */
	struct hw_frame sampled[HW_CALLS_MAX];
	uint32_t locations[HW_CALLS_MAX];
};

/* A thread in its first function, at that location. */
void hw_calls_start(struct hw_calls *calls, uint32_t thread, uint32_t location);

/* Call: the caller stands at call_location meanwhile, the callee has a frame of that many words (at least 3: the return
 * address, and two that it saves, which are `saved` and below it 0), and is at `location`. */
void hw_calls_call(struct hw_calls *calls, uint32_t call_location, uint32_t location, size_t words,
		   uint64_t saved);
void hw_calls_return(struct hw_calls *calls);

/* Return until that many frames are left. */
void hw_calls_unwind_to(struct hw_calls *calls, size_t count);

/* What a sample with a copy of that many bytes shows. Borrowed until the next one. */
struct hw_cut_stack hw_calls_sample(struct hw_calls *calls, uint64_t copy_size_bytes);

#endif
