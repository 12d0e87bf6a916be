/* The kernel's callchain of a sample: PERF_SAMPLE_CALLCHAIN, perf_event_open(2). */
#ifndef HW_UNWIND_CALLCHAIN_H
#define HW_UNWIND_CALLCHAIN_H

#include "unwind/unwind.h"

/* Add the frames of the kernel part, if the sample was taken in the kernel: the sampled instruction, then its
 * callers. */
void hw_callchain_kernel(const struct hw_sample *sample, struct hw_frames *frames);

/* Add the frames of the user part: the interrupted user instruction (the sampled one, when the sample was taken
 * in user space), then its callers. Returns how many were added; 0 when the kernel gave none. */
size_t hw_callchain_user(const struct hw_sample *sample, struct hw_frames *frames);

/* Was the sample taken in the kernel? */
bool hw_sample_in_kernel(const struct hw_sample *sample);

#endif
