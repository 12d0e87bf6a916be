/* report/row_metrics.c, report/together.c and report/sides.c against numbers worked out by hand, and against chance. */
#include "report/row_metrics.h"

#include "report/together.h"
#include "tests/lib/profile_builder.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>

#define TYPES "cycles_samples/count cycles/count instructions_samples/count instructions/count"

struct fixture {
	struct hw_profile *profile;
	struct hw_view view;
	struct hw_rows rows;
	struct hw_sides sides;
	struct hw_row_metrics metrics;
};

static void add_metric(struct hw_profile *profile, const char *name, const char *formula)
{
	static const char *const variables[] = { "cycles", "instructions", "misses" };
	struct hw_profile_metric metric = {
		.name = hw_strdup(name),
		.title = hw_strdup(name),
		.description = hw_strdup(""),
		.unit = hw_strdup(""),
		.formula = hw_strdup(formula),
	};

	for (size_t i = 0; i < HW_COUNT_OF(variables); i++) {
		hw_vec_push(&metric.variables, hw_strdup(variables[i]));
		hw_vec_push(&metric.sample_types, hw_strdup(variables[i]));
	}
	hw_vec_push(&profile->metrics, metric);
}

static struct hw_event_quality *add_event(struct hw_profile *profile, const char *opened, uint32_t group,
					  uint64_t running_ns)
{
	profile->quality.present = true;
	hw_vec_push(&profile->quality.events, (struct hw_event_quality){ .asked = hw_strdup(opened),
									 .opened = hw_strdup(opened),
									 .group = group,
									 .time_enabled_ns = 1000000,
									 .time_running_ns = running_ns });
	return &profile->quality.events.at[profile->quality.events.count - 1];
}

/* Look at a profile, which the fixture takes, and choose its metrics. */
static void open_fixture(struct fixture *f, struct hw_profile *profile, const char *names)
{
	struct hw_err err = { 0 };

	f->profile = profile;
	if (hw_view_init(&f->view, profile, "cycles", &(struct hw_filter){ 0 }, &err) < 0)
		fail_msg("%s", err.message);
	hw_rows_init(&f->rows, profile, HW_ROW_FUNCTION);
	hw_sides_init(&f->sides, &f->view, &f->rows, false, true);
	if (hw_row_metrics_init(&f->metrics, &f->sides, names, &err) < 0)
		fail_msg("%s", err.message);
}

static void close_fixture(struct fixture *f)
{
	hw_row_metrics_fini(&f->metrics);
	hw_sides_fini(&f->sides);
	hw_rows_fini(&f->rows);
	hw_view_fini(&f->view);
	hw_profile_free(f->profile);
}

/* Two events that ran all the time. */
static struct hw_profile *full_profile(const char *samples)
{
	struct hw_profile *profile = hw_test_profile(TYPES, samples);

	add_event(profile, "cycles", 0, 1000000);
	add_event(profile, "instructions", 0, 1000000);
	add_metric(profile, "ipc", "instructions / cycles");
	return profile;
}

static uint32_t row_of(const struct fixture *f, const char *name)
{
	for (uint32_t i = 0; i < f->rows.list.count; i++)
		if (strcmp(f->rows.list.at[i].name, name) == 0)
			return i;
	fail_msg("no row %s", name);
	return 0;
}

/* --- Values -------------------------------------------------------------------------------------------- */

/* f has 40 of 100 samples of cycles (400 of 1000) and 25 of 100 of instructions (500 of 2000). IPC = 500 / 400 = 1.25.
 * Relative variances (1 - p) / n: 0.6 / 40 = 0.015 and 0.75 / 25 = 0.03; of the ratio 0.045. So the standard error is
 * 1.25 * sqrt(0.045) = 0.2651650, and 1.96 times that 0.5197234. */
