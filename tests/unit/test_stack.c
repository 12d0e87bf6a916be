#include "profile/stack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>

/* Equal stacks get equal ids, and what comes back is what went in. */
static void equal_stacks_are_one(void **state)
{
	const uint32_t a[] = { 1, 2, 3 };
	const uint32_t b[] = { 1, 2, 4 };
	struct hw_stacks stacks = { 0 };
	uint32_t count;
	(void)state;

	assert_int_equal(hw_stacks_add(&stacks, a, 3).index, 0);
	assert_int_equal(hw_stacks_add(&stacks, b, 3).index, 1);
	assert_int_equal(hw_stacks_add(&stacks, a, 3).index, 0);
	assert_memory_equal(hw_stacks_locations(&stacks, (struct hw_stack_id){ 1 }, &count), b, sizeof b);
	assert_int_equal(count, 3);
	hw_stacks_fini(&stacks);
}

/* A stack is another than its own beginning, its end, or its reverse. */
static void part_of_a_stack_is_another_stack(void **state)
{
	const uint32_t whole[] = { 5, 6, 7, 8, 9 };
	const uint32_t reversed[] = { 9, 8, 7, 6, 5 };
	struct hw_stacks stacks = { 0 };
	(void)state;

	for (uint32_t count = 0; count <= 5; count++)
		assert_int_equal(hw_stacks_add(&stacks, whole, count).index, count);
	assert_int_equal(hw_stacks_add(&stacks, whole + 1, 4).index, 6);
	assert_int_equal(hw_stacks_add(&stacks, reversed, 5).index, 7);
	hw_stacks_fini(&stacks);
}

/* The empty stack is a stack, also as the first of all. */
static void empty_stack_is_a_stack(void **state)
{
	struct hw_stacks stacks = { 0 };
	uint32_t count = 7;
	(void)state;

	assert_int_equal(hw_stacks_add(&stacks, NULL, 0).index, 0);
	assert_int_equal(hw_stacks_add(&stacks, NULL, 0).index, 0);
	assert_non_null(hw_stacks_locations(&stacks, (struct hw_stack_id){ 0 }, &count));
	assert_int_equal(count, 0);
	hw_stacks_fini(&stacks);
}

/* 100,000 stacks that differ in one place keep their ids while the index grows. */
static void ids_survive_growth(void **state)
{
	struct hw_stacks stacks = { 0 };
	uint32_t frames[9] = { 0 };
	(void)state;

	for (unsigned round = 0; round < 2; round++)
		for (uint32_t i = 0; i < 100000; i++) {
			frames[i % 9] = i;
			assert_int_equal(hw_stacks_add(&stacks, frames, 9).index, i);
			frames[i % 9] = 0;
		}
	assert_int_equal(stacks.list.count, 100000);
	hw_stacks_fini(&stacks);
}

/* Adding what is there moves nothing: no growth, no allocation. */
static void known_stack_changes_nothing(void **state)
{
	const uint32_t frames[] = { 3, 1, 4, 1, 5 };
	struct hw_stacks stacks = { 0 };
	struct hw_stacks before;
	(void)state;

	for (uint32_t count = 0; count <= 5; count++)
		(void)hw_stacks_add(&stacks, frames, count);
	before = stacks;
	for (uint32_t count = 0; count <= 5; count++)
		(void)hw_stacks_add(&stacks, frames, count);
	assert_memory_equal(&before, &stacks, sizeof stacks);
	hw_stacks_fini(&stacks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_stacks_are_one),
		cmocka_unit_test(part_of_a_stack_is_another_stack),
		cmocka_unit_test(empty_stack_is_a_stack),
		cmocka_unit_test(ids_survive_growth),
		cmocka_unit_test(known_stack_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
