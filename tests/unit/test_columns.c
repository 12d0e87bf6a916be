#include "columns.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>

/* The types of these events in order, "name/unit" with blanks between. */
static char *types_of(const struct hw_event *events, size_t count, struct hw_column *columns)
{
	struct hw_profile *profile = hw_profile_new();
	struct hw_buf text = { 0 };
	struct hw_err err = { 0 };

	assert_int_equal(hw_columns_check(events, count, &err), 0);
	hw_columns_add(columns, profile, events, count);
	for (size_t i = 0; i < profile->sample_types.count; i++)
		hw_buf_printf(&text, "%s%s/%s", i ? " " : "",
			      hw_profile_text(profile, profile->sample_types.at[i].type),
			      hw_profile_text(profile, profile->sample_types.at[i].unit));
	hw_buf_printf(&text, " default %s", hw_profile_text(profile, profile->default_sample_type));
	hw_profile_free(profile);
	return text.data;
}

/* One event alone has the two types every pprof reader knows. */
static void one_event_is_samples_and_its_name(void **state)
{
	const struct hw_event event = { .name = "cpu-clock", .unit = "nanoseconds" };
	struct hw_column column;
	HW_AUTO(hw_freep) char *types = types_of(&event, 1, &column);
	int64_t values[2] = { 0 };
	(void)state;

	assert_string_equal(types, "samples/count cpu-clock/nanoseconds default cpu-clock");
	hw_column_count(&column, values, 1000);
	assert_int_equal(values[0], 1);
	assert_int_equal(values[1], 1000);
}

/* Of several, each has a count of its own before it; a sample counts for its own event only. */
static void several_events_have_counts_of_their_own(void **state)
{
	const struct hw_event events[] = { { .name = "cycles", .unit = "count" },
					   { .name = "cpu-clock", .unit = "nanoseconds" } };
	struct hw_column columns[2];
	HW_AUTO(hw_freep) char *types = types_of(events, 2, columns);
	int64_t values[4] = { 0 };
	const int64_t expected[4] = { 0, 0, 1, 7 };
	(void)state;

	assert_string_equal(types, "cycles_samples/count cycles/count cpu-clock_samples/count "
				   "cpu-clock/nanoseconds default cycles");
	hw_column_count(&columns[1], values, 7);
	assert_memory_equal(values, expected, sizeof expected);
}

/* The parts of a hybrid CPU's event stay visible, and the whole comes before the first of them; groups put parts of
 * other events in between. */
static void parts_add_up_to_the_whole(void **state)
{
	const struct hw_event events[] = {
		{ .name = "P/cycles/", .unit = "count", .pmu = "P", .whole = "cycles" },
		{ .name = "P/instructions/", .unit = "count", .pmu = "P", .whole = "instructions" },
		{ .name = "E/cycles/", .unit = "count", .pmu = "E", .whole = "cycles" },
		{ .name = "E/instructions/", .unit = "count", .pmu = "E", .whole = "instructions" },
	};
	struct hw_column columns[4];
	HW_AUTO(hw_freep) char *types = types_of(events, 4, columns);
	int64_t values[12] = { 0 };
	const int64_t expected[12] = { 1, 5, 0, 0, 0, 0, 0, 0, 1, 5, 0, 0 };
	(void)state;

	assert_string_equal(types,
			    "cycles_samples/count cycles/count P/cycles/_samples/count P/cycles//count "
			    "instructions_samples/count instructions/count "
			    "P/instructions/_samples/count P/instructions//count "
			    "E/cycles/_samples/count E/cycles//count "
			    "E/instructions/_samples/count E/instructions//count default cycles");
	hw_column_count(&columns[2], values, 5);
	assert_memory_equal(values, expected, sizeof expected);
}

/* A single part, on a machine where the other core type is off, still has its whole. */
static void one_part_has_a_whole(void **state)
{
	const struct hw_event event = { .name = "P/cycles/", .unit = "count", .pmu = "P", .whole = "cycles" };
	struct hw_column column;
	HW_AUTO(hw_freep) char *types = types_of(&event, 1, &column);
	(void)state;

	assert_string_equal(types,
			    "cycles_samples/count cycles/count P/cycles/_samples/count P/cycles//count "
			    "default cycles");
}

/* Types are told apart by their names (pprof, CompatibilizeSampleTypes). */
static void names_that_meet_are_refused(void **state)
{
	const struct hw_event alone = { .name = "samples", .unit = "count" };
	const struct hw_event pair[] = { { .name = "x", .unit = "count" },
					 { .name = "x_samples", .unit = "count" } };
	struct hw_err err = { 0 };
	(void)state;

	assert_int_equal(hw_columns_check(&alone, 1, &err), -1);
	assert_int_equal(err.kind, HW_ERR_USAGE);
	assert_int_equal(hw_columns_check(pair, 2, &err), -1);
	assert_non_null(strstr(err.message, "'x_samples'"));
}

/* As many events as a profile has room for, and one more. */
static void too_many_are_refused(void **state)
{
	struct hw_event events[HW_SAMPLE_TYPES_MAX / 2 + 1];
	char names[HW_COUNT_OF(events)][8];
	struct hw_err err = { 0 };
	(void)state;

	for (size_t i = 0; i < HW_COUNT_OF(events); i++) {
		(void)snprintf(names[i], sizeof names[i], "e%zu", i);
		events[i] = (struct hw_event){ .name = names[i], .unit = "count" };
	}
	assert_int_equal(hw_columns_check(events, HW_COUNT_OF(events) - 1, &err), 0);
	assert_int_equal(hw_columns_check(events, HW_COUNT_OF(events), &err), -1);
	assert_int_equal(err.kind, HW_ERR_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_event_is_samples_and_its_name),
		cmocka_unit_test(several_events_have_counts_of_their_own),
		cmocka_unit_test(parts_add_up_to_the_whole),
		cmocka_unit_test(one_part_has_a_whole),
		cmocka_unit_test(names_that_meet_are_refused),
		cmocka_unit_test(too_many_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