static void the_interval_is_the_one_worked_out_by_hand(void **state)
{
	struct fixture f;
	struct hw_estimate e;
	(void)state;

	open_fixture(&f, full_profile("main;f 40 400 25 500\nmain;g 60 600 75 1500\n"), NULL);
	assert_int_equal(f.metrics.list.count, 1);
	e = hw_row_metric_value(&f.metrics.list.at[0], &f.sides, row_of(&f, "f"), false);
	assert_true(fabs(e.value - 1.25) < 1e-9);
	assert_true(fabs(e.error - 0.5197234) < 1e-6);
	/* main has no flat samples, but all of cum: nothing of those is left to chance. */
	e = hw_row_metric_value(&f.metrics.list.at[0], &f.sides, row_of(&f, "main"), false);
	assert_true(isnan(e.value) && isnan(e.error));
	e = hw_row_metric_value(&f.metrics.list.at[0], &f.sides, row_of(&f, "main"), true);
	assert_true(fabs(e.value - 2) < 1e-9 && e.error == 0);
	e = hw_row_metric_total(&f.metrics.list.at[0], &f.sides);
	assert_true(fabs(e.value - 2) < 1e-9 && e.error == 0);
	close_fixture(&f);
}

/* Five samples of each event are enough, four of one are not. */
static void few_samples_give_no_value(void **state)
{
	struct fixture f;
	(void)state;

	open_fixture(&f, full_profile("f 5 50 5 50\ng 4 40 50 500\nh 50 500 4 40\n"), NULL);
	assert_true(hw_row_metric_value(&f.metrics.list.at[0], &f.sides, row_of(&f, "f"), false).value == 1);
	assert_true(
		isnan(hw_row_metric_value(&f.metrics.list.at[0], &f.sides, row_of(&f, "g"), false).value));
	assert_true(
		isnan(hw_row_metric_value(&f.metrics.list.at[0], &f.sides, row_of(&f, "h"), false).value));
	close_fixture(&f);
}

/* Numbers that look random and are the same in every run (Knuth's MMIX generator), 0 to 1. */
static double draw(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (double)(*seed >> 11) / 9007199254740992.0;
}

/* How many of sample_count samples fall into a row with that share. */
static int64_t draw_samples(uint64_t *seed, int sample_count, double share)
{
	int64_t n = 0;

	for (int i = 0; i < sample_count; i++)
		n += draw(seed) < share;
	return n;
}

/* A program whose function f has these true shares of the cycles and of the instructions, sampled again and again, 2000
 * samples each: how often does the interval hold the true IPC of f? The counts of f are put into one profile. */
static double coverage(uint64_t seed, double cycles_share, double instructions_share)
{
	enum { ROUNDS = 2000, SAMPLES = 2000, CYCLES = 10, INSTRUCTIONS = 15 };
	const double truth = INSTRUCTIONS * instructions_share / (CYCLES * cycles_share);
	struct fixture f;
	struct hw_row_sum *cycles;
	struct hw_row_sum *instructions;
	uint32_t row;
	int held = 0;

	open_fixture(&f, full_profile("f 1000 10000 1000 15000\ng 1000 10000 1000 15000\n"), NULL);
	row = row_of(&f, "f");
	cycles = &f.sides.list.at[0].totals.sums[row];
	instructions = &f.sides.list.at[1].totals.sums[row];
	for (int i = 0; i < ROUNDS; i++) {
		struct hw_estimate e;

		cycles->flat_samples = draw_samples(&seed, SAMPLES, cycles_share);
		cycles->flat = CYCLES * cycles->flat_samples;
		instructions->flat_samples = draw_samples(&seed, SAMPLES, instructions_share);
		instructions->flat = INSTRUCTIONS * instructions->flat_samples;
		e = hw_row_metric_value(&f.metrics.list.at[0], &f.sides, row, false);
		held += fabs(e.value - truth) <= e.error;
	}
	close_fixture(&f);
	return (double)held / ROUNDS;
}

/* A 95 % interval holds the truth in 93 to 97 % of the recordings, for small functions and large. */
static void intervals_hold_the_truth_as_often_as_they_say(void **state)
{
	static const double shares[][2] = { { 0.5, 0.5 },  { 0.9, 0.6 },   { 0.3, 0.05 },
					    { 0.05, 0.3 }, { 0.02, 0.02 }, { 0.99, 0.97 } };
	(void)state;

	for (size_t i = 0; i < HW_COUNT_OF(shares); i++) {
		const double share = coverage(i + 1, shares[i][0], shares[i][1]);

		if (share < 0.93 || share > 0.97)
			fail_msg("shares %g and %g: the interval holds the truth in %.1f %%", shares[i][0],
				 shares[i][1], 100 * share);
	}
}

