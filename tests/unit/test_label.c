#include "profile/label.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>

/* No labels are set 0, which is there from the start. */
static void empty_set_is_zero(void **state)
{
	struct hw_label_sets sets;
	uint32_t count = 9;
	(void)state;

	hw_label_sets_init(&sets);
	assert_int_equal(hw_label_sets_add(&sets, NULL, 0).index, 0);
	assert_non_null(hw_label_sets_get(&sets, (struct hw_label_set_id){ 0 }, &count));
	assert_int_equal(count, 0);
	assert_null(hw_label_sets_find(&sets, (struct hw_label_set_id){ 0 }, 1));
	hw_label_sets_fini(&sets);
}

/* Sets that differ in any one field are different; equal ones are one. */
static void every_field_counts(void **state)
{
	const struct hw_label labels[] = {
		{ .key = 1, .str = 2 },
		{ .key = 2, .str = 2 },
		{ .key = 1, .str = 3 },
		{ .key = 1, .num = 2 },
		{ .key = 1, .num = 2, .num_unit = 4 },
		{ .key = 1, .num = -2 },
	};
	struct hw_label_sets sets;
	(void)state;

	hw_label_sets_init(&sets);
	for (unsigned round = 0; round < 2; round++)
		for (uint32_t i = 0; i < HW_COUNT_OF(labels); i++)
			assert_int_equal(hw_label_sets_add(&sets, &labels[i], 1).index, i + 1);
	assert_int_equal(hw_label_sets_add(&sets, labels, 2).index, HW_COUNT_OF(labels) + 1);
	hw_label_sets_fini(&sets);
}

/* A label is found by its key, and only in its own set. */
static void label_is_found_by_key(void **state)
{
	const struct hw_label two[] = { { .key = 7, .num = 0, .num_unit = 3 }, { .key = 8, .str = 5 } };
	struct hw_label_sets sets;
	struct hw_label_set_id one, both;
	(void)state;

	hw_label_sets_init(&sets);
	one = hw_label_sets_add(&sets, two, 1);
	both = hw_label_sets_add(&sets, two, 2);
	assert_null(hw_label_sets_find(&sets, one, 8));
	assert_int_equal(hw_label_sets_find(&sets, both, 8)->str, 5);
	assert_int_equal(hw_label_sets_find(&sets, both, 7)->num_unit, 3);
	hw_label_sets_fini(&sets);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_set_is_zero),
		cmocka_unit_test(every_field_counts),
		cmocka_unit_test(label_is_found_by_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
