/* Words of a callchain, markers between them. */
#include "unwind/callchain.h"

enum part { PART_NONE, PART_KERNEL, PART_USER };

/* What follows a marker, linux/perf_event.h, enum perf_callchain_context. Hypervisor and guest are of no use:
 * their addresses are another machine's. */
static enum part part_of_marker(uint64_t marker)
{
	switch (marker) {
	case PERF_CONTEXT_KERNEL:
		return PART_KERNEL;
	case PERF_CONTEXT_USER:
		return PART_USER;
	default:
		return PART_NONE;
	}
}

bool hw_sample_in_kernel(const struct hw_sample *sample)
{
	return (sample->cpumode & PERF_RECORD_MISC_CPUMODE_MASK) == PERF_RECORD_MISC_KERNEL;
}

/* Add the entries of one part. Its first entry is where that part was interrupted; it is replaced by the sampled
 * instruction when first_is_sample, since with a precise event the interrupt came later. */
static size_t add_part(const struct hw_sample *sample, struct hw_frames *frames, enum part wanted,
		       bool first_is_sample)
{
	const bool kernel = wanted == PART_KERNEL;
	enum part part = PART_NONE;
	size_t added = 0;

	for (uint64_t i = 0; i < sample->callchain_count && frames->count < HW_FRAMES_MAX; i++) {
		const uint64_t word = hw_sample_word(sample->callchain, i);
		struct hw_frame *frame = &frames->at[frames->count];

		if (word >= (uint64_t)PERF_CONTEXT_MAX) {
			part = part_of_marker(word);
			continue;
		}
		if (part != wanted)
			continue;
		*frame = (struct hw_frame){ .avma = word,
					    .kind = added ? HW_FRAME_RETURN_ADDRESS : HW_FRAME_IP,
					    .origin = HW_ORIGIN_CALLCHAIN,
					    .kernel = kernel };
		if (!added && first_is_sample) {
			frame->avma = sample->ip_avma;
			frame->origin = HW_ORIGIN_SAMPLE;
		}
		frames->count++;
		added++;
	}
	return added;
}

void hw_callchain_kernel(const struct hw_sample *sample, struct hw_frames *frames)
{
	if (!hw_sample_in_kernel(sample))
		return;
	if (!add_part(sample, frames, PART_KERNEL, true) && frames->count < HW_FRAMES_MAX)
		frames->at[frames->count++] = (struct hw_frame){ .avma = sample->ip_avma,
								 .kind = HW_FRAME_IP,
								 .origin = HW_ORIGIN_SAMPLE,
								 .kernel = true };
	frames->kernel_count = frames->count;
}

size_t hw_callchain_user(const struct hw_sample *sample, struct hw_frames *frames)
{
	return add_part(sample, frames, PART_USER, !hw_sample_in_kernel(sample));
}