/* --- Events that ran together, or not ------------------------------------------------------------------ */

/* What is said of the only metric of a profile, "" when it is not refused. The profile is freed. */
static void expect_refused(struct hw_profile *profile, const char *why)
{
	struct fixture f;

	open_fixture(&f, profile, NULL);
	assert_int_equal(f.metrics.list.count, why ? 0 : 1);
	assert_int_equal(f.metrics.refused.count, why ? 1 : 0);
	if (why && !strstr(f.metrics.refused.at[0], why))
		fail_msg("refused because: %s; not: %s", f.metrics.refused.at[0], why);
	close_fixture(&f);
}

static struct hw_profile *two_events(uint32_t group_a, uint64_t running_a, uint32_t group_b,
				     uint64_t running_b)
{
	struct hw_profile *profile = hw_test_profile(TYPES, "f 50 500 50 500\n");

	add_event(profile, "cycles", group_a, running_a);
	add_event(profile, "instructions", group_b, running_b);
	add_metric(profile, "ipc", "instructions / cycles");
	return profile;
}

/* 0.1 % of the time may be missing, 0.2 % not, unless both were in one group. */
static void events_must_have_run_together(void **state)
{
	(void)state;

	expect_refused(two_events(0, 1000000, 0, 999000), NULL);
	expect_refused(
		two_events(0, 1000000, 0, 998000),
		"no ipc: its events did not run together (instructions 99.8% of the time, cycles 100.0% "
		"of the time): record them as one group, -e '{instructions,cycles}'");
	expect_refused(two_events(1, 500000, 1, 500000), NULL);
	expect_refused(two_events(1, 500000, 2, 500000), "did not run together");
	expect_refused(two_events(0, 500000, 0, 500000), "did not run together");
}

/* A recording that does not know, whatever the reason, gets no ratio. */
static void what_is_not_known_is_refused(void **state)
{
	struct hw_profile *profile;
	(void)state;

	profile = two_events(0, 1000000, 0, 1000000);
	profile->quality.events.at[0].time_enabled_ns = 0;
	expect_refused(profile, "the profile does not say how long 'cycles' had a counter");
	profile = two_events(0, 1000000, 0, 1000000);
	profile->quality.present = false;
	expect_refused(profile, "the profile does not say how long");
	profile = hw_test_profile(TYPES, "f 50 500 50 500\n");
	add_event(profile, "cycles", 0, 1000000);
	add_metric(profile, "ipc", "instructions / cycles");
	expect_refused(profile, "the profile does not say how long 'instructions'");
}

/* Metrics that make no sense for the profile are refused, not shown wrong. */
static void metrics_that_cannot_be_computed_are_refused(void **state)
{
	struct hw_profile *profile;
	(void)state;

	profile = two_events(0, 1000000, 0, 1000000);
	free(profile->metrics.at[0].formula);
	profile->metrics.at[0].formula = hw_strdup("instructions / misses");
	expect_refused(profile, "the profile has no event 'misses'");
	profile = two_events(0, 1000000, 0, 1000000);
	free(profile->metrics.at[0].formula);
	profile->metrics.at[0].formula = hw_strdup("instructions /");
	expect_refused(profile, "formula 'instructions /'");
	profile = two_events(0, 1000000, 0, 1000000);
	free(profile->metrics.at[0].formula);
	profile->metrics.at[0].formula = hw_strdup("1 + 1");
	expect_refused(profile, "its formula has no events");
	/* One count for both: how many samples each has cannot be told. */
	profile = hw_test_profile("samples/count cycles/count instructions/count", "f 100 500 500\n");
	add_event(profile, "cycles", 1, 1000000);
	add_event(profile, "instructions", 1, 1000000);
	add_metric(profile, "ipc", "instructions / cycles");
	expect_refused(profile, "the profile does not count the samples of each event");
}

