#include "profile/quality.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>

/* The same note twice is one note; the text is a copy. */
static void equal_notes_are_one(void **state)
{
	char text[] = "no PMU";
	struct hw_quality quality = { 0 };
	(void)state;

	hw_quality_note(&quality, text);
	hw_quality_note(&quality, text);
	text[0] = 'N';
	hw_quality_note(&quality, text);
	assert_int_equal(quality.notes.count, 2);
	assert_string_equal(quality.notes.at[0], "no PMU");
	assert_string_equal(quality.notes.at[1], "No PMU");
	hw_quality_fini(&quality);
	assert_int_equal(quality.notes.count, 0);
}

/* Counts of one cause add up; many causes keep their order while the list grows. */
static void causes_add_up(void **state)
{
	struct hw_quality quality = { 0 };
	char cause[] = "cause a";
	(void)state;

	for (unsigned round = 1; round <= 3; round++)
		for (char c = 'a'; c <= 'z'; c++) {
			cause[6] = c;
			hw_quality_count(&quality.dropped, cause, round);
		}
	assert_int_equal(quality.dropped.count, 26);
	for (size_t i = 0; i < 26; i++) {
		assert_int_equal(quality.dropped.at[i].cause[6], 'a' + (int)i);
		assert_int_equal(quality.dropped.at[i].count, 6);
	}
	hw_quality_fini(&quality);
}

/* Finalising an empty one is fine. */
static void empty_is_finalised(void **state)
{
	struct hw_recording recording = { 0 };
	struct hw_quality quality = { 0 };
	(void)state;

	hw_recording_fini(&recording);
	hw_quality_fini(&quality);
}

/* The sum check compares with the full count: one that ran half of the time stands for twice as much. */
static void sum_check_scales_the_count(void **state)
{
	struct hw_event_quality event = { .events = 990, .counted = 1000 };
	(void)state;

	assert_true(fabs(hw_event_sum_check(&event) - 0.99) < 1e-12);
	event.counted = 500;
	event.counted_enabled_ns = 20;
	event.counted_running_ns = 10;
	assert_true(fabs(hw_event_sum_check(&event) - 0.99) < 1e-12);
	event.counted_running_ns = 21; /* never more than all of it */
	assert_true(fabs(hw_event_sum_check(&event) - 1.98) < 1e-12);
	event.counted = 0;
	assert_true(isnan(hw_event_sum_check(&event)));
}

/* A share of time is between none and all of it, or unknown. */
static void running_share_is_a_share(void **state)
{
	struct hw_event_quality event = { .time_enabled_ns = 4, .time_running_ns = 3 };
	(void)state;

	assert_true(fabs(hw_event_running_share(&event) - 0.75) < 1e-12);
	event.time_running_ns = 5;
	assert_true(fabs(hw_event_running_share(&event) - 1) < 1e-12);
	event.time_running_ns = 0;
	assert_true(fabs(hw_event_running_share(&event)) < 1e-12);
	event.time_enabled_ns = 0;
	assert_true(isnan(hw_event_running_share(&event)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_notes_are_one),	    cmocka_unit_test(causes_add_up),
		cmocka_unit_test(empty_is_finalised),	    cmocka_unit_test(sum_check_scales_the_count),
		cmocka_unit_test(running_share_is_a_share),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
