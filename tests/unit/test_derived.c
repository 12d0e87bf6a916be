/* Which metrics there are of what was counted, and which are refused. */
#include "stat/derived.h"

#include "event/events.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void assert_near(double value, double expected, double tolerance)
{
	if (!(fabs(value - expected) <= tolerance))
		fail_msg("%.17g is not %.17g within %g", value, expected, tolerance);
}

/* A catalogue of two metrics. */
static void make_catalogue(struct hw_catalogue *catalogue)
{
	static const char *const metrics[][2] = { { "ipc", "instructions / cycles" },
						  { "miss-share", "100 * branch-misses / branches" } };

	*catalogue = (struct hw_catalogue){ 0 };
	for (size_t i = 0; i < HW_COUNT_OF(metrics); i++) {
		struct hw_metric metric = { .name = hw_strdup(metrics[i][0]),
					    .title = hw_strdup(metrics[i][0]),
					    .description = hw_strdup(""),
					    .unit = hw_strdup(""),
					    .formula_text = hw_strdup(metrics[i][1]),
					    .formula = hw_formula_parse(metrics[i][1], NULL) };

		assert_non_null(metric.formula);
		hw_vec_push(&catalogue->metrics, metric);
	}
}

struct fixture {
	struct hw_catalogue catalogue;
	struct hw_events events;
	struct hw_sheet sheet;
	struct hw_derived derived;
};

/* Count the texts' events; each gets the value and share of the time given for it. */
static void set_up(struct fixture *f, const char *text)
{
	static const struct hw_event_defaults none;

	*f = (struct fixture){ 0 };
	make_catalogue(&f->catalogue);
	assert_int_equal(hw_events_add(&f->events, text, &none, NULL, NULL), 0);
	hw_sheet_init(&f->sheet, f->events.list.at, f->events.list.count, NULL, false);
	hw_derived_init(&f->derived, &f->sheet, &f->catalogue, NULL, 0);
}

static void add(struct fixture *f, const uint64_t *values, const uint64_t *percents)
{
	struct hw_count counts[16];

	for (size_t i = 0; i < f->events.list.count; i++)
		counts[i] = (struct hw_count){ .value = values[i],
					       .time_enabled_ns = 100,
					       .time_running_ns = percents[i] };
	hw_sheet_add(&f->sheet, counts, &(struct hw_sheet_times){ .elapsed_s = 1 });
	hw_derived_add(&f->derived, &f->sheet);
}

static void tear_down(struct fixture *f)
{
	hw_derived_fini(&f->derived);
	hw_sheet_fini(&f->sheet);
	hw_events_fini(&f->events);
	hw_catalogue_fini(&f->catalogue);
}

/* Only metrics all of whose events are counted; the value of each run, averaged. */
static void counted_all_the_time(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f, "cycles,instructions,branches");
	assert_int_equal(f.derived.list.count, 1);
	assert_string_equal(f.derived.list.at[0].name, "ipc");
	add(&f, (uint64_t[]){ 100, 50, 1 }, (uint64_t[]){ 100, 100, 30 });
	add(&f, (uint64_t[]){ 100, 150, 1 }, (uint64_t[]){ 100, 100, 30 });
	assert_null(f.derived.list.at[0].refusal);
	assert_near(f.derived.list.at[0].value.mean, 1.0, 1e-12);
	assert_int_equal(f.derived.list.at[0].value.count, 2);
	tear_down(&f);
}

/* Events that took turns were not counted together, even if for the same share of the time; refused from then on. */
static void taking_turns_is_refused(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f, "cycles,instructions");
	add(&f, (uint64_t[]){ 100, 50 }, (uint64_t[]){ 50, 50 });
	assert_non_null(f.derived.list.at[0].refusal);
	assert_non_null(strstr(f.derived.list.at[0].refusal, "instructions (50.0 %), cycles (50.0 %)"));
	assert_int_equal(f.derived.list.at[0].value.count, 0);
	add(&f, (uint64_t[]){ 100, 50 }, (uint64_t[]){ 100, 100 });
	assert_non_null(f.derived.list.at[0].refusal);
	hw_derived_clear(&f.derived);
	add(&f, (uint64_t[]){ 100, 50 }, (uint64_t[]){ 100, 100 });
	assert_near(f.derived.list.at[0].value.mean, 0.5, 1e-12);
	tear_down(&f);
}

