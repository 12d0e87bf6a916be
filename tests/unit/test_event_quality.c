/* report/event_quality.c: what is worth a warning, at and beside each threshold. */
#include "report/event_quality.h"

#include "tests/lib/profile_builder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>

/* A well recorded event: 1000 samples, each of 1000 events. */
static const struct hw_event_quality good = {
	.samples = 1000,
	.events = 1000000,
	.time_enabled_ns = 1000000,
	.time_running_ns = 1000000,
	.counted = 1000000,
	.counted_enabled_ns = 1000000,
	.counted_running_ns = 1000000,
};

static void add_event(struct hw_profile *profile, struct hw_event_quality e, const char *name)
{
	e.asked = hw_strdup(name);
	e.opened = hw_strdup(name);
	profile->quality.present = true;
	hw_vec_push(&profile->quality.events, e);
}

/* The warnings of a profile, which is freed: as many as expected, the first one with this text. */
static void expect_profile_warnings(struct hw_profile *profile, size_t count, const char *text)
{
	struct hw_warnings warnings = { 0 };

	hw_event_quality_warn(&warnings, profile);
	if (warnings.list.count != count)
		fail_msg("%zu warnings, expected %zu: %s", warnings.list.count, count,
			 warnings.list.count ? warnings.list.at[0] : "");
	assert_int_equal(warnings.of_events, count > 0);
	if (count && !strstr(warnings.list.at[0], text))
		fail_msg("'%s' has no '%s'", warnings.list.at[0], text);
	hw_warnings_fini(&warnings);
	hw_profile_free(profile);
}

/* Of one event "e": text is NULL for none. */
static void expect_warning(struct hw_event_quality e, const char *text)
{
	struct hw_profile *profile = hw_test_profile("e/count", "f 1\n");

	add_event(profile, e, "e");
	expect_profile_warnings(profile, text ? 1 : 0, text);
}

/* What a recording does not know is no reason for a warning. */
static void a_good_recording_has_no_warning(void **state)
{
	(void)state;
	expect_warning(good, NULL);
	expect_warning((struct hw_event_quality){ .samples = 1 }, NULL);
}

/* 0.98 to 1.02, and the two periods begun but not ended, 0.002 of 1000 samples, are within what is well. */
static void sums_within_two_percent_are_well(void **state)
{
	struct hw_event_quality e = good;
	(void)state;

	e.events = 978500;
	expect_warning(e, NULL);
	e.events = 977500;
	expect_warning(e, "event 'e': samples x period is 0.978 of what was counted beside them: its values "
			  "are too low");
	e.events = 1021500;
	expect_warning(e, NULL);
	e.events = 1022500;
	expect_warning(e,
		       "samples x period is 1.022 of what was counted beside them: its values are too high");
	/* Ten samples: two of them are 20 %. */
	e.samples = 10;
	e.events = 800000;
	expect_warning(e, NULL);
	e.events = 770000;
	expect_warning(e, "is 0.770 of");
}

/* Short recordings by frequency are off both ways, and that is what the warning says. */
static void the_search_for_a_period_is_told(void **state)
{
	struct hw_event_quality e = good;
	(void)state;

	e.freq_hz = 1000;
	e.samples = 200;
	e.events = 1500000;
	expect_warning(e, "is 1.500 of what was counted beside them: by frequency the kernel takes a while");
	e.events = 400000;
	expect_warning(e, "is 0.400 of what was counted beside them: by frequency the kernel takes a while");
	e.samples = 1000;
	expect_warning(e, "short threads");
}

/* A timer has its period from the start. */
static void timers_search_no_period(void **state)
{
	struct hw_profile *profile = hw_test_profile("cpu-clock/nanoseconds", "f 1\n");
	struct hw_event_quality e = good;
	(void)state;

	e.freq_hz = 1000;
	e.samples = 200;
	e.events = 400000;
	add_event(profile, e, "cpu-clock");
	expect_profile_warnings(profile, 1, "short threads");
}

/* What is missing is put down to losses and throttling where there were any. */
static void losses_explain_low_sums(void **state)
{
	struct hw_event_quality e = good;
	(void)state;

	e.events = 900000;
	expect_warning(e, "short threads");
	e.lost = 1;
	expect_warning(e, "too low by what was lost or throttled");
	e.lost = 0;
	e.throttles = 1;
	expect_warning(e, "too low by what was lost or throttled");
}

/* An event that took turns with others is short by design, which its own warning says; only when its own count says what
 * it should have is there a sum to check. */
