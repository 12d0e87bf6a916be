/* Samples on their way into a profile, a few at a time.
 *
 * To add a sample is to look at half a dozen places in large tables, each of which says where the next one is: the CPU
 * waits for the memory each time. Of several samples, the memory is asked for all places of a kind at once. */
#ifndef HW_PROFILE_BATCH_H
#define HW_PROFILE_BATCH_H

#include "profile/profile.h"

#define HW_BATCH_SAMPLES 16

struct hw_batched {
	size_t first; /* in hw_batch.locations */
	uint32_t count;
	uint32_t hash;
	uint32_t stack_guess; /* the id it probably has, HW_NONE when it is probably new */
	struct hw_label_set_id labels;
	int64_t values[HW_SAMPLE_TYPES_MAX]; /* one per sample type */
};

struct hw_batch {
	struct hw_profile *profile; /* borrowed */
	HW_VEC(uint32_t) locations;
	struct hw_batched samples[HW_BATCH_SAMPLES];
	size_t count;
};

/* The profile is borrowed and has all its sample types. What is in a batch is in the profile only after
 * hw_batch_flush. */
void hw_batch_init(struct hw_batch *batch, struct hw_profile *profile);
void hw_batch_fini(struct hw_batch *batch);

/* Where the next sample's locations, leaf first, at most count_max of them, are to be put. Borrowed until the next
 * call. */
uint32_t *hw_batch_locations(struct hw_batch *batch, size_t count_max);

/* Add a sample with the first `count` of the locations put there. Returns its values, one per sample type, all 0, to be
 * set before the next call. */
int64_t *hw_batch_add(struct hw_batch *batch, uint32_t count, struct hw_label_set_id labels);

/* Add what there is to the profile, in the order it came. */
void hw_batch_flush(struct hw_batch *batch);

#endif
