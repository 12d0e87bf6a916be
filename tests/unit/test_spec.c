#include "event/spec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct hw_spec parsed(const char *text)
{
	struct hw_err err = { 0 };
	struct hw_spec spec;

	if (hw_spec_parse(&spec, text, &err) < 0)
		fail_msg("'%s': %s", text, err.message);
	return spec;
}

static void assert_refused(const char *text, const char *message)
{
	struct hw_err err = { 0 };
	struct hw_spec spec;

	assert_int_equal(hw_spec_parse(&spec, text, &err), -1);
	hw_spec_fini(&spec);
	assert_int_equal(err.kind, HW_ERR_USAGE);
	assert_string_equal(err.message, message);
}

/* What is no modifier stays in the name, wherever it stands; modifiers leave it. */
static void names_lose_their_modifiers(void **state)
{
	static const char *const cases[][2] = {
		{ "cycles", "cycles" },
		{ "cycles:u", "cycles" },
		{ "cycles:upp", "cycles" },
		{ "cycles:u:period=100000", "cycles" },
		{ "cpu-clock:freq=99", "cpu-clock" },
		{ "sched:sched_switch", "sched:sched_switch" },
		{ "sched:sched_switch:u", "sched:sched_switch" },
		{ "skl::INST_RETIRED:ANY_P:u:k", "skl::INST_RETIRED:ANY_P" },
		{ "INST_RETIRED:u:ANY_P:c=1", "INST_RETIRED:ANY_P:c=1" },
		{ "perf::u", "perf::u" }, /* behind "::" stands the event */
		{ "cycles:x", "cycles:x" },
		{ "cycles:pu:precision=1", "cycles:precision=1" },
	};

	(void)state;
	for (size_t i = 0; i < HW_COUNT_OF(cases); i++) {
		struct hw_spec spec = parsed(cases[i][0]);

		assert_string_equal(spec.name, cases[i][1]);
		assert_null(spec.pmu);
		hw_spec_fini(&spec);
	}
}

/* Each letter sets its own field, together or apart, in any order. */
static void letters_set_levels_and_precise(void **state)
{
	struct hw_spec spec = parsed("x:kpGu");

	(void)state;
	assert_true(spec.modifiers.user && spec.modifiers.kernel && spec.modifiers.guest);
	assert_false(spec.modifiers.hypervisor || spec.modifiers.host || spec.modifiers.precise_max);
	assert_int_equal(spec.modifiers.precise, 1);
	hw_spec_fini(&spec);
	spec = parsed("x:h:H:ppp");
	assert_true(spec.modifiers.hypervisor && spec.modifiers.host && spec.modifiers.precise_given);
	assert_int_equal(spec.modifiers.precise, 3);
	hw_spec_fini(&spec);
	spec = parsed("x:P");
	assert_true(spec.modifiers.precise_max);
	assert_int_equal(spec.modifiers.precise, 3);
	hw_spec_fini(&spec);
	spec = parsed("x:precise=0");
	assert_true(spec.modifiers.precise_given);
	assert_int_equal(spec.modifiers.precise, 0);
	hw_spec_fini(&spec);
}

/* D, e and I are perf's: pinned, exclusive, not when idle. */
static void letters_say_how_counters_are_shared(void **state)
{
	struct hw_spec spec = parsed("x:uDeI");

	(void)state;
	assert_true(spec.modifiers.pinned && spec.modifiers.exclusive && spec.modifiers.exclude_idle);
	assert_true(spec.modifiers.user);
	hw_spec_fini(&spec);
	spec = parsed("cpu/event=1/D:e");
	assert_true(spec.modifiers.pinned && spec.modifiers.exclusive && !spec.modifiers.exclude_idle);
	hw_spec_fini(&spec);
}

static bool is_state_mask(const char *name, const char *part)
{
	return strcmp(name, "L2_LINES_IN") == 0 && (strcmp(part, "S") == 0 || strcmp(part, "e") == 0);
}

/* Who knows libpfm4's unit masks keeps them in the name; other parts, and the same part behind other names, stay
 * modifiers. */
