#include "format/id_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>

static void add(struct hw_id_table *table, uint64_t id, uint32_t index)
{
	struct hw_err err = { 0 };

	assert_int_equal(hw_id_table_add(table, id, index, "thing", &err), 0);
}

/* In every order of ids, each is found again and no other is. */
static void ids_are_found_in_any_order(void **state)
{
	static const struct {
		uint64_t ids[4];
		uint32_t indices[4];
	} cases[] = {
		{ { 1, 2, 3, 4 }, { 0, 1, 2, 3 } },
		{ { 1, 2, 3, 4 }, { 0, 1, 1, 0 } },
		{ { 1, 2, 4, 3 }, { 0, 1, 2, 3 } },
		{ { 4, 3, 2, 1 }, { 0, 1, 2, 3 } },
		{ { 1, UINT64_MAX, 2, 1000 }, { 5, 6, 7, 8 } },
		{ { UINT64_C(1) << 32, 1, 2, 3 }, { 0, 1, 2, 3 } },
		{ { 2, 4, 6, 8 }, { 0, 1, 2, 3 } },
	};
	(void)state;

	for (size_t i = 0; i < HW_COUNT_OF(cases); i++) {
		struct hw_id_table table = { 0 };

		for (unsigned k = 0; k < 4; k++) {
			assert_int_equal(hw_id_table_find(&table, cases[i].ids[k]), HW_ID_NONE);
			add(&table, cases[i].ids[k], cases[i].indices[k]);
		}
		for (unsigned k = 0; k < 4; k++)
			assert_int_equal(hw_id_table_find(&table, cases[i].ids[k]), cases[i].indices[k]);
		assert_int_equal(hw_id_table_find(&table, 0), HW_ID_NONE);
		assert_int_equal(hw_id_table_find(&table, 5), HW_ID_NONE);
		assert_int_equal(hw_id_table_find(&table, (UINT64_C(1) << 32) + 1), HW_ID_NONE);
		hw_id_table_fini(&table);
	}
}

/* 0 and an id that is there already are refused. */
static void bad_ids_are_refused(void **state)
{
	struct hw_id_table table = { 0 };
	struct hw_err err = { 0 };
	(void)state;

	assert_int_equal(hw_id_table_add(&table, 0, 0, "thing", &err), -1);
	assert_string_equal(err.message, "thing 0 has the reserved id 0");
	add(&table, 1, 0);
	assert_int_equal(hw_id_table_add(&table, 1, 1, "thing", &err), -1);
	assert_string_equal(err.message, "two things have the id 1");
	add(&table, 9, 1);
	assert_int_equal(hw_id_table_add(&table, 9, 2, "thing", &err), -1);
	assert_int_equal(hw_id_table_add(&table, 1, 2, "thing", &err), -1);
	hw_id_table_fini(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_are_found_in_any_order),
		cmocka_unit_test(bad_ids_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
