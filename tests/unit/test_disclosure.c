#include "disclosure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>

#define MS UINT64_C(1000000)

static struct hw_event hardware(const char *name, uint64_t config)
{
	return (struct hw_event){ .text = (char *)(uintptr_t)name,
				  .name = (char *)(uintptr_t)name,
				  .unit = "count",
				  .attr = { .type = PERF_TYPE_HARDWARE, .config = config } };
}

/* A quality that says of each event that its target ran for so long, and counted so much. */
static void add_counted(struct hw_quality *quality, uint64_t ran_ns, uint64_t running_ns, uint64_t counted)
{
	hw_vec_push(&quality->events, (struct hw_event_quality){ .asked = hw_strdup(""),
								 .opened = hw_strdup(""),
								 .time_enabled_ns = ran_ns,
								 .time_running_ns = running_ns,
								 .counted = counted });
}

static size_t silence_of(struct hw_quality *quality, const struct hw_event *events, struct hw_err *err)
{
	*err = (struct hw_err){ 0 };
	return hw_disclose_silence(quality, events, err);
}

/* A PMU's event that ran and counted nothing is silent: the message names it, and what to think of. */
static void event_without_counts_is_silent(void **state)
{
	const struct hw_event event = hardware("r03", 3);
	struct hw_quality quality = { 0 };
	struct hw_err err;
	(void)state;

	add_counted(&quality, 100 * MS, 100 * MS, 0);
	assert_int_equal(silence_of(&quality, &event, &err), 1);
	assert_int_equal(err.kind, HW_ERR_EVENT);
	assert_non_null(strstr(err.message,
			       "event 'r03' opened, but counted nothing while its target ran for 100 ms"));
	assert_true(err.hint[0]);
	hw_quality_fini(&quality);
}

/* One that never had a counter is told apart. */
static void event_without_counter_is_silent(void **state)
{
	const struct hw_event event = hardware("cycles", 0);
	struct hw_quality quality = { 0 };
	struct hw_err err;
	(void)state;

	add_counted(&quality, 100 * MS, 0, 0);
	assert_int_equal(silence_of(&quality, &event, &err), 1);
	assert_non_null(strstr(err.message, "never had a counter"));
	hw_quality_fini(&quality);
}

/* No error: what counted without a sample, what had next to no time, what lost its samples, and software events. */
static void others_are_not_silent(void **state)
{
	struct hw_event event = hardware("cycles", 0);
	struct hw_quality quality = { 0 };
	struct hw_err err;
	(void)state;

	add_counted(&quality, 100 * MS, 100 * MS, 1);
	assert_int_equal(silence_of(&quality, &event, &err), 0);
	quality.events.at[0].counted = 0;
	quality.events.at[0].time_enabled_ns = quality.events.at[0].time_running_ns = 2 * MS;
	assert_int_equal(silence_of(&quality, &event, &err), 0);
	quality.events.at[0].time_enabled_ns = quality.events.at[0].time_running_ns = 100 * MS;
	quality.events.at[0].lost = 1;
	assert_int_equal(silence_of(&quality, &event, &err), 0);
	quality.events.at[0].lost = 0;
	assert_int_equal(silence_of(&quality, &event, &err), 1);
	event.attr.type = PERF_TYPE_SOFTWARE;
	assert_int_equal(silence_of(&quality, &event, &err), 0);
	event.attr.type = PERF_TYPE_TRACEPOINT;
	assert_int_equal(silence_of(&quality, &event, &err), 0);
	hw_quality_fini(&quality);
}

/* Of several, all are named and those that count are not. */
static void all_silent_events_are_named(void **state)
{
	const struct hw_event events[] = { hardware("a", 1), hardware("b", 2), hardware("c", 3) };
	struct hw_quality quality = { 0 };
	struct hw_err err;
	(void)state;

	add_counted(&quality, 100 * MS, 100 * MS, 0);
	add_counted(&quality, 100 * MS, 100 * MS, 7);
	add_counted(&quality, 100 * MS, 100 * MS, 0);
	assert_int_equal(silence_of(&quality, events, &err), 2);
	assert_non_null(strstr(err.message, "'a'"));
	assert_null(strstr(err.message, "'b'"));
	assert_non_null(strstr(err.message, "'c'"));
	hw_quality_fini(&quality);
}