static void multiplexed_events_are_warned_of_once(void **state)
{
	struct hw_event_quality e = good;
	(void)state;

	e.time_running_ns = 990000;
	expect_warning(e, NULL);
	e.time_running_ns = 500000;
	e.events = 500000;
	expect_warning(e, "event 'e' had a counter for 50.0% of the time only: its values are of that share, "
			  "not scaled");
	e.counted = 500000;
	e.counted_itself = true;
	expect_warning(e, "event 'e' had a counter for 50.0%");
	e.time_running_ns = 1000000;
	expect_warning(e, NULL);
}

static void silent_events_are_told_apart(void **state)
{
	struct hw_event_quality e = { .time_enabled_ns = 10, .time_running_ns = 10 };
	struct hw_profile *profile = hw_test_profile("e/count", "f 1\n");
	(void)state;

	expect_warning(e, "event 'e' has no sample at all");
	e.time_running_ns = 0;
	add_event(profile, e, "e");
	expect_profile_warnings(profile, 1, "event 'e' never had a counter, so it has no sample at all");
}

/* The parts of a hybrid CPU's event run in turn: together all the time is well, and a lack is said once. */
static void hybrid_events_are_warned_of_as_wholes(void **state)
{
	static const char *const names[] = { "core", "atom" };
	(void)state;

	for (int missing = 0; missing < 2; missing++) {
		struct hw_profile *profile = hw_test_profile("cycles/count", "f 1\n");

		for (size_t i = 0; i < HW_COUNT_OF(names); i++) {
			struct hw_event_quality e = good;

			e.whole = hw_strdup("cycles");
			e.time_running_ns = missing ? 400000 : 500000;
			e.counted = 0;
			add_event(profile, e, names[i]);
		}
		expect_profile_warnings(profile, missing ? 1 : 0, "event 'cycles' had a counter for 80.0%");
	}
}

/* A part is silent where the program never ran on its kind of core; the whole event is not silent then. */
static void one_silent_part_is_well(void **state)
{
	(void)state;

	for (int silent = 0; silent < 2; silent++) {
		struct hw_profile *profile = hw_test_profile("cycles/count", "f 1\n");
		struct hw_event_quality e = good;

		e.samples = silent ? 0 : 10;
		e.counted = 0;
		e.whole = hw_strdup("cycles");
		add_event(profile, e, "core");
		e.samples = 0;
		e.time_running_ns = 0;
		e.whole = hw_strdup("cycles");
		add_event(profile, e, "atom");
		expect_profile_warnings(profile, silent ? 1 : 0, "event 'cycles' has no sample at all");
	}
}

static void a_lower_precise_level_is_said(void **state)
{
	struct hw_event_quality e = good;
	(void)state;

	e.precise_asked = e.precise_obtained = 2;
	expect_warning(e, NULL);
	e.precise_obtained = 1;
	expect_warning(e, "precise level 2 was asked for, 1 obtained");
}

static void expect_summary(struct hw_profile *profile, const char *expected)
{
	struct hw_buf text = { 0 };

	hw_event_quality_summary(&text, profile);
	assert_string_equal(hw_buf_str(&text), expected);
	hw_buf_fini(&text);
}

/* One line for all events; "all the time" only where that is known. */
static void the_summary_is_one_line(void **state)
{
	struct hw_profile *profile = hw_test_profile("a/count b/count", "f 1 1\n");
	struct hw_event_quality e = good;
	(void)state;

	expect_summary(profile, "");
	add_event(profile, e, "a");
	expect_summary(profile, "all the time; sum check 1.000");
	e.events = 990000;
	e.precise_asked = e.precise_obtained = 2;
	e.exact_ips = 250;
	add_event(profile, e, "b");
	expect_summary(
		profile,
		"all the time; sum check 0.990 to 1.000; b precise level 2, 25.0% of its addresses exact");
	profile->quality.events.at[0].time_enabled_ns = 0;
	profile->quality.events.at[0].counted = 0;
	expect_summary(profile, "sum check 0.990; b precise level 2, 25.0% of its addresses exact");
	profile->quality.present = false;
	expect_summary(profile, "");
	hw_profile_free(profile);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_recording_has_no_warning),
		cmocka_unit_test(sums_within_two_percent_are_well),
		cmocka_unit_test(the_search_for_a_period_is_told),
		cmocka_unit_test(timers_search_no_period),
		cmocka_unit_test(losses_explain_low_sums),
		cmocka_unit_test(multiplexed_events_are_warned_of_once),
		cmocka_unit_test(silent_events_are_told_apart),
		cmocka_unit_test(hybrid_events_are_warned_of_as_wholes),
		cmocka_unit_test(one_silent_part_is_well),
		cmocka_unit_test(a_lower_precise_level_is_said),
		cmocka_unit_test(the_summary_is_one_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
