#include "event/pmu.h"

#include "base/buf.h"
#include "tests/lib/fake_root.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* A machine of our own: what sysfs shows of an Intel core PMU, an uncore unit and a PMU without events. */
static const char *const machine[][2] = {
	{ "cpu/type", "4\n" },
	{ "cpu/format/event", "config:0-7\n" },
	{ "cpu/format/umask", "config:8-15\n" },
	{ "cpu/format/any", "config:21\n" },
	{ "cpu/format/cmask", "config:24-31\n" },
	{ "cpu/format/ldlat", "config1:0-15\n" },
	{ "cpu/format/split", "config:0-7,32-35\n" },
	{ "cpu/format/broken", "config:7-0\n" },
	{ "cpu/format/config3", "config3:0-7\n" },
	{ "cpu/events/cpu-cycles", "event=0x3c,umask=0x00\n" },
	{ "cpu/events/mem-loads", "event=0xcd,umask=0x1,ldlat=3\n" },
	{ "cpu/events/param", "event=0x10,umask=?\n" },
	{ "cpu/events/odd", "nosuch=1\n" },
	{ "cpu/events/power.unit", "Joules\n" },
	{ "uncore_imc/type", "17\n" },
	{ "uncore_imc/format/event", "config:0-7\n" },
	{ "uncore_imc/events/cas_reads", "event=4\n" },
	{ "uncore_imc/events/mem-loads", "event=9\n" },
	{ "uncore_imc_1/events/cas_reads", "event=4\n" },
	{ "amd_df/events/mem-loads", "event=8\n" },
	{ "bad/type", "x4\n" },
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

static int encode(struct perf_event_attr *attr, const char *pmu, const char *text, struct hw_err *err)
{
	struct hw_spec_terms terms = { 0 };
	int result;

	*attr = (struct perf_event_attr){ 0 };
	assert_int_equal(hw_spec_terms_parse(&terms, text, "E", err), 0);
	result = hw_pmu_encode(attr, root.path, pmu, &terms, "E", err);
	hw_spec_terms_fini(&terms);
	return result;
}

static void assert_encodes(const char *pmu, const char *text, uint32_t type, uint64_t config,
			   uint64_t config1)
{
	struct perf_event_attr attr;
	struct hw_err err = { 0 };

	if (encode(&attr, pmu, text, &err) < 0)
		fail_msg("%s/%s/: %s", pmu, text, err.message);
	assert_int_equal(attr.type, type);
	assert_int_equal(attr.config, config);
	assert_int_equal(attr.config1, config1);
}

static void assert_refused(const char *pmu, const char *text, const char *part, const char *hint)
{
	struct perf_event_attr attr;
	struct hw_err err = { 0 };

	assert_int_equal(encode(&attr, pmu, text, &err), -1);
	if (!strstr(err.message, part) || !strstr(err.hint, hint))
		fail_msg("%s/%s/: '%s', hint '%s'", pmu, text, err.message, err.hint);
}

/* The forms of format files: one bit, a range, several of both, config1 and config2. */
static void formats_become_masks(void **state)
{
	static const struct {
		const char *text;
		unsigned word;
		uint64_t mask;
	} cases[] = {
		{ "config:0-7", 0, 0xff },
		{ "config:21", 0, 1 << 21 },
		{ "config:0-7,32-35", 0, 0xf000000ff },
		{ "config1:0-63", 1, UINT64_MAX },
		{ "config2:63", 2, UINT64_C(1) << 63 },
	};

	(void)state;
	for (size_t i = 0; i < HW_COUNT_OF(cases); i++) {
		struct hw_pmu_format format;

		assert_true(hw_pmu_format_parse(&format, cases[i].text));
		assert_int_equal(format.word, cases[i].word);
		assert_int_equal(format.mask, cases[i].mask);
	}
}

/* Anything else is no format, and leaves the caller's alone. */
static void other_formats_are_refused(void **state)
{
	static const char *const texts[] = {
		"",	      "config",	     "config:",	    "config:-",	 "config:0-",
		"config:7-0", "config:64",   "config:0-64", "config:0,", "config:,0",
		"config:0 ",  "config3:0-7", "config:0-7x", "onfig:0",	 "config:99999999999999999999"
	};
	struct hw_pmu_format format = { .word = 7, .mask = 42 };

	(void)state;
	for (size_t i = 0; i < HW_COUNT_OF(texts); i++)
		if (hw_pmu_format_parse(&format, texts[i]))
			fail_msg("'%s' is taken", texts[i]);
	assert_int_equal(format.mask, 42);
	assert_int_equal(format.word, 7);
}

/* A value goes bit by bit into the mask's bits, from the lowest; one that is too wide is refused. */
static void values_spread_over_the_mask(void **state)
{
	uint64_t word = UINT64_C(0xffff00000000ffff);

	(void)state;
	assert_true(hw_pmu_bits_set(&word, UINT64_C(0xf000000ff), 0xa3c));
	assert_int_equal(word, UINT64_C(0xffff000a0000ff3c));
	assert_false(hw_pmu_bits_set(&word, UINT64_C(0xf000000ff), 0x1000));
	assert_int_equal(word, UINT64_C(0xffff000a0000ff3c));
	assert_true(hw_pmu_bits_set(&word, UINT64_MAX, UINT64_MAX));
	assert_int_equal(word, UINT64_MAX);
}

/* Terms, names of events, whole words; the later one wins; hexadecimal and decimal, never octal. */
static void terms_are_encoded(void **state)
{
	(void)state;
	assert_encodes("cpu", "", 4, 0, 0);
	assert_encodes("cpu", "event=0x3c,umask=0x1", 4, 0x13c, 0);
	assert_encodes("cpu", "event=60,any,cmask=010", 4, 0x3c | 1 << 21 | 10 << 24, 0);
	assert_encodes("cpu", "cpu-cycles", 4, 0x3c, 0);
	assert_encodes("cpu", "cycles", 4, 0x3c, 0);
	assert_encodes("cpu", "mem-loads", 4, 0x1cd, 3);
	assert_encodes("cpu", "mem-loads,ldlat=30", 4, 0x1cd, 30);
	assert_encodes("cpu", "param,umask=2", 4, 0x210, 0);
	assert_encodes("cpu", "split=0xa3c", 4, UINT64_C(0xa0000003c), 0);
	assert_encodes("cpu", "config=0xffffffffffffffff,config1=7", 4, UINT64_MAX, 7);
	assert_encodes("uncore_imc", "cas_reads", 17, 4, 0);
	assert_encodes("cpu", "r1a8", 4, 0x1a8, 0);
	assert_encodes("cpu", "r0,event=0x3c", 4, 0x3c, 0);
}

/* What is not there, or does not fit, is named, with what is near. */
static void wrong_terms_are_refused(void **state)
{
	(void)state;
	assert_refused("cpu", "umsk=1", "PMU 'cpu' has no term 'umsk'", "did you mean 'umask'");
	assert_refused("cpu", "mem-load", "has no term or event 'mem-load'", "did you mean 'mem-loads'");
	assert_refused("cpu", "event=0x100", "event=0x100 has more than the 8 bits of PMU 'cpu'", "");
	assert_refused("cpu", "any=2", "any=2 has more than the 1 bits", "");
	assert_refused("cpu", "event=", "'' of event= is not a number", "");
	assert_refused("cpu", "event=0x", "'0x' of event= is not a number", "");
	assert_refused("cpu", "event=-1", "'-1' of event= is not a number", "");
	assert_refused("cpu", "event=1f", "'1f' of event= is not a number", "");
	assert_refused("cpu", "config=0x10000000000000000", "is not a number", "");
	assert_refused("cpu", "param", "cpu/param/ needs umask=VALUE beside it", "");
	assert_refused("cpu", "broken=1", "says 'config:7-0'", "");
	assert_refused("cpu", "config3=1", "says 'config3:0-7'", "");
	assert_refused("cpu", "odd", "says 'nosuch=1'", "");
	assert_refused("cpu", "power.unit=3", "has no term 'power.unit'", "");
	assert_refused("cpux", "event=1", "this machine has no PMU 'cpux'", "did you mean 'cpu'");
	assert_refused("cpu", "percore", "'percore' is a term of perf that hwprof does not have",
		       "leave it out");
	assert_refused("cpu", "event=1,call-graph=dwarf", "'call-graph' is a term of perf", "--unwind");
	assert_refused("cpu", "r1g", "has no term or event 'r1g'", "");
	assert_refused("bad", "event=1", "holds no PMU type: 'x4'", "");
}

/* A name cannot walk out of the PMU's folder. */
static void names_are_no_paths(void **state)
{
	HW_AUTO(hw_freep) char *below = hw_asprintf("%s/cpu", root.path);
	const struct hw_spec_terms no_terms = { 0 };
	struct perf_event_attr attr = { 0 };
	struct hw_err err = { 0 };

	(void)state;
	fake_root_file(&root, "/secret/type", "1\n");
	fake_root_file(&root, "/type", "1\n"); /* what ".." finds from below */
	assert_int_equal(hw_pmu_encode(&attr, below, "..", &no_terms, "E", &err), -1);
	assert_string_equal(err.message, "event 'E': this machine has no PMU '..'");
	assert_refused("..", "type", "this machine has no PMU '..'", "");
	assert_refused("cpu/../secret", "", "this machine has no PMU 'cpu/../secret'", "");
	assert_refused("./secret", "", "this machine has no PMU './secret'", "");
	assert_refused("cpu", "../type", "has no term or event '../type'", "");
	assert_refused("cpu", "..", "has no term or event '..'", "");
	assert_refused("cpu", "../../secret/type=1", "has no term '../../secret/type'", "");
}

/* An event without its PMU is looked for in all, the CPU's first; unit files are no events. */
static void bare_events_find_their_pmu(void **state)
{
	char pmu[64] = "";

	(void)state;
	assert_true(hw_pmu_find_event(pmu, sizeof pmu, root.path, "mem-loads"));
	assert_string_equal(pmu, "cpu");
	assert_true(hw_pmu_find_event(pmu, sizeof pmu, root.path, "cas_reads"));
	assert_string_equal(pmu, "uncore_imc");
	assert_false(hw_pmu_find_event(pmu, sizeof pmu, root.path, "power.unit"));
	assert_false(hw_pmu_find_event(pmu, sizeof pmu, root.path, "nothing"));
	assert_false(hw_pmu_find_event(pmu, sizeof pmu, root.path, "../format/event"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats_become_masks),	       cmocka_unit_test(other_formats_are_refused),
		cmocka_unit_test(values_spread_over_the_mask), cmocka_unit_test(terms_are_encoded),
		cmocka_unit_test(wrong_terms_are_refused),     cmocka_unit_test(names_are_no_paths),
		cmocka_unit_test(bare_events_find_their_pmu),
	};

	return cmocka_run_group_tests(tests, make_machine, remove_machine);
}
