#include "event/pmus.h"

#include "event/resolve.h"
#include "tests/lib/fake_root.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* Two kinds of cores, a memory controller, an energy counter, the kernel's own events, and folders that are no PMUs. */
static const char *const machine[][2] = {
	{ "/cpu_core/type", "4\n" },
	{ "/cpu_core/cpus", "0-3\n" },
	{ "/cpu_core/format/umask", "config:8-15\n" },
	{ "/cpu_core/format/event", "config:0-7\n" },
	{ "/cpu_core/format/cmask", "config:24-31\n" },
	{ "/cpu_core/format/edge", "config:18\n" },
	{ "/cpu_core/format/ldlat", "config1:0-15\n" },
	{ "/cpu_core/format/odd", "config9:0-15\n" },
	{ "/cpu_core/events/cpu-cycles", "event=0x3c\n" },
	{ "/cpu_atom/type", "10\n" },
	{ "/cpu_atom/cpus", "4-7\n" },
	{ "/uncore_imc_0/type", "17\n" },
	{ "/uncore_imc_0/cpumask", "0,16\n" },
	{ "/uncore_imc_0/format/event", "config:0-7,32\n" },
	{ "/power/type", "22\n" },
	{ "/power/cpumask", "0\n" },
	{ "/power/format/event", "config:0-7\n" },
	{ "/power/events/energy-pkg", "event=0x02\n" },
	{ "/power/events/energy-pkg.unit", "Joules\n" },
	{ "/power/events/energy-pkg.scale", "2.3283064365386962890625e-10\n" },
	{ "/power/events/bad-scale", "event=0x03\n" },
	{ "/power/events/bad-scale.scale", "-1x\n" },
	{ "/software/type", "1\n" },
	{ "/broken/type", "four\n" },
	{ "/empty/uevent", "\n" },
};

static struct fake_root root;
static struct hw_pmus pmus;

static int make_machine(void **state)
{
	(void)state;
	fake_root_init(&root);
	for (size_t i = 0; i < HW_COUNT_OF(machine); i++)
		fake_root_file(&root, machine[i][0], machine[i][1]);
	hw_pmus_read(&pmus, root.path);
	hw_pmus_read_words(&pmus, root.path);
	return 0;
}

static int remove_machine(void **state)
{
	(void)state;
	hw_pmus_fini(&pmus);
	fake_root_fini(&root);
	return 0;
}

/* Folders with a type are PMUs, by name; those of cores name theirs in `cpus`, those of packages in `cpumask`. */
static void pmus_are_read(void **state)
{
	static const struct {
		const char *name;
		uint32_t type;
		const char *cpus;
		bool is_core, is_whole;
	} expected[] = {
		{ "cpu_atom", 10, "4-7", true, false },	     { "cpu_core", 4, "0-3", true, false },
		{ "power", 22, "0", false, true },	     { "software", 1, NULL, false, false },
		{ "uncore_imc_0", 17, "0,16", false, true },
	};

	(void)state;
	assert_int_equal(pmus.list.count, HW_COUNT_OF(expected));
	for (size_t i = 0; i < HW_COUNT_OF(expected); i++) {
		const struct hw_pmu *pmu = &pmus.list.at[i];

		assert_string_equal(pmu->name, expected[i].name);
		assert_int_equal(pmu->type, expected[i].type);
		assert_int_equal(pmu->is_core, expected[i].is_core);
		assert_int_equal(pmu->is_whole, expected[i].is_whole);
		if (expected[i].cpus)
			assert_string_equal(pmu->cpus, expected[i].cpus);
		else
			assert_null(pmu->cpus);
	}
	assert_ptr_equal(hw_pmus_find(&pmus, 22), &pmus.list.at[2]);
	assert_null(hw_pmus_find(&pmus, 99));
}

/* NAME.unit and NAME.scale say what an event's count is in, and are no events; a scale that is no number is 1. */
static void events_have_units(void **state)
{
	const struct hw_pmu *power = hw_pmus_find(&pmus, 22);

	(void)state;
	assert_int_equal(power->events.count, 2);
	assert_string_equal(power->events.at[0].name, "bad-scale");
	assert_null(power->events.at[0].unit);
	assert_true(power->events.at[0].scale == 1);
	assert_string_equal(power->events.at[1].name, "energy-pkg");
	assert_string_equal(power->events.at[1].terms, "event=0x02");
	assert_string_equal(power->events.at[1].unit, "Joules");
	assert_true(power->events.at[1].scale == 0x1p-32);
}