static void unit_masks_made_of_letters_are_told(void **state)
{
	struct hw_err err = { 0 };
	struct hw_spec spec;

	(void)state;
	assert_int_equal(hw_spec_parse_with(&spec, "L2_LINES_IN:S:e:uI", is_state_mask, &err), 0);
	assert_string_equal(spec.name, "L2_LINES_IN:S");
	assert_true(spec.modifiers.exclusive && spec.modifiers.user && spec.modifiers.exclude_idle);
	hw_spec_fini(&spec);
	assert_int_equal(hw_spec_parse_with(&spec, "L2_LINES_IN:e", is_state_mask, &err), 0);
	assert_string_equal(spec.name, "L2_LINES_IN:e");
	assert_false(spec.modifiers.exclusive);
	hw_spec_fini(&spec);
	assert_int_equal(hw_spec_parse_with(&spec, "OTHER:S", is_state_mask, &err), -1);
	hw_spec_fini(&spec);
}

/* period= and freq= take their values, as modifiers and as terms. */
static void rates_are_read(void **state)
{
	struct hw_spec spec = parsed("cycles:period=100003:u");

	(void)state;
	assert_int_equal(spec.modifiers.period_events, 100003);
	assert_int_equal(spec.modifiers.freq_hz, 0);
	assert_true(spec.modifiers.user);
	hw_spec_fini(&spec);
	spec = parsed("cpu-clock:freq=4k");
	assert_int_equal(spec.modifiers.freq_hz, 4000);
	hw_spec_fini(&spec);
	spec = parsed("cpu/cycles,period=7/");
	assert_int_equal(spec.modifiers.period_events, 7);
	assert_int_equal(spec.terms.list.count, 1);
	hw_spec_fini(&spec);
}

/* A PMU form: terms in order, ours taken out, modifiers behind the '/' with and without a ':'. */
static void pmu_forms_are_split(void **state)
{
	struct hw_spec spec = parsed("cpu/event=0x3c,name=mine,any,umask=/upp");

	(void)state;
	assert_string_equal(spec.pmu, "cpu");
	assert_string_equal(spec.name, "cpu/event=0x3c,name=mine,any,umask=/");
	assert_string_equal(spec.label, "mine");
	assert_int_equal(spec.terms.list.count, 3);
	assert_string_equal(spec.terms.list.at[0].key, "event");
	assert_string_equal(spec.terms.list.at[0].value, "0x3c");
	assert_string_equal(spec.terms.list.at[1].key, "any");
	assert_null(spec.terms.list.at[1].value);
	assert_string_equal(spec.terms.list.at[2].value, "");
	assert_true(spec.modifiers.user);
	assert_int_equal(spec.modifiers.precise, 2);
	hw_spec_fini(&spec);
	spec = parsed("msr//:k:period=5");
	assert_string_equal(spec.pmu, "msr");
	assert_int_equal(spec.terms.list.count, 0);
	assert_true(spec.modifiers.kernel);
	assert_int_equal(spec.modifiers.period_events, 5);
	hw_spec_fini(&spec);
}

static void expect_items(const char *list, const char *const *expected, size_t count)
{
	char *text = NULL;

	for (size_t i = 0; i < count; i++) {
		assert_int_equal(hw_spec_list_next(&list, &text), 1);
		assert_string_equal(text, expected[i]);
		free(text);
	}
	assert_int_equal(hw_spec_list_next(&list, &text), 0);
}

/* A list ends each event at a comma, but for those within a PMU's terms. */
static void lists_are_split(void **state)
{
	static const char *const expected[] = { "cycles:u", "cpu/event=1,umask=2/k", "", "faults" };

	(void)state;
	expect_items("cycles:u,cpu/event=1,umask=2/k,,faults", expected, HW_COUNT_OF(expected));
}

/* Commas within braces do not end an item; a brace alone does no harm. */
static void groups_stay_together_in_lists(void **state)
{
	static const char *const expected[] = { "{cs,cpu/a=1,b=2/}:u", "faults", "{a,{b},c}", "d}", "{y,z" };

	(void)state;
	expect_items("{cs,cpu/a=1,b=2/}:u,faults,{a,{b},c},d},{y,z", expected, HW_COUNT_OF(expected));
}

