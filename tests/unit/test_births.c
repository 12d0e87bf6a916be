#include "record/births.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>

/* Among many, each is found by its own id; one that was never born is not. */
static void each_is_found_by_its_id(void **state)
{
	struct hw_births births = { 0 };
	(void)state;

	assert_null(hw_births_find(&births, 1));
	for (pid_t tid = 2; tid < 2000; tid++)
		hw_births_add(&births, &(struct hw_birth){ .tid = tid,
							   .parent_tid = tid - 1,
							   .time_ns = (uint64_t)tid * 10 });
	for (pid_t tid = 2; tid < 2000; tid++) {
		const struct hw_birth *birth = hw_births_find(&births, tid);

		assert_non_null(birth);
		assert_int_equal(birth->parent_tid, tid - 1);
		assert_int_equal(birth->time_ns, tid * 10);
	}
	assert_null(hw_births_find(&births, 2000));
	hw_births_fini(&births);
	assert_null(hw_births_find(&births, 2));
}

/* An id that came again is the later thread's. */
static void the_last_of_an_id_counts(void **state)
{
	struct hw_births births = { 0 };
	(void)state;

	for (pid_t parent = 1; parent <= 9; parent++)
		hw_births_add(&births, &(struct hw_birth){ .tid = 77, .parent_tid = parent });
	assert_int_equal(hw_births_find(&births, 77)->parent_tid, 9);
	hw_births_fini(&births);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_found_by_its_id),
		cmocka_unit_test(the_last_of_an_id_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