/* Terms are kept as they are written; one in a form that nobody knows is there, without bits. */
static void terms_have_bits(void **state)
{
	const struct hw_pmu *core = hw_pmus_find(&pmus, 4);

	(void)state;
	assert_int_equal(core->terms.count, 6);
	assert_string_equal(core->terms.at[0].name, "cmask");
	assert_string_equal(core->terms.at[0].text, "config:24-31");
	assert_int_equal(core->terms.at[0].format.mask, 0xff000000);
	assert_string_equal(core->terms.at[4].name, "odd");
	assert_int_equal(core->terms.at[4].format.mask, 0);
}

static const struct {
	struct perf_event_attr attr;
	const char *text;
} encodings[] = {
	{ { .type = 4, .config = 0x3c }, "cpu_core/event=0x3c/" },
	{ { .type = 4, .config = 0x10400d1 }, "cpu_core/event=0xd1,cmask=0x1,edge=0x1/" },
	{ { .type = 4, .config = 0x01cd, .config1 = 3 }, "cpu_core/event=0xcd,umask=0x1,config1=0x3/" },
	{ { .type = 4, .config = 0x1000000c7 }, "cpu_core/config=0x1000000c7/" }, /* bit 32 has no term */
	{ { .type = 4, .config = 0, .config2 = UINT64_MAX },
	  "cpu_core/event=0x0,config2=0xffffffffffffffff/" },
	{ { .type = 17, .config = 0x1000000ff }, "uncore_imc_0/event=0x1ff/" }, /* bits 0-7 and 32 */
	{ { .type = 1, .config = 2 }, "software/config=0x2/" },
	{ { .type = 10, .config = 0xc0 }, "cpu_atom/config=0xc0/" },
};

/* An encoding is written in the terms of its PMU, event and umask first, whole where they do not express it. */
static void encodings_are_written_in_terms(void **state)
{
	(void)state;
	for (size_t i = 0; i < HW_COUNT_OF(encodings); i++) {
		struct hw_buf text = { 0 };

		assert_true(hw_pmus_print_encoding(&text, &pmus, &encodings[i].attr));
		assert_string_equal(hw_buf_str(&text), encodings[i].text);
		hw_buf_fini(&text);
	}
}

/* What is written is read back by -e as the same event. */
static void encodings_are_read_back(void **state)
{
	static const char *const no_tracepoints[] = { NULL };
	const struct hw_event_roots roots = { .pmus = root.path, .tracepoints = no_tracepoints };
	const struct hw_event_defaults defaults = { 0 };

	(void)state;
	for (size_t i = 0; i < HW_COUNT_OF(encodings); i++) {
		const struct perf_event_attr *attr = &encodings[i].attr;
		struct hw_event event = { 0 };
		struct hw_err err = { 0 };

		if (hw_event_resolve_in(&event, encodings[i].text, &defaults, &roots, &err) < 0)
			fail_msg("%s: %s", encodings[i].text, err.message);
		assert_int_equal(event.attr.type, attr->type);
		assert_int_equal(event.attr.config, attr->config);
		assert_int_equal(event.attr.config1, attr->config1);
		assert_int_equal(event.attr.config2, attr->config2);
		hw_event_fini(&event);
	}
}

/* Generic events are in no PMU's terms; raw codes are r..., where no PMU has their type. */
static void other_types_have_other_forms(void **state)
{
	const struct hw_pmus none = { 0 };
	struct hw_buf text = { 0 };

	(void)state;
	assert_false(hw_pmus_print_encoding(&text, &pmus, &(struct perf_event_attr){ .type = 0 }));
	assert_false(hw_pmus_print_encoding(&text, &pmus, &(struct perf_event_attr){ .type = 3 }));
	assert_false(hw_pmus_print_encoding(&text, &pmus, &(struct perf_event_attr){ .type = 99 }));
	assert_false(
		hw_pmus_print_encoding(&text, &none, &(struct perf_event_attr){ .type = 4, .config1 = 1 }));
	assert_int_equal(text.size, 0);
	assert_true(hw_pmus_print_encoding(&text, &none,
					   &(struct perf_event_attr){ .type = 4, .config = 0x1a8 }));
	assert_string_equal(hw_buf_str(&text), "r1a8");
	hw_buf_fini(&text);
}

/* A folder that is not there has no PMUs. */
static void absent_sysfs_is_empty(void **state)
{
	struct hw_pmus none = { 0 };

	(void)state;
	hw_pmus_read(&none, "/nonexistent");
	assert_int_equal(none.list.count, 0);
	hw_pmus_fini(&none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pmus_are_read),	   cmocka_unit_test(events_have_units),
		cmocka_unit_test(terms_have_bits),	   cmocka_unit_test(encodings_are_written_in_terms),
		cmocka_unit_test(encodings_are_read_back), cmocka_unit_test(other_types_have_other_forms),
		cmocka_unit_test(absent_sysfs_is_empty),
	};

	return cmocka_run_group_tests(tests, make_machine, remove_machine);
}