/* The parts of a hybrid CPU's event: each counts where its kind of core runs, and on each PMU a group of its own. */
static struct hw_profile *hybrid(uint32_t group, uint64_t running_core, uint64_t running_atom)
{
	static const char *const wholes[] = { "cycles", "instructions" };
	struct hw_profile *profile = hw_test_profile(TYPES, "f 50 500 50 500\n");

	for (uint32_t i = 0; i < HW_COUNT_OF(wholes); i++) {
		struct hw_event_quality *e = add_event(profile, "core", group, running_core);

		e->whole = hw_strdup(wholes[i]);
		e->pmu = hw_strdup("cpu_core");
		e = add_event(profile, "atom", group ? group + 1 : 0, running_atom);
		e->whole = hw_strdup(wholes[i]);
		e->pmu = hw_strdup("cpu_atom");
	}
	add_metric(profile, "ipc", "instructions / cycles");
	return profile;
}

static void parts_of_hybrid_events_are_looked_at_together(void **state)
{
	struct hw_profile *profile;
	(void)state;

	expect_refused(hybrid(0, 700000, 300000), NULL);
	expect_refused(hybrid(0, 500000, 300000), "cycles 80.0% of the time");
	expect_refused(hybrid(1, 500000, 300000), NULL);
	profile = hybrid(1, 500000, 300000);
	profile->quality.events.at[3].group = 9; /* instructions on the small cores */
	expect_refused(profile, "did not run together");
}

/* --- Choosing and showing ------------------------------------------------------------------------------ */

static struct hw_profile *three_metrics(void)
{
	struct hw_profile *profile = two_events(1, 1000000, 1, 1000000);

	add_metric(profile, "L1-MPKI", "1000 * cycles / instructions");
	add_metric(profile, "other", "cycles - instructions");
	return profile;
}

static void expect_chosen(const char *names, const char *expected)
{
	struct hw_buf text = { 0 };
	struct fixture f;

	open_fixture(&f, three_metrics(), names);
	for (size_t i = 0; i < f.metrics.list.count; i++)
		hw_buf_printf(&text, "%s ", f.metrics.list.at[i].metric->name);
	assert_string_equal(hw_buf_str(&text), expected);
	hw_buf_fini(&text);
	close_fixture(&f);
}

/* Unasked IPC and what ends in MPKI, all for an empty list, else those named, in the profile's order. */
static void metrics_are_chosen_by_name(void **state)
{
	struct hw_err err = { 0 };
	struct hw_row_metrics metrics;
	struct fixture f;
	(void)state;

	expect_chosen(NULL, "ipc L1-MPKI ");
	expect_chosen("", "ipc L1-MPKI other ");
	expect_chosen("other,IPC", "ipc other ");
	open_fixture(&f, three_metrics(), "");
	assert_int_equal(hw_row_metrics_init(&metrics, &f.sides, "ipc,ip", &err), -1);
	assert_int_equal(err.kind, HW_ERR_USAGE);
	assert_string_equal(err.message, "the profile has no metric 'ip'");
	assert_string_equal(err.hint, "its metrics are: ipc, L1-MPKI, other");
	hw_row_metrics_fini(&metrics);
	close_fixture(&f);
}

static void expect_text(double value, double error, const char *unit, const char *expected)
{
	struct hw_buf text = { 0 };

	hw_estimate_print(&text, (struct hw_estimate){ value, error }, unit, false);
	assert_string_equal(hw_buf_str(&text), expected);
	hw_buf_fini(&text);
}

/* The error's first digit is the last that is shown, the second when the first is 1. */
static void as_many_digits_as_are_certain(void **state)
{
	(void)state;

	expect_text(1.8436, 0.0512, "", "1.84 +-0.05");
	expect_text(1.8436, 0.0143, "", "1.844 +-0.014");
	expect_text(1.8436, 0.6, "", "1.8 +-0.6");
	expect_text(123.4, 21, "", "123 +-21");
	expect_text(12.34, 0.4, "%", "12.3% +-0.4%");
	expect_text(2, 0, "", "2.00");
	expect_text(0.01234, 0, "", "0.0123");
	expect_text(1e-9, 1e-12, "", "0.0000 +-0.0000");
	expect_text(0, 0, "", "0.00");
	expect_text(NAN, NAN, "", "-");
	expect_text(1, INFINITY, "", "-");
}