/* A group's members and modifiers; a group is no event. */
static void groups_are_split(void **state)
{
	struct hw_spec_group group;
	struct hw_err err = { 0 };

	(void)state;
	assert_int_equal(hw_spec_group_parse(&group, "{cycles:u,cpu/a,b/}:kD:period=7", &err), 0);
	assert_string_equal(group.members, "cycles:u,cpu/a,b/");
	assert_true(group.modifiers.kernel && group.modifiers.pinned && !group.modifiers.user);
	assert_int_equal(group.modifiers.period_events, 7);
	hw_spec_group_fini(&group);
	assert_refused("{cycles}", "'{cycles}' is a group, not an event");
}

/* Every way to be wrong is told by what is wrong. */
static void malformed_texts_are_refused(void **state)
{
	char text[HW_SPEC_TEXT_MAX + 1];

	(void)state;
	assert_refused("", "an event without a name");
	assert_refused(":u", "event ':u' has nothing in front of its ':'");
	assert_refused("cycles:", "event 'cycles:' has nothing behind its ':'");
	assert_refused("cycles:u:", "event 'cycles:u:' has nothing behind its ':'");
	assert_refused("cycles:pppp", "event 'cycles:pppp': precise levels are 0 to 3 (:p, :pp, :ppp)");
	assert_refused("cycles:precise=4",
		       "event 'cycles:precise=4': precise levels are 0 to 3 (:p, :pp, :ppp)");
	assert_refused("cycles:precise=99999999999",
		       "event 'cycles:precise=99999999999': precise levels are 0 to 3 (:p, :pp, :ppp)");
	assert_refused("cycles:p:P", "event 'cycles:p:P' has two precise levels");
	assert_refused("cycles:period=0", "event 'cycles:period=0': a period of 0 takes no samples");
	assert_refused(
		"cycles:period=9223372036854775808",
		"event 'cycles:period=9223372036854775808': a period of 9223372036854775808 is more than "
		"the kernel takes, 2^63 - 1");
	assert_refused("cycles:period=1:period=2", "event 'cycles:period=1:period=2' has period= twice");
	assert_refused("cycles:period=5:freq=9",
		       "event 'cycles:period=5:freq=9' has a period and a frequency: one of them decides");
	assert_refused("cycles:period=-5", "event 'cycles:period=-5', period: '-5' is not a whole number");
	assert_refused("cycles:period=99999999999999999999",
		       "event 'cycles:period=99999999999999999999', period: '99999999999999999999' is not a "
		       "whole number");
	assert_refused("cycles:u=0", "event 'cycles:u=0': ':u=0' is not a modifier");
	assert_refused("cycles:mg", "event 'cycles:mg': ':mg' is not a modifier");
	assert_refused("cpu/", "event 'cpu/' is not of the form pmu/terms/");
	assert_refused("/x/", "event '/x/' is not of the form pmu/terms/");
	assert_refused("cpu/a/b/", "event 'cpu/a/b/' is not of the form pmu/terms/");
	assert_refused("cpu/,a/", "event 'cpu/,a/' has an empty term");
	assert_refused("cpu/a,/", "event 'cpu/a,/' has an empty term");
	assert_refused("cpu/=1/", "event 'cpu/=1/' has an empty term");
	assert_refused("cpu/a/x", "event 'cpu/a/x': 'x' is not a modifier");
	assert_refused("cpu/a/u:", "event 'cpu/a/u:': '' is not a modifier");
	memset(text, 'x', sizeof text);
	text[HW_SPEC_TEXT_MAX] = '\0';
	assert_refused(text, "event 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...' is longer than 1023 bytes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_lose_their_modifiers),
		cmocka_unit_test(letters_set_levels_and_precise),
		cmocka_unit_test(letters_say_how_counters_are_shared),
		cmocka_unit_test(unit_masks_made_of_letters_are_told),
		cmocka_unit_test(rates_are_read),
		cmocka_unit_test(pmu_forms_are_split),
		cmocka_unit_test(lists_are_split),
		cmocka_unit_test(groups_stay_together_in_lists),
		cmocka_unit_test(groups_are_split),
		cmocka_unit_test(malformed_texts_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
