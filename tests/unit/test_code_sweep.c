/* Which piece of code covers an address, newest first. */
#include "dso/code_sweep.h"

#include "base/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

struct piece {
	struct hw_code_range range;
	int other;
};

/* Without pieces, nothing covers anything. */
static void nothing_covers(void **state)
{
	struct hw_code_sweep sweep;

	(void)state;
	hw_code_sweep_init(&sweep, NULL, sizeof(struct piece), 0);
	hw_code_sweep_to(&sweep, 0);
	assert_int_equal(hw_code_sweep_before(&sweep, 0), HW_CODE_NONE);
	hw_code_sweep_to(&sweep, UINT64_MAX);
	assert_int_equal(hw_code_sweep_before(&sweep, sweep.count), HW_CODE_NONE);
	hw_code_sweep_fini(&sweep);
}

/* A piece covers its first address and not its limit; the one loaded later hides the one below. */
static void limits_are_open_and_later_ones_hide(void **state)
{
	const struct piece pieces[] = { { { 100, 200 }, 1 }, { { 120, 130 }, 2 }, { { 130, 140 }, 3 } };
	static const struct {
		uint64_t avma;
		uint32_t newest;
	} expected[] = { { 99, HW_CODE_NONE }, { 100, 0 }, { 119, 0 }, { 120, 1 },	     { 129, 1 },
			 { 130, 2 },	       { 139, 2 }, { 140, 0 }, { 200, HW_CODE_NONE } };
	struct hw_code_sweep sweep;

	(void)state;
	hw_code_sweep_init(&sweep, pieces, sizeof *pieces, HW_COUNT_OF(pieces));
	for (size_t i = 0; i < HW_COUNT_OF(expected); i++) {
		hw_code_sweep_to(&sweep, expected[i].avma);
		assert_int_equal(hw_code_sweep_before(&sweep, sweep.count), expected[i].newest);
	}
	hw_code_sweep_fini(&sweep);
}

static uint32_t random_below(uint64_t *state, uint32_t limit)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*state >> 33) % limit;
}

/* The same by looking at every piece. */
static uint32_t covering_before(const struct piece *pieces, uint32_t index, uint64_t avma)
{
	while (index-- > 0)
		if (pieces[index].range.start_avma <= avma && avma < pieces[index].range.limit_avma)
			return index;
	return HW_CODE_NONE;
}

/* Ten thousand pieces of all sizes at random places: every answer is that of a search through all of them, whatever
 * number it is asked below. */
static void answers_are_those_of_a_search(void **state)
{
	enum { COUNT = 10000, SPAN = 3000 };
	struct piece *pieces = hw_alloc(COUNT, sizeof *pieces);
	struct hw_code_sweep sweep;
	uint64_t random = 7;
	size_t found = 0;

	(void)state;
	for (uint32_t i = 0; i < COUNT; i++) {
		pieces[i].range.start_avma = random_below(&random, SPAN);
		pieces[i].range.limit_avma =
			pieces[i].range.start_avma + 1 + random_below(&random, i % 100 ? 4 : SPAN);
	}
	hw_code_sweep_init(&sweep, pieces, sizeof *pieces, COUNT);
	for (uint64_t avma = 0; avma < 2 * SPAN; avma++) {
		hw_code_sweep_to(&sweep, avma);
		for (int k = 0; k < 4; k++) {
			const uint32_t below = k ? random_below(&random, COUNT + 1) : COUNT;
			const uint32_t answer = hw_code_sweep_before(&sweep, below);

			assert_int_equal(answer, covering_before(pieces, below, avma));
			found += answer != HW_CODE_NONE;
		}
	}
	assert_true(found > SPAN);
	hw_code_sweep_fini(&sweep);
	free(pieces);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_covers),
		cmocka_unit_test(limits_are_open_and_later_ones_hide),
		cmocka_unit_test(answers_are_those_of_a_search),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