/* --- Side by side -------------------------------------------------------------------------------------- */

/* The first event decides the order; functions that only others have follow, by theirs. */
static void rows_of_other_events_follow(void **state)
{
	struct fixture f;
	const struct hw_totals *totals;
	(void)state;

	open_fixture(&f, full_profile("a 1 10 0 0\nb 0 0 1 5\nc 3 30 1 1\nd 0 0 1 7\n"), NULL);
	assert_int_equal(hw_sides_shown(&f.sides), 2);
	totals = &f.sides.list.at[0].totals;
	assert_int_equal(totals->order_count, 4);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(f.rows.list.at[totals->order[i]].name[0], "cadb"[i]);
	assert_int_equal(f.sides.list.at[1].totals.sums[row_of(&f, "d")].flat, 7);
	close_fixture(&f);
}

/* An event that only a metric needs is summed without columns of its own, once. */
static void hidden_events_are_summed_once(void **state)
{
	struct hw_sides sides;
	struct fixture f;
	size_t place;
	(void)state;

	open_fixture(&f, full_profile("a 1 10 1 20\n"), NULL);
	hw_sides_init(&sides, &f.view, &f.rows, false, false);
	assert_int_equal(sides.list.count, 1);
	place = hw_sides_find(&sides, 3);
	assert_int_equal(place, 1);
	assert_int_equal(hw_sides_find(&sides, 3), 1);
	assert_int_equal(hw_sides_find(&sides, 1), 0);
	assert_int_equal(hw_sides_shown(&sides), 1);
	assert_int_equal(sides.list.at[1].totals.sums[0].flat, 20);
	hw_sides_fini(&sides);
	close_fixture(&f);
}

/* The parts of an event stand behind all whole events; an event is a part only where the profile has its whole. */
static void parts_come_last(void **state)
{
	struct hw_profile *profile =
		hw_test_profile("cycles/count P/cycles//count E/x//count instructions/count", "f 10 6 4 3\n");
	struct hw_view view;
	struct hw_rows rows;
	struct hw_sides sides;
	struct hw_err err = { 0 };
	(void)state;

	add_event(profile, "P/cycles/", 0, 1)->whole = hw_strdup("cycles");
	add_event(profile, "E/x/", 0, 1)->whole = hw_strdup("x");
	assert_int_equal(hw_view_init(&view, profile, "cycles", &(struct hw_filter){ 0 }, &err), 0);
	hw_rows_init(&rows, profile, HW_ROW_FUNCTION);
	hw_sides_init(&sides, &view, &rows, false, true);
	assert_int_equal(sides.list.count, 4);
	assert_string_equal(sides.list.at[1].view.event, "E/x/");
	assert_string_equal(sides.list.at[2].view.event, "instructions");
	assert_string_equal(sides.list.at[3].view.event, "P/cycles/");
	assert_true(sides.list.at[3].is_part);
	hw_sides_fini(&sides);
	hw_rows_fini(&rows);
	hw_view_fini(&view);
	hw_profile_free(profile);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_interval_is_the_one_worked_out_by_hand),
		cmocka_unit_test(few_samples_give_no_value),
		cmocka_unit_test(intervals_hold_the_truth_as_often_as_they_say),
		cmocka_unit_test(events_must_have_run_together),
		cmocka_unit_test(what_is_not_known_is_refused),
		cmocka_unit_test(metrics_that_cannot_be_computed_are_refused),
		cmocka_unit_test(parts_of_hybrid_events_are_looked_at_together),
		cmocka_unit_test(metrics_are_chosen_by_name),
		cmocka_unit_test(as_many_digits_as_are_certain),
		cmocka_unit_test(rows_of_other_events_follow),
		cmocka_unit_test(hidden_events_are_summed_once),
		cmocka_unit_test(parts_come_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
