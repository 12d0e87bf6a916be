/* A profile filled through batches is the one filled sample by sample. */
#include "profile/batch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct hw_profile *new_profile(void)
{
	struct hw_profile *profile = hw_profile_new();

	(void)hw_profile_add_sample_type(profile, "samples", "count");
	(void)hw_profile_add_sample_type(profile, "cycles", "count");
	return profile;
}

static uint32_t random_below(uint64_t *random, uint32_t limit)
{
	*random ^= *random << 13;
	*random ^= *random >> 7;
	*random ^= *random << 17;
	return (uint32_t)((*random >> 20) % limit);
}

static void assert_profiles_equal(const struct hw_profile *a, const struct hw_profile *b)
{
	assert_int_equal(a->samples.count, b->samples.count);
	assert_int_equal(a->stacks.list.count, b->stacks.list.count);
	for (size_t i = 0; i < a->samples.count; i++) {
		const struct hw_stack_id stack = a->samples.at[i].stack;
		uint32_t count_a;
		uint32_t count_b;
		const uint32_t *locations_a = hw_stacks_locations(&a->stacks, stack, &count_a);
		const uint32_t *locations_b = hw_stacks_locations(&b->stacks, stack, &count_b);

		assert_int_equal(stack.index, b->samples.at[i].stack.index);
		assert_int_equal(a->samples.at[i].labels.index, b->samples.at[i].labels.index);
		assert_int_equal(count_a, count_b);
		assert_memory_equal(locations_a, locations_b, count_a * sizeof *locations_a);
		assert_memory_equal(hw_profile_values(a, i), hw_profile_values(b, i), 2 * sizeof(int64_t));
	}
}

/* Ten thousand random samples, many of them equal, of no location to many: ids, order and sums are those of
 * hw_profile_add_sample. */
static void batches_add_what_single_samples_add(void **state)
{
	struct hw_profile *single = new_profile();
	struct hw_profile *batched = new_profile();
	struct hw_batch *batch = hw_alloc(1, sizeof *batch);
	uint64_t random = 88172645463325252u;

	(void)state;
	hw_batch_init(batch, batched);
	for (int i = 0; i < 10000; i++) {
		const uint32_t count = random_below(&random, random_below(&random, 4) ? 4 : 200);
		const struct hw_label_set_id labels = { random_below(&random, 3) };
		uint32_t *locations = hw_batch_locations(batch, 200);
		int64_t values[] = { 1, (int64_t)random_below(&random, 1000) };
		struct hw_stack_id stack;

		for (uint32_t l = 0; l < count; l++)
			locations[l] = random_below(&random, 9);
		stack = hw_stacks_add(&single->stacks, locations, count);
		hw_profile_add_sample(single, stack, labels, values);
		memcpy(hw_batch_add(batch, count, labels), values, sizeof values);
	}
	hw_batch_flush(batch);
	assert_profiles_equal(single, batched);
	hw_batch_fini(batch);
	free(batch);
	hw_profile_free(single);
	hw_profile_free(batched);
}

/* What is in a batch is in the profile after a flush, once; an empty batch adds nothing; values not set are 0. */
static void flush_adds_once(void **state)
{
	struct hw_profile *profile = new_profile();
	struct hw_batch *batch = hw_alloc(1, sizeof *batch);

	(void)state;
	hw_batch_init(batch, profile);
	hw_batch_flush(batch);
	assert_int_equal(profile->samples.count, 0);
	for (int round = 1; round <= 3; round++) {
		hw_batch_locations(batch, 1)[0] = 7;
		hw_batch_add(batch, 1, (struct hw_label_set_id){ 0 })[0] = 5;
		hw_batch_flush(batch);
		hw_batch_flush(batch);
		assert_int_equal(profile->samples.count, 1);
		assert_int_equal(hw_profile_values(profile, 0)[0], 5 * round);
		assert_int_equal(hw_profile_values(profile, 0)[1], 0);
	}
	hw_batch_fini(batch);
	free(batch);
	hw_profile_free(profile);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(batches_add_what_single_samples_add),
		cmocka_unit_test(flush_adds_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