/* A metric of the catalogue is bound where all of its variables were sampled at the same levels, under whatever names. */
static void metrics_are_bound_to_sample_types(void **state)
{
	struct hw_event events[] = { hardware("instructions:u", PERF_COUNT_HW_INSTRUCTIONS),
				     hardware("cycles:k", PERF_COUNT_HW_CPU_CYCLES),
				     hardware("cycles:u", PERF_COUNT_HW_CPU_CYCLES) };
	HW_AUTO(hw_profile_freep) struct hw_profile *profile = hw_profile_new();
	const struct hw_profile_metric *ipc = NULL;
	(void)state;

	events[0].attr.exclude_kernel = events[2].attr.exclude_kernel = 1;
	events[1].attr.exclude_user = 1;
	hw_disclose_metrics(profile, events, 2); /* of different levels */
	assert_int_equal(profile->metrics.count, 0);
	events[2].name = (char[]){ "perf::CYCLES:u" };
	hw_disclose_metrics(profile, events, 3);
	for (size_t i = 0; i < profile->metrics.count; i++)
		if (strcmp(profile->metrics.at[i].name, "ipc") == 0)
			ipc = &profile->metrics.at[i];
	assert_non_null(ipc);
	assert_string_equal(ipc->formula, "instructions / cycles");
	assert_int_equal(ipc->variables.count, 2);
	for (size_t i = 0; i < 2; i++)
		assert_string_equal(ipc->sample_types.at[i], strcmp(ipc->variables.at[i], "cycles") == 0
								     ? "perf::CYCLES:u"
								     : "instructions:u");
}

/* The whole of parts stands for the event in formulas. */
static void metrics_take_the_whole_of_parts(void **state)
{
	struct hw_event events[] = { hardware("P/cycles/", 1), hardware("P/instructions/", 2),
				     hardware("E/cycles/", 3), hardware("E/instructions/", 4) };
	HW_AUTO(hw_profile_freep) struct hw_profile *profile = hw_profile_new();
	(void)state;

	events[0].whole = events[2].whole = (char[]){ "cycles" };
	events[1].whole = events[3].whole = (char[]){ "instructions" };
	hw_disclose_metrics(profile, events, 4);
	assert_true(profile->metrics.count >= 1);
	assert_int_equal(profile->metrics.at[0].sample_types.count, 2);
	for (size_t i = 0; i < 2; i++)
		assert_string_equal(profile->metrics.at[0].sample_types.at[i],
				    profile->metrics.at[0].variables.at[i]);
}

/* A single event makes no ratio, and no catalogue is read for it. */
static void one_event_has_no_metrics(void **state)
{
	const struct hw_event event = hardware("cycles", 0);
	HW_AUTO(hw_profile_freep) struct hw_profile *profile = hw_profile_new();
	(void)state;

	hw_disclose_metrics(profile, &event, 1);
	assert_int_equal(profile->metrics.count + profile->quality.notes.count, 0);
}

/* What was asked for and what was opened, group and part and all. */
static void events_are_described(void **state)
{
	struct hw_event event = hardware("cpu_core/cycles/", 0);
	struct hw_quality quality = { 0 };
	(void)state;

	event.text = (char[]){ "cycles:pp" };
	event.precise_asked = 2;
	event.attr.precise_ip = 1;
	event.attr.sample_period = 1000;
	event.group = 7;
	event.pmu = (char[]){ "cpu_core" };
	event.whole = (char[]){ "cycles" };
	hw_disclose_events(&quality, &event, 1);
	assert_string_equal(quality.events.at[0].asked, "cycles:pp");
	assert_string_equal(quality.events.at[0].opened, "cpu_core/cycles/");
	assert_int_equal(quality.events.at[0].period, 1000);
	assert_int_equal(quality.events.at[0].freq_hz, 0);
	assert_int_equal(quality.events.at[0].precise_asked, 2);
	assert_int_equal(quality.events.at[0].precise_obtained, 1);
	assert_int_equal(quality.events.at[0].group, 7);
	assert_string_equal(quality.events.at[0].pmu, "cpu_core");
	assert_string_equal(quality.events.at[0].whole, "cycles");
	hw_quality_fini(&quality);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(event_without_counts_is_silent),
		cmocka_unit_test(event_without_counter_is_silent),
		cmocka_unit_test(others_are_not_silent),
		cmocka_unit_test(all_silent_events_are_named),
		cmocka_unit_test(metrics_are_bound_to_sample_types),
		cmocka_unit_test(metrics_take_the_whole_of_parts),
		cmocka_unit_test(one_event_has_no_metrics),
		cmocka_unit_test(events_are_described),
	};
	const char *source = getenv("top_srcdir");

	/* The tables of the source tree, whatever is installed, and no user's. */
	if (source) {
		HW_AUTO(hw_freep) char *folder = hw_asprintf("%s/events", source);

		(void)setenv("HWPROF_EVENTS", folder, 1);
	}
	(void)setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
