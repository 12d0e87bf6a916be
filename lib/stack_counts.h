/* How the frames of a recording were found, and how its stacks ended, by cause and by the DSO in which they did: counted
 * sample by sample, told in the profile's quality. */
#ifndef HW_STACK_COUNTS_H
#define HW_STACK_COUNTS_H

#include "process/process.h"
#include "profile/quality.h"
#include "unwind/unwind.h"

/* Incomplete stacks that ended in one DSO. */
struct hw_ends_of_dso {
	uint64_t count[HW_END_COUNT];
};

/* Zeroed is empty. */
struct hw_stack_counts {
	uint64_t ends[HW_END_COUNT];
	uint64_t origins[HW_ORIGIN_COUNT]; /* of user frames */
	uint64_t kernel_frames;
	HW_VEC(struct hw_ends_of_dso) by_dso; /* by hw_dso_index() + 1; at 0 those in no mapping */
};

void hw_stack_counts_fini(struct hw_stack_counts *counts);

/* Count a stack of a process. Allocates only for the first one that is incomplete in a DSO. Returns that DSO's place in
 * by_dso, or 0. */
uint32_t hw_stack_counts_add(struct hw_stack_counts *counts, const struct hw_frames *frames,
			     struct hw_process *process);

/* A stack counted as HW_END_TRUNCATED, at that place, has turned out to end otherwise. */
void hw_stack_counts_change(struct hw_stack_counts *counts, uint32_t place, enum hw_stack_end end);

/* Tell: stacks complete, truncated and broken, causes, and who is behind them; the worst first. dsos: of the recording. */
void hw_stack_counts_disclose(const struct hw_stack_counts *counts, const struct hw_dso_table *dsos,
			      struct hw_quality *quality);

#endif
