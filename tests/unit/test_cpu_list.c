#include "base/cpu_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <unistd.h>

static void lists_are_sorted_and_distinct(void **state)
{
	int *cpus = NULL;
	size_t count = 0;

	(void)state;
	assert_int_equal(hw_cpu_list_parse(&cpus, &count, "7,2-4,3", NULL), 0);
	assert_int_equal(count, 4);
	assert_int_equal(cpus[0], 2);
	assert_int_equal(cpus[2], 4);
	assert_int_equal(cpus[3], 7);
	free(cpus);
}

static void nonsense_is_refused(void **state)
{
	static const char *const texts[] = { "",  ",",	 "1,",	     "-1",    "3-1", "1-",
					     "a", "1;2", "99999999", "1-2-3", "0x1", " 1" };

	(void)state;
	for (size_t i = 0; i < HW_COUNT_OF(texts); i++) {
		struct hw_err err = { 0 };
		int *cpus = NULL;
		size_t count = 0;

		assert_int_equal(hw_cpu_list_parse(&cpus, &count, texts[i], &err), -1);
		assert_int_equal(err.kind, HW_ERR_USAGE);
		assert_null(cpus);
	}
}

/* As many CPUs as libc counts from the same kernel. */
static void online_cpus_are_found(void **state)
{
	int *cpus = NULL;
	size_t count = 0;

	(void)state;
	assert_int_equal(hw_cpu_list_online(&cpus, &count, NULL), 0);
	assert_int_equal(count, sysconf(_SC_NPROCESSORS_ONLN));
	free(cpus);
}

/* By hand: what two lists share, whichever is longer, and nothing of a text that is no list. */
static void lists_are_compared(void **state)
{
	static const int wanted[] = { 0, 2, 3, 9 };
	static const int there[] = { 1, 2, 9, 10 };
	int *both = NULL;
	size_t count = 0;

	(void)state;
	hw_cpu_list_intersect(&both, &count, wanted, 4, there, 4);
	assert_int_equal(count, 2);
	assert_int_equal(both[0], 2);
	assert_int_equal(both[1], 9);
	free(both);
	hw_cpu_list_intersect(&both, &count, wanted, 4, NULL, 0);
	assert_int_equal(count, 0);
	free(both);
	assert_true(hw_cpu_list_has("0,4-6", 5));
	assert_false(hw_cpu_list_has("0,4-6", 3));
	assert_false(hw_cpu_list_has("0-9x", 3));
	assert_false(hw_cpu_list_has("", 0));
}

/* The CPU that is missing is named, also when it stands before one that is there. */
static void cpus_that_are_not_online_are_refused(void **state)
{
	int *online = NULL;
	size_t count = 0;
	struct hw_err err = { 0 };

	(void)state;
	assert_int_equal(hw_cpu_list_online(&online, &count, NULL), 0);
	assert_int_equal(hw_cpu_list_check_online(online, count, &err), 0);
	assert_int_equal(hw_cpu_list_check_online((int[]){ online[0], 65000, 65001 }, 3, &err), -1);
	assert_int_equal(err.kind, HW_ERR_USAGE);
	assert_string_equal(err.message, "CPU 65000 is not online");
	assert_int_equal(hw_cpu_list_check_online((int[]){ -1, online[0] }, 2, &err), -1);
	assert_string_equal(err.message, "CPU -1 is not online");
	free(online);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_sorted_and_distinct),
		cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test(online_cpus_are_found),
		cmocka_unit_test(lists_are_compared),
		cmocka_unit_test(cpus_that_are_not_online_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
