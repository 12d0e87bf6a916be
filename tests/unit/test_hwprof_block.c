#include "format/hwprof_block.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>

/* Written before events had groups, times and counts, by: record -e cpu-clock -e page-faults -- ls */
static const char old_block[] =
	"hwprof:1:H4sIAAAAAAAA/+PS52I10DPUMxBiyimWYirLVeI30zO00DMx0U1L1i0ztzDS4nD0dVFwDYh0NmCymJU"
	"l1MfIwSjAL8GuwOHBFsGYxMHFUpSfXyLAnMTPxZ2dWpSXmqOQn5dTKcCcJMTFl5evUJpXnpmXolBUmpMqwJihVdH"
	"QwNTA2NDQwNHFKM/FmVxQqpuck5+cLYRgSrxgt2B0ONBi28WoxMVdkJieqpuWWJpTUiyEzAGpYnNoYQQA7yTo4MI"
	"AAAA=";

static void add_metric(struct hw_profile *profile, const char *name, bool is_sound)
{
	struct hw_profile_metric metric = { .name = hw_strdup(name),
					    .title = hw_strdup("IPC"),
					    .description = hw_strdup("instructions per cycle"),
					    .unit = hw_strdup("instructions/cycle"),
					    .formula = hw_strdup("instructions / cycles") };

	hw_vec_push(&metric.variables, hw_strdup("instructions"));
	hw_vec_push(&metric.variables, hw_strdup("cycles"));
	hw_vec_push(&metric.sample_types, hw_strdup("instructions:u"));
	if (is_sound)
		hw_vec_push(&metric.sample_types, hw_strdup("cycles:u"));
	hw_vec_push(&profile->metrics, metric);
}

/* What an older hwprof wrote is read; what it did not know is unknown. */
static void old_block_is_read(void **state)
{
	HW_AUTO(hw_profile_freep) struct hw_profile *profile = hw_profile_new();
	const struct hw_event_quality *event;
	struct hw_err err = { 0 };
	(void)state;

	assert_true(hw_block_probe(old_block));
	assert_int_equal(hw_block_decode(profile, old_block, &err), 0);
	assert_string_equal(profile->recording.command, "ls");
	assert_int_equal(profile->quality.events.count, 2);
	event = &profile->quality.events.at[1];
	assert_string_equal(event->opened, "page-faults");
	assert_int_equal(event->events, 132);
	assert_null(event->pmu);
	assert_null(event->whole);
	assert_true(isnan(hw_event_sum_check(event)));
	assert_true(isnan(hw_event_running_share(event)));
	assert_int_equal(profile->metrics.count, 0);
}

/* What would name unnamed code comes back, and is told in words on one line each, whatever it holds. */
static void help_for_unnamed_code_comes_back(void **state)
{
	HW_AUTO(hw_profile_freep) struct hw_profile *profile = hw_profile_new();
	HW_AUTO(hw_profile_freep) struct hw_profile *again = hw_profile_new();
	HW_AUTO(hw_buf_fini) struct hw_buf text = { 0 };
	HW_AUTO(hw_buf_fini) struct hw_buf words = { 0 };
	const struct hw_unnamed_help helps[] = {
		{ hw_strdup("/lib/a.so"), hw_strdup("ab12"), hw_strdup("stripped"), hw_strdup("apt") },
		{ hw_strdup("b\n.so"), hw_strdup(""), hw_strdup(""), hw_strdup("") },
	};
	struct hw_err err = { 0 };
	(void)state;

	hw_vec_push(&profile->quality.unnamed, helps[0]);
	hw_vec_push(&profile->quality.unnamed, helps[1]);
	profile->quality.present = true;
	assert_int_equal(hw_block_encode(&text, profile, &err), 0);
	assert_int_equal(hw_block_decode(again, hw_buf_str(&text), &err), 0);
	assert_int_equal(again->quality.unnamed.count, 2);
	assert_string_equal(again->quality.unnamed.at[0].dso, "/lib/a.so");
	assert_string_equal(again->quality.unnamed.at[0].build_id, "ab12");
	assert_string_equal(again->quality.unnamed.at[0].cause, "stripped");
	assert_string_equal(again->quality.unnamed.at[0].fix, "apt");
	assert_string_equal(again->quality.unnamed.at[1].fix, "");
	hw_block_print(&words, &again->recording, &again->quality);
	assert_non_null(strstr(hw_buf_str(&words),
			       "without names: /lib/a.so (build-id ab12): stripped; apt\nwithout names: b"));
	assert_null(strstr(hw_buf_str(&words), "b\n"));
}

