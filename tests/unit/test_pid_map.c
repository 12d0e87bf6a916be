/* process/pid_map.c against an array. */
#include "process/pid_map.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define IDS 500

/* Ids set, set again and removed at random are found as a plain array says. */
static void random_operations_agree_with_an_array(void **state)
{
	static char things[IDS];
	void *model[IDS] = { 0 };
	struct hw_pid_map map = { 0 };
	uint32_t seed = 42;
	size_t count = 0;

	(void)state;
	for (int step = 0; step < 20000; step++) {
		uint32_t id;

		seed = seed * 1664525 + 1013904223;
		id = (seed >> 8) % IDS;
		if (seed >> 31) {
			count += !model[id];
			model[id] = &things[(seed >> 4) % IDS];
			hw_pid_map_set(&map, id, model[id]);
		} else {
			count -= model[id] != NULL;
			model[id] = NULL;
			hw_pid_map_remove(&map, id);
		}
		assert_int_equal(map.count, count);
		if (step % 100 == 0)
			for (uint32_t i = 0; i < IDS; i++)
				assert_ptr_equal(hw_pid_map_find(&map, i), model[i]);
	}
	hw_pid_map_fini(&map);
}

/* A million ids that come and go leave a table of the size of those that are there at once. */
static void passing_ids_take_no_room(void **state)
{
	struct hw_pid_map map = { 0 };
	int thing;

	(void)state;
	for (uint32_t id = 1; id <= 1000000; id++) {
		hw_pid_map_set(&map, id, &thing);
		if (id > 10)
			hw_pid_map_remove(&map, id - 10);
	}
	assert_int_equal(map.count, 10);
	assert_true(map.capacity <= 64);
	assert_non_null(hw_pid_map_find(&map, 1000000));
	assert_null(hw_pid_map_find(&map, 5));
	hw_pid_map_fini(&map);
}

/* Finding and removing in an empty map, and ids 0 and -1. */
static void an_empty_map_has_nothing(void **state)
{
	struct hw_pid_map map = { 0 };
	int thing;

	(void)state;
	assert_null(hw_pid_map_find(&map, 0));
	hw_pid_map_remove(&map, 3);
	hw_pid_map_set(&map, 0, &thing);
	hw_pid_map_set(&map, UINT32_MAX, &thing);
	assert_ptr_equal(hw_pid_map_find(&map, 0), &thing);
	assert_ptr_equal(hw_pid_map_find(&map, UINT32_MAX), &thing);
	hw_pid_map_fini(&map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_operations_agree_with_an_array),
		cmocka_unit_test(passing_ids_take_no_room),
		cmocka_unit_test(an_empty_map_has_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
