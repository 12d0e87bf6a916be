#include "event/pmu_cpus.h"

#include "base/buf.h"
#include "tests/lib/fake_root.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

/* A hybrid CPU with an uncore unit, as sysfs shows them. */
static const char *const machine[][2] = {
	{ "cpu_core/type", "4\n" },   { "cpu_core/cpus", "0-3\n" },  { "cpu_atom/type", "10\n" },
	{ "cpu_atom/cpus", "4-5\n" }, { "uncore_imc/type", "17\n" }, { "uncore_imc/cpumask", "0,18\n" },
	{ "msr/type", "11\n" },	      { "bad/type", "12\n" },	     { "bad/cpumask", "zero\n" },
};

static struct fake_root root;

static int make_machine(void **state)
{
	(void)state;
	fake_root_init(&root);
	fake_root_files(&root, machine, HW_COUNT_OF(machine));
	return 0;
}

static int remove_machine(void **state)
{
	(void)state;
	fake_root_fini(&root);
	return 0;
}

static void expect(uint32_t type, const char *pmu, enum hw_pmu_reach reach, const char *list)
{
	const struct hw_event event = { .attr.type = type, .pmu = (char *)(uintptr_t)pmu };
	char text[64] = "";
	int *cpus = NULL;
	size_t count = 0;

	assert_int_equal(hw_pmu_cpus(root.path, &event, &cpus, &count), reach);
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

/* Of the CPUs wanted those that count, or an error that says which would. */
static void cpus_are_chosen_among_those_wanted(void **state)
{
	static const int wanted[] = { 1, 3, 5 };
	const struct hw_event core = { .name = (char *)"c", .attr.type = 4 };
	const struct hw_event uncore = { .name = (char *)"u", .attr.type = 17 };
	const struct hw_event software = { .name = (char *)"s", .attr.type = PERF_TYPE_SOFTWARE };
	struct hw_err err = { 0 };
	int *cpus = NULL;
	size_t count = 0;

	(void)state;
	assert_int_equal(hw_pmu_cpus_among(&cpus, &count, root.path, &core, wanted, 3, &err), 0);
	assert_int_equal(count, 2);
	assert_int_equal(cpus[1], 3);
	free(cpus);
	assert_int_equal(hw_pmu_cpus_among(&cpus, &count, root.path, &software, wanted, 3, &err), 0);
	assert_int_equal(count, 3);
	free(cpus);
	assert_int_equal(hw_pmu_cpus_among(&cpus, &count, root.path, &uncore, wanted, 3, &err), -1);
	assert_int_equal(err.kind, HW_ERR_EVENT);
	assert_string_equal(err.hint, "its PMU is that of CPU 0 and others: leave -C out");
	assert_null(cpus);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_package_has_one_cpu_each),
		cmocka_unit_test(a_core_type_has_its_cores),
		cmocka_unit_test(others_count_everywhere),
		cmocka_unit_test(cpus_are_chosen_among_those_wanted),
	};

	return cmocka_run_group_tests(tests, make_machine, remove_machine);
}
