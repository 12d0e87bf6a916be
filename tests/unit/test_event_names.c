#include "event/names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* The numbers of linux/perf_event.h, as perf_event_open(2) lists them: what `perf record -vv -e NAME` opens. */
static void names_have_their_numbers(void **state)
{
	static const struct {
		const char *name;
		uint32_t type;
		uint64_t config;
	} cases[] = {
		{ "cycles", 0, 0 },
		{ "cpu-cycles", 0, 0 },
		{ "instructions", 0, 1 },
		{ "cache-references", 0, 2 },
		{ "cacheReferences", 0, 2 },
		{ "cache-misses", 0, 3 },
		{ "cacheMisses", 0, 3 },
		{ "branches", 0, 4 },
		{ "branch-instructions", 0, 4 },
		{ "branchInstructions", 0, 4 },
		{ "branch-misses", 0, 5 },
		{ "branchMisses", 0, 5 },
		{ "bus-cycles", 0, 6 },
		{ "stalled-cycles-frontend", 0, 7 },
		{ "idle-cycles-frontend", 0, 7 },
		{ "stalled-cycles-backend", 0, 8 },
		{ "idle-cycles-backend", 0, 8 },
		{ "ref-cycles", 0, 9 },
		{ "cpu-clock", 1, 0 },
		{ "task-clock", 1, 1 },
		{ "page-faults", 1, 2 },
		{ "faults", 1, 2 },
		{ "context-switches", 1, 3 },
		{ "cs", 1, 3 },
		{ "cpu-migrations", 1, 4 },
		{ "migrations", 1, 4 },
		{ "minor-faults", 1, 5 },
		{ "major-faults", 1, 6 },
		{ "alignment-faults", 1, 7 },
		{ "emulation-faults", 1, 8 },
		{ "dummy", 1, 9 },
		{ "bpf-output", 1, 10 },
		{ "cgroup-switches", 1, 11 },
		{ "L1-dcache-loads", 3, 0x00000 },
		{ "L1-dcache-load-misses", 3, 0x10000 },
		{ "L1-dcache-stores", 3, 0x00100 },
		{ "l1d-prefetch-misses", 3, 0x10200 },
		{ "L1-dcache", 3, 0x00000 },
		{ "L1-icache-load-misses", 3, 0x10001 },
		{ "LLC-misses", 3, 0x10002 },
		{ "LLC-store-misses", 3, 0x10102 },
		{ "dTLB-load-misses", 3, 0x10003 },
		{ "iTLB-load-misses", 3, 0x10004 },
		{ "branch-loads", 3, 0x00005 },
		{ "branch-load-misses", 3, 0x10005 },
		{ "node-prefetches", 3, 0x00206 },
		{ "node-speculative-read-miss", 3, 0x10206 },
	};

	(void)state;
	for (size_t i = 0; i < HW_COUNT_OF(cases); i++) {
		uint32_t type = 99;
		uint64_t config = 99;

		if (!hw_names_find(cases[i].name, &type, &config))
			fail_msg("'%s' is not found", cases[i].name);
		assert_int_equal(type, cases[i].type);
		assert_int_equal(config, cases[i].config);
	}
}

/* Half a name, a name with more behind it, and combinations that no CPU counts are no names. */
static void other_words_are_no_names(void **state)
{
	static const char *const words[] = { "",
					     "cycle",
					     "cycless",
					     "Cycles",
					     "L1",
					     "L1-dcache-",
					     "L1-dcache-loads-",
					     "L1-dcache-loadmisses",
					     "LLC-misses-loads",
					     "iTLB-stores",
					     "branch-prefetches",
					     "L1-icache-stores",
					     "L1-dcache-load-misses-x",
					     "-loads",
					     "r1a8" };

	(void)state;
	for (size_t i = 0; i < HW_COUNT_OF(words); i++) {
		uint32_t type;
		uint64_t config;

		if (hw_names_find(words[i], &type, &config))
			fail_msg("'%s' is found", words[i]);
	}
}

/* rNNN is hexadecimal, 64 bits at most. */
static void raw_codes_are_hexadecimal(void **state)
{
	uint64_t config = 0;

	(void)state;
	assert_true(hw_names_raw("r1a8", &config));
	assert_int_equal(config, 0x1a8);
	assert_true(hw_names_raw("rFFFFFFFFFFFFFFFF", &config));
	assert_int_equal(config, UINT64_MAX);
	assert_false(hw_names_raw("r", &config));
	assert_false(hw_names_raw("r10000000000000000", &config));
	assert_false(hw_names_raw("rxyz", &config));
	assert_false(hw_names_raw("r 1", &config));
	assert_false(hw_names_raw("1a8", &config));
	assert_int_equal(config, UINT64_MAX);
}

/* Every name that is offered can be found, so that a hint never leads to another error. */
static void offers_are_real(void **state)
{
	static const char *const wanted[] = { "cycels",
					      "L1-dcache-loadmisses",
					      "iTLB-load-mises",
					      "branch-lods",
					      "LLC-stors",
					      "minor-fault",
					      "cach",
					      "nodeloads" };

	(void)state;
	for (size_t i = 0; i < HW_COUNT_OF(wanted); i++) {
		struct hw_nearest nearest;

		hw_nearest_init(&nearest, wanted[i]);
		hw_names_offer(&nearest);
		assert_true(nearest.count > 0);
		for (size_t j = 0; j < nearest.count; j++) {
			uint32_t type;
			uint64_t config;

			assert_true(hw_names_find(nearest.best[j].name, &type, &config));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_have_their_numbers),
		cmocka_unit_test(other_words_are_no_names),
		cmocka_unit_test(raw_codes_are_hexadecimal),
		cmocka_unit_test(offers_are_real),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
