#include "event/pmu_cpus.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* A hybrid CPU with an uncore unit, as sysfs shows them. */
static const char *const machine[][2] = {
	{ "cpu_core/type", "4\n" },   { "cpu_core/cpus", "0-3\n" },  { "cpu_atom/type", "10\n" },
	{ "cpu_atom/cpus", "4-5\n" }, { "uncore_imc/type", "17\n" }, { "uncore_imc/cpumask", "0,18\n" },
	{ "msr/type", "11\n" },	      { "bad/type", "12\n" },	     { "bad/cpumask", "zero\n" },
};

static char root[] = "/tmp/hwprof-test-pmu-cpus.XXXXXX";

static void write_entry(const char *path, const char *text)
{
	HW_AUTO(hw_freep) char *whole = hw_asprintf("%s/%s", root, path);
	char *slash = strrchr(whole, '/');
	FILE *file;

	*slash = '\0';
	if (mkdir(whole, 0700) < 0 && errno != EEXIST)
		fail_msg("mkdir %s", whole);
	*slash = '/';
	file = fopen(whole, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static int make_machine(void **state)
{
	(void)state;
	if (!mkdtemp(root))
		return -1;
	for (size_t i = 0; i < HW_COUNT_OF(machine); i++)
		write_entry(machine[i][0], machine[i][1]);
	return 0;
}

static int remove_machine(void **state)
{
	(void)state;
	for (size_t i = 0; i < HW_COUNT_OF(machine); i++) {
		HW_AUTO(hw_freep) char *whole = hw_asprintf("%s/%s", root, machine[i][0]);

		(void)unlink(whole);
		*strrchr(whole, '/') = '\0';
		(void)rmdir(whole);
	}
	return rmdir(root);
}

static void expect(uint32_t type, const char *pmu, enum hw_pmu_reach reach, const char *list)
{
	const struct hw_event event = { .attr.type = type, .pmu = (char *)(uintptr_t)pmu };
	char text[64] = "";
	int *cpus = NULL;
	size_t count = 0;

	assert_int_equal(hw_pmu_cpus(root, &event, &cpus, &count), reach);
	for (size_t i = 0; i < count; i++)
		(void)snprintf(text + strlen(text), sizeof text - strlen(text), "%d ", cpus[i]);
	assert_string_equal(text, list);
	free(cpus);
}

/* Of an uncore unit, one CPU of each package. */
static void a_package_has_one_cpu_each(void **state)
{
	(void)state;
	expect(17, NULL, HW_PMU_REACH_PACKAGE, "0 18 ");
}

/* Of a core type, its cores: by the type, or by the name where the event is a generic one. */
static void a_core_type_has_its_cores(void **state)
{
	(void)state;
	expect(10, NULL, HW_PMU_REACH_CORES, "4 5 ");
	expect(PERF_TYPE_RAW, NULL, HW_PMU_REACH_CORES, "0 1 2 3 ");
	expect(PERF_TYPE_HARDWARE, "cpu_core", HW_PMU_REACH_CORES, "0 1 2 3 ");
}

/* Generic and software events, a PMU that says nothing, one that is not there, text that is no list, a path. */
static void others_count_everywhere(void **state)
{
	(void)state;
	expect(PERF_TYPE_HARDWARE, NULL, HW_PMU_REACH_ALL, "");
	expect(11, NULL, HW_PMU_REACH_ALL, "");
	expect(12, NULL, HW_PMU_REACH_ALL, "");
	expect(99, NULL, HW_PMU_REACH_ALL, "");
	expect(PERF_TYPE_HARDWARE, "../cpu_core", HW_PMU_REACH_ALL, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_package_has_one_cpu_each),
		cmocka_unit_test(a_core_type_has_its_cores),
		cmocka_unit_test(others_count_everywhere),
	};

	return cmocka_run_group_tests(tests, make_machine, remove_machine);
}
