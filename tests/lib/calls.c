#include "tests/lib/calls.h"

#include <stdlib.h>

#define TOP_AVMA UINT64_C(0x7ffffffff000)

static size_t word_of(uint64_t avma)
{
	return HW_CALLS_WORDS - (size_t)((TOP_AVMA - avma) / 8);
}

void hw_calls_start(struct hw_calls *calls, uint32_t thread, uint32_t location)
{
	*calls = (struct hw_calls){ .thread = thread };
	calls->frames[calls->count++] = (struct hw_calls_frame){ TOP_AVMA - 64, location };
}

void hw_calls_call(struct hw_calls *calls, uint32_t call_location, uint32_t location, size_t words,
		   uint64_t saved)
{
	struct hw_calls_frame *caller = &calls->frames[calls->count - 1];
	const uint64_t cfa = caller->sp_avma;

	if (words < 3 || calls->count == HW_CALLS_MAX || word_of(cfa) < words + 1)
		abort(); /* the test asks for too much */
	caller->location = call_location;
	calls->words[word_of(cfa) - 1] = call_location;
	calls->words[word_of(cfa) - 2] = saved;
	calls->words[word_of(cfa) - 3] = 0;
	calls->frames[calls->count++] = (struct hw_calls_frame){ cfa - 8 * words, location };
}

void hw_calls_return(struct hw_calls *calls)
{
	calls->count--;
}

void hw_calls_unwind_to(struct hw_calls *calls, size_t count)
{
	calls->count = count;
}

struct hw_cut_stack hw_calls_sample(struct hw_calls *calls, uint64_t copy_size_bytes)
{
	const uint64_t sp_avma = calls->frames[calls->count - 1].sp_avma;
	size_t count = 0;

	/* A caller is found when the return address, the word below its stack pointer, was copied. */
	for (; count < calls->count; count++) {
		const struct hw_calls_frame *frame = &calls->frames[calls->count - 1 - count];

		if (frame->sp_avma - sp_avma > copy_size_bytes)
			break;
		calls->sampled[count] = (struct hw_frame){ .sp_avma = frame->sp_avma };
		calls->locations[count] = frame->location;
	}
	return (struct hw_cut_stack){
		.thread = calls->thread,
		.frames = calls->sampled,
		.locations = calls->locations,
		.count = count,
		.copy = (const uint8_t *)&calls->words[word_of(sp_avma)],
		.copy_size_bytes =
			copy_size_bytes < TOP_AVMA - sp_avma ? copy_size_bytes : TOP_AVMA - sp_avma,
		.end = count == calls->count ? HW_CUT_AT_ROOT : HW_CUT_SHORT,
	};
}
