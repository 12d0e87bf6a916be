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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_sorted_and_distinct),
		cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test(online_cpus_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