/* A group's events have their counters at the same moments. */
static void a_group_runs_together(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f, "{cycles,instructions}");
	assert_false(hw_derived_is_at_risk(&f.derived.list.at[0], &f.sheet));
	add(&f, (uint64_t[]){ 100, 50 }, (uint64_t[]){ 40, 40 });
	assert_null(f.derived.list.at[0].refusal);
	assert_near(f.derived.list.at[0].value.mean, 0.5, 1e-12);
	tear_down(&f);
	set_up(&f, "{cycles,branches},{instructions,branch-misses}");
	assert_int_equal(f.derived.list.count, 2);
	assert_true(hw_derived_is_at_risk(&f.derived.list.at[0], &f.sheet));
	add(&f, (uint64_t[]){ 100, 5, 50, 5 }, (uint64_t[]){ 40, 40, 60, 60 });
	assert_non_null(f.derived.list.at[0].refusal);
	tear_down(&f);
}

/* An event that was counted twice is taken from the group it shares with the other one, and there is one metric. */
static void the_group_is_preferred(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f, "instructions,{cycles,instructions}");
	assert_int_equal(f.derived.list.count, 1);
	add(&f, (uint64_t[]){ 7, 100, 50 }, (uint64_t[]){ 50, 50, 50 });
	assert_null(f.derived.list.at[0].refusal);
	assert_near(f.derived.list.at[0].value.mean, 0.5, 1e-12);
	tear_down(&f);
}

/* Of user code and of everything there is one each; user with kernel is no metric. */
static void levels_are_kept_apart(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f, "cycles:u,instructions:u,cycles,instructions,branches:k,branch-misses:u");
	assert_int_equal(f.derived.list.count, 2);
	assert_string_equal(f.derived.list.at[0].name, "ipc:u");
	assert_string_equal(f.derived.list.at[1].name, "ipc");
	add(&f, (uint64_t[]){ 10, 20, 100, 50, 1, 1 }, (uint64_t[]){ 100, 100, 100, 100, 100, 100 });
	assert_near(f.derived.list.at[0].value.mean, 2, 1e-12);
	assert_near(f.derived.list.at[1].value.mean, 0.5, 1e-12);
	tear_down(&f);
}

/* What was not counted, and what divides by zero, is no number. */
static void no_value_no_metric(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f, "cycles,instructions");
	add(&f, (uint64_t[]){ 0, 50 }, (uint64_t[]){ 0, 100 });
	assert_string_equal(f.derived.list.at[0].refusal, "cycles was not counted");
	hw_derived_clear(&f.derived);
	add(&f, (uint64_t[]){ 0, 50 }, (uint64_t[]){ 100, 100 });
	assert_string_equal(f.derived.list.at[0].refusal, "it would divide by zero");
	tear_down(&f);
}

/* Each core type of a hybrid CPU has its own, and the sums have one, when both of its events are sums. */
static void core_types_have_their_own(void **state)
{
	static const char *const pmus[] = { "cpu_core", "cpu_atom" };
	struct fixture f = { 0 };

	(void)state;
	make_catalogue(&f.catalogue);
	for (uint32_t i = 0; i < 4; i++) {
		struct hw_event event = { .name = hw_strdup(i % 2 ? "instructions" : "cycles"),
					  .text = hw_strdup(i % 2 ? "instructions" : "cycles"),
					  .whole = hw_strdup(i % 2 ? "instructions" : "cycles"),
					  .pmu = hw_strdup(pmus[i / 2]),
					  .unit = "count",
					  .scale = 1,
					  .whole_id = 1 + i % 2,
					  .group = 1 + i / 2,
					  .attr = { .type = PERF_TYPE_HARDWARE,
						    .config = i % 2 ? PERF_COUNT_HW_INSTRUCTIONS
								    : PERF_COUNT_HW_CPU_CYCLES,
						    .exclude_guest = 1 } };

		hw_vec_push(&f.events.list, event);
	}
	hw_sheet_init(&f.sheet, f.events.list.at, f.events.list.count, NULL, false);
	hw_derived_init(&f.derived, &f.sheet, &f.catalogue, NULL, 0);
	assert_int_equal(f.derived.list.count, 3);
	add(&f, (uint64_t[]){ 100, 300, 100, 100 }, (uint64_t[]){ 60, 60, 40, 40 });
	assert_string_equal(f.derived.list.at[0].name, "ipc");
	assert_near(f.derived.list.at[0].value.mean, 2, 1e-12);
	assert_string_equal(f.derived.list.at[1].name, "ipc (cpu_core)");
	assert_near(f.derived.list.at[1].value.mean, 3, 1e-12);
	assert_string_equal(f.derived.list.at[2].name, "ipc (cpu_atom)");
	assert_near(f.derived.list.at[2].value.mean, 1, 1e-12);
	tear_down(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counted_all_the_time),	     cmocka_unit_test(taking_turns_is_refused),
		cmocka_unit_test(a_group_runs_together),     cmocka_unit_test(the_group_is_preferred),
		cmocka_unit_test(levels_are_kept_apart),     cmocka_unit_test(no_value_no_metric),
		cmocka_unit_test(core_types_have_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