/* Metrics come back with each variable bound to its sample type; one that makes no sense is left out, and said. */
static void metrics_come_back(void **state)
{
	HW_AUTO(hw_profile_freep) struct hw_profile *profile = hw_profile_new();
	HW_AUTO(hw_profile_freep) struct hw_profile *again = hw_profile_new();
	HW_AUTO(hw_buf_fini) struct hw_buf text = { 0 };
	const struct hw_profile_metric *metric;
	struct hw_err err = { 0 };
	(void)state;

	add_metric(profile, "lame", false);
	add_metric(profile, "ipc", true);
	assert_int_equal(hw_block_encode(&text, profile, &err), 0);
	assert_int_equal(hw_block_decode(again, hw_buf_str(&text), &err), 0);
	assert_int_equal(again->metrics.count, 1);
	metric = &again->metrics.at[0];
	assert_string_equal(metric->name, "ipc");
	assert_string_equal(metric->title, "IPC");
	assert_string_equal(metric->description, "instructions per cycle");
	assert_string_equal(metric->unit, "instructions/cycle");
	assert_string_equal(metric->formula, "instructions / cycles");
	assert_int_equal(metric->variables.count, 2);
	assert_int_equal(metric->sample_types.count, 2);
	assert_string_equal(metric->variables.at[1], "cycles");
	assert_string_equal(metric->sample_types.at[1], "cycles:u");
	assert_int_equal(again->quality.notes.count, 1);
}

/* A profile that says nothing has no block. */
static void nothing_is_no_block(void **state)
{
	HW_AUTO(hw_profile_freep) struct hw_profile *profile = hw_profile_new();
	HW_AUTO(hw_buf_fini) struct hw_buf text = { 0 };
	struct hw_err err = { 0 };
	(void)state;

	assert_int_equal(hw_block_encode(&text, profile, &err), 0);
	assert_int_equal(text.size, 0);
}

/* In words: group, exact addresses, multiplexing and the sum check, each only where there is something to say. */
static void events_are_told_in_words(void **state)
{
	HW_AUTO(hw_profile_freep) struct hw_profile *profile = hw_profile_new();
	HW_AUTO(hw_buf_fini) struct hw_buf text = { 0 };
	(void)state;

	profile->quality.present = true;
	hw_vec_push(&profile->quality.events, (struct hw_event_quality){ .asked = hw_strdup(""),
									 .opened = hw_strdup("cpu-clock"),
									 .freq_hz = 999,
									 .samples = 4,
									 .time_enabled_ns = 5,
									 .time_running_ns = 5 });
	hw_vec_push(&profile->quality.events, (struct hw_event_quality){ .asked = hw_strdup("cycles:pp"),
									 .opened = hw_strdup("cycles:pp"),
									 .period = 1000,
									 .precise_asked = 2,
									 .precise_obtained = 2,
									 .group = 1,
									 .samples = 4,
									 .events = 4000,
									 .exact_ips = 3,
									 .time_enabled_ns = 8,
									 .time_running_ns = 2,
									 .counted = 2000,
									 .counted_enabled_ns = 10,
									 .counted_running_ns = 5,
									 .counted_itself = true });
	hw_block_print(&text, &profile->recording, &profile->quality);
	assert_non_null(strstr(hw_buf_str(&text),
			       "event: cpu-clock, 999 Hz, 4 samples, 0 lost, throttled 0 times\n"));
	assert_non_null(
		strstr(hw_buf_str(&text),
		       "event: cycles:pp, every 1000, precise level 2 of 2 asked, group 1, 4 samples, "
		       "0 lost, throttled 0 times, 75.00 % at exact addresses, had a counter 25.00 % "
		       "of the time, sum check 1.0000 (against its own count)\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(old_block_is_read),
		cmocka_unit_test(help_for_unnamed_code_comes_back),
		cmocka_unit_test(metrics_come_back),
		cmocka_unit_test(nothing_is_no_block),
		cmocka_unit_test(events_are_told_in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
