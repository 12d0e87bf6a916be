/* process/mapping.c against a model that holds one byte of truth per address. */
#include "process/mapping.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define SPACE 256 /* addresses of the model */

static struct hw_mapping mapping_of(uint64_t start, uint64_t limit, uint64_t foff)
{
	return (struct hw_mapping){ .start_avma = start, .limit_avma = limit, .file_foff = foff, .tag = 7 };
}

static void add(struct hw_mappings *mappings, uint64_t start, uint64_t limit, uint64_t foff)
{
	const struct hw_mapping mapping = mapping_of(start, limit, foff);

	hw_mappings_add(mappings, &mapping);
}

static uint32_t next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

/* Every address finds the mapping added last over it, with the offset that belongs to it, or none. */
static void check_against_model(struct hw_mappings *mappings, const uint64_t *foff_of, const bool *mapped)
{
	for (size_t i = 0; i < mappings->list.count; i++) {
		assert_true(mappings->list.at[i].start_avma < mappings->list.at[i].limit_avma);
		if (i)
			assert_true(mappings->list.at[i - 1].limit_avma <= mappings->list.at[i].start_avma);
	}
	for (uint64_t avma = 0; avma < SPACE; avma++) {
		const struct hw_mapping *found = hw_mappings_find(mappings, avma);

		assert_int_equal(found != NULL, mapped[avma]);
		if (found)
			assert_int_equal(hw_mapping_foff(found, avma), foff_of[avma]);
	}
}

/* Random mappings, added over one another, are found as a plain array of addresses says. */
static void random_adds_agree_with_the_model(void **state)
{
	uint32_t seed = 20240611;

	(void)state;
	for (int round = 0; round < 50; round++) {
		struct hw_mappings mappings = { 0 };
		uint64_t foff_of[SPACE] = { 0 };
		bool mapped[SPACE] = { 0 };

		for (int i = 0; i < 60; i++) {
			const uint64_t start = next_random(&seed) % SPACE;
			const uint64_t size = next_random(&seed) % 40;
			const uint64_t limit = start + size > SPACE ? SPACE : start + size;
			const uint64_t foff = next_random(&seed);

			add(&mappings, start, limit, foff);
			for (uint64_t avma = start; avma < limit; avma++) {
				mapped[avma] = true;
				foff_of[avma] = foff + (avma - start);
			}
			check_against_model(&mappings, foff_of, mapped);
		}
		hw_mappings_fini(&mappings);
	}
}

/* A mapping in the middle of another leaves two pieces, which the pipeline has to look at anew. */
static void splitting_forgets_the_tag_of_the_pieces_only(void **state)
{
	struct hw_mappings mappings = { 0 };

	(void)state;
	add(&mappings, 0x1000, 0x4000, 0);
	add(&mappings, 0x8000, 0x9000, 0);
	add(&mappings, 0x2000, 0x3000, 0x10000);
	assert_int_equal(mappings.list.count, 4);
	assert_int_equal(mappings.list.at[0].tag, HW_MAPPING_NO_TAG);
	assert_int_equal(mappings.list.at[1].tag, 7);
	assert_int_equal(mappings.list.at[2].tag, HW_MAPPING_NO_TAG);
	assert_int_equal(mappings.list.at[2].file_foff, 0x2000);
	assert_int_equal(mappings.list.at[3].tag, 7);
	hw_mappings_fini(&mappings);
}

/* The top of the address space can be mapped and found; an empty range adds nothing. */
static void edges_of_the_address_space(void **state)
{
	struct hw_mappings mappings = { 0 };

	(void)state;
	assert_null(hw_mappings_find(&mappings, 0));
	add(&mappings, UINT64_MAX - 0x1000, UINT64_MAX, 0);
	add(&mappings, 0, 0x1000, 0);
	add(&mappings, 0x5000, 0x5000, 0);
	add(&mappings, 0x6000, 0x5000, 0);
	assert_int_equal(mappings.list.count, 2);
	assert_non_null(hw_mappings_find(&mappings, 0));
	assert_non_null(hw_mappings_find(&mappings, 0xfff));
	assert_null(hw_mappings_find(&mappings, 0x1000));
	assert_non_null(hw_mappings_find(&mappings, UINT64_MAX - 1));
	assert_null(hw_mappings_find(&mappings, UINT64_MAX));
	hw_mappings_fini(&mappings);
}

/* A copy is the other's equal and independent of it; copying over an old list replaces it. */
static void a_copy_stands_alone(void **state)
{
	struct hw_mappings parent = { 0 };
	struct hw_mappings child = { 0 };

	(void)state;
	add(&parent, 0x1000, 0x2000, 0);
	add(&child, 0x9000, 0xa000, 0);
	hw_mappings_copy(&child, &parent);
	assert_null(hw_mappings_find(&child, 0x9000));
	add(&child, 0x3000, 0x4000, 0);
	assert_non_null(hw_mappings_find(&child, 0x1000));
	assert_null(hw_mappings_find(&parent, 0x3000));
	hw_mappings_copy(&parent, &(struct hw_mappings){ 0 });
	assert_int_equal(parent.list.count, 0);
	hw_mappings_fini(&parent);
	hw_mappings_fini(&child);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_adds_agree_with_the_model),
		cmocka_unit_test(splitting_forgets_the_tag_of_the_pieces_only),
		cmocka_unit_test(edges_of_the_address_space),
		cmocka_unit_test(a_copy_stands_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
