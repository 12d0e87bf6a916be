#include "profile/batch.h"

void hw_batch_init(struct hw_batch *batch, struct hw_profile *profile)
{
	batch->profile = profile;
	batch->locations.count = 0;
	batch->count = 0;
}

void hw_batch_fini(struct hw_batch *batch)
{
	hw_vec_fini(&batch->locations);
	batch->count = 0;
}

uint32_t *hw_batch_locations(struct hw_batch *batch, size_t count_max)
{
	if (batch->count == HW_BATCH_SAMPLES)
		hw_batch_flush(batch);
	hw_vec_reserve(&batch->locations, count_max);
	return batch->locations.at + batch->locations.count;
}

int64_t *hw_batch_add(struct hw_batch *batch, uint32_t count, struct hw_label_set_id labels)
{
	struct hw_batched *sample = &batch->samples[batch->count++];

	sample->first = batch->locations.count;
	sample->count = count;
	sample->labels = labels;
	sample->hash = hw_stacks_hash(batch->locations.at + sample->first, count);
	hw_stacks_expect(&batch->profile->stacks, sample->hash);
	batch->locations.count += count;
	memset(sample->values, 0, batch->profile->sample_types.count * sizeof *sample->values);
	return sample->values;
}

/* Ask the memory for one kind of place after the other. */
static void expect(struct hw_batch *batch)
{
	struct hw_profile *profile = batch->profile;

	for (size_t i = 0; i < batch->count; i++) {
		struct hw_batched *sample = &batch->samples[i];

		sample->stack_guess = hw_stacks_guess(&profile->stacks, sample->hash);
		if (sample->stack_guess != HW_NONE)
			hw_profile_expect(profile, (struct hw_stack_id){ sample->stack_guess },
					  sample->labels);
	}
	for (size_t i = 0; i < batch->count; i++) {
		const struct hw_batched *sample = &batch->samples[i];

		if (sample->stack_guess != HW_NONE)
			hw_profile_expect_more(profile, (struct hw_stack_id){ sample->stack_guess },
					       sample->labels);
	}
}

void hw_batch_flush(struct hw_batch *batch)
{
	expect(batch);
	for (size_t i = 0; i < batch->count; i++) {
		const struct hw_batched *sample = &batch->samples[i];
		const struct hw_stack_id stack =
			hw_stacks_add_hashed(&batch->profile->stacks, batch->locations.at + sample->first,
					     sample->count, sample->hash);

		hw_profile_add_sample(batch->profile, stack, sample->labels, sample->values);
	}
	batch->count = 0;
	batch->locations.count = 0;
}
