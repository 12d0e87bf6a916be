/* Rows, sums of parts, rates, notes: what counts come to. */
#include "stat/sheet.h"

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

static struct hw_event event_of(const char *name, uint32_t type, uint64_t config, const char *unit)
{
	return (struct hw_event){ .name = (char *)(uintptr_t)name,
				  .unit = unit,
				  .scale = 1,
				  .attr = { .type = type, .config = config } };
}

static struct hw_event task_clock(void)
{
	return event_of("task-clock", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK, "nanoseconds");
}

static struct hw_event cycles(void)
{
	return event_of("cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES, "count");
}

/* cycles of one core type of a hybrid CPU. */
static struct hw_event part(const char *pmu, uint64_t type)
{
	struct hw_event event = cycles();

	event.attr.config |= type << 32;
	event.pmu = (char *)(uintptr_t)pmu;
	event.whole = (char *)(uintptr_t) "cycles";
	event.whole_id = 3;
	return event;
}

static struct hw_count count_of(uint64_t value, uint64_t enabled_ns, uint64_t running_ns)
{
	return (struct hw_count){ .value = value,
				  .time_enabled_ns = enabled_ns,
				  .time_running_ns = running_ns };
}

static void add(struct hw_sheet *sheet, const struct hw_count *counts, double elapsed_s)
{
	hw_sheet_add(sheet, counts, &(struct hw_sheet_times){ .elapsed_s = elapsed_s });
}

/* The mean of scaled counts; the share is that of the summed times. */
static void runs_are_averaged(void **state)
{
	const struct hw_event events[] = { cycles() };
	struct hw_sheet sheet;

	(void)state;
	hw_sheet_init(&sheet, events, 1, NULL, false);
	add(&sheet, (struct hw_count[]){ count_of(100, 1000, 500) }, 1);  /* 200 */
	add(&sheet, (struct hw_count[]){ count_of(300, 1000, 1000) }, 3); /* 300 */
	assert_int_equal(sheet.run_count, 2);
	assert_near(sheet.rows.at[0].value.mean, 250, 1e-9);
	assert_near(hw_sheet_share(&sheet.rows.at[0]), 0.75, 1e-12);
	assert_near(sheet.elapsed_s.mean, 2, 1e-12);
	assert_near(sheet.rows.at[0].run_value, 300, 0);
	hw_sheet_clear(&sheet);
	assert_int_equal(sheet.run_count, 0);
	assert_int_equal(sheet.rows.at[0].value.count, 0);
	hw_sheet_fini(&sheet);
}

/* Units of sysfs: a count times the scale. */
static void counts_are_in_their_unit(void **state)
{
	struct hw_event energy = event_of("power/energy-pkg/", 9, 2, "Joules");
	struct hw_sheet sheet;

	(void)state;
	energy.scale = 0.25;
	hw_sheet_init(&sheet, &energy, 1, NULL, true);
	add(&sheet, (struct hw_count[]){ count_of(10, 5, 5) }, 1);
	assert_near(sheet.rows.at[0].value.mean, 2.5, 1e-12);
	hw_sheet_fini(&sheet);
}

/* An event without a counter has no value; one that was never enabled reads 0. */
static void without_a_counter_there_is_no_value(void **state)
{
	const struct hw_event events[] = { cycles(), cycles(), cycles() };
	const char *const reasons[] = { NULL, NULL, "no PMU" };
	struct hw_sheet sheet;

	(void)state;
	hw_sheet_init(&sheet, events, 3, reasons, false);
	add(&sheet, (struct hw_count[]){ count_of(0, 1000, 0), count_of(0, 0, 0), count_of(7, 7, 7) }, 1);
	assert_int_equal(sheet.rows.at[0].state, HW_SHEET_NOT_COUNTED);
	assert_true(isnan(sheet.rows.at[0].run_value));
	assert_int_equal(sheet.rows.at[1].state, HW_SHEET_COUNTED);
	assert_near(sheet.rows.at[1].value.mean, 0, 0);
	assert_int_equal(sheet.rows.at[2].state, HW_SHEET_NOT_SUPPORTED);
	assert_string_equal(sheet.rows.at[2].reason, "no PMU");
	assert_int_equal(sheet.rows.at[2].value.count, 0);
	hw_sheet_fini(&sheet);
}

/* A thread that ran 60 % of its time on large cores and 40 % on small ones was counted all the time: nothing is scaled,
 * the parts stay visible, their sum comes first. */
static void parts_of_a_thread_add_up_unscaled(void **state)
{
	const struct hw_event events[] = { part("cpu_core", 4), task_clock(), part("cpu_atom", 10) };
	struct hw_sheet sheet;

	(void)state;
	hw_sheet_init(&sheet, events, 3, NULL, false);
	assert_int_equal(sheet.rows.count, 4);
	assert_string_equal(sheet.rows.at[0].name, "cycles");
	assert_string_equal(sheet.rows.at[1].name, "cpu_core");
	assert_string_equal(sheet.rows.at[2].name, "cpu_atom");
	assert_string_equal(sheet.rows.at[3].name, "task-clock");
	assert_int_equal(sheet.rows.at[2].whole, 0);
	add(&sheet,
	    (struct hw_count[]){ count_of(600, 1000, 600), count_of(1000, 1000, 1000),
				 count_of(200, 1000, 400) },
	    1);
	assert_near(sheet.rows.at[0].value.mean, 800, 1e-9);
	assert_near(hw_sheet_share(&sheet.rows.at[0]), 1, 0);
	assert_near(sheet.rows.at[1].value.mean, 600, 1e-9);
	assert_near(hw_sheet_share(&sheet.rows.at[1]), 0.6, 1e-9);
	assert_near(sheet.rows.at[2].value.mean, 200, 1e-9);
	hw_sheet_fini(&sheet);
}

/* When parts together ran for half the time only, the sum is an estimate; on CPUs each part is scaled by itself. */
static void parts_that_took_turns_are_scaled(void **state)
{
	const struct hw_event events[] = { part("cpu_core", 4), part("cpu_atom", 10) };
	const struct hw_count counts[] = { count_of(300, 1000, 300), count_of(100, 1000, 200) };
	struct hw_sheet sheet;

	(void)state;
	hw_sheet_init(&sheet, events, 2, NULL, false);
	add(&sheet, counts, 1);
	assert_near(sheet.rows.at[0].value.mean, 800, 1e-9); /* 400 in half the time */
	assert_near(hw_sheet_share(&sheet.rows.at[0]), 0.5, 1e-9);
	hw_sheet_fini(&sheet);
	hw_sheet_init(&sheet, events, 2, NULL, true);
	add(&sheet, counts, 1);
	assert_near(sheet.rows.at[1].value.mean, 1000, 1e-9);
	assert_near(sheet.rows.at[2].value.mean, 500, 1e-9);
	assert_near(sheet.rows.at[0].value.mean, 1500, 1e-9);
	assert_near(hw_sheet_share(&sheet.rows.at[0]), 0.25, 1e-9);
	hw_sheet_fini(&sheet);
}

/* Clocks per elapsed time, cycles as a frequency, others per second of the clock; nothing without a clock. */
static void rates(void **state)
{
	struct hw_event events[] = {
		task_clock(), cycles(),
		event_of("page-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS, "count"), cycles()
	};
	const struct hw_count counts[] = { count_of(500000000, 1, 1), count_of(1500000000, 1, 1),
					   count_of(50, 1, 1), count_of(1000000000, 1, 1) };
	struct hw_rate rate;
	struct hw_sheet sheet;

	(void)state;
	events[3].attr.exclude_kernel = 1;
	hw_sheet_init(&sheet, events, 4, NULL, false);
	assert_false(hw_sheet_rate(&sheet, &sheet.rows.at[0], &rate));
	add(&sheet, counts, 2);
	assert_true(hw_sheet_rate(&sheet, &sheet.rows.at[0], &rate));
	assert_near(rate.value, 0.25, 1e-12);
	assert_string_equal(rate.unit, "CPUs");
	assert_true(hw_sheet_rate(&sheet, &sheet.rows.at[1], &rate));
	assert_near(rate.value, 3, 1e-12);
	assert_string_equal(rate.unit, "GHz");
	assert_true(hw_sheet_rate(&sheet, &sheet.rows.at[2], &rate));
	assert_near(rate.value, 100, 1e-12);
	assert_string_equal(rate.unit, "/s");
	assert_true(hw_sheet_rate(&sheet, &sheet.rows.at[3], &rate)); /* of user code only: no frequency */
	assert_string_equal(rate.unit, "/s");
	hw_sheet_fini(&sheet);

	hw_sheet_init(&sheet, &events[1], 1, NULL, false);
	add(&sheet, &counts[1], 2);
	assert_false(hw_sheet_rate(&sheet, &sheet.rows.at[0], &rate));
	hw_sheet_fini(&sheet);
}

/* A hardware event that had a counter and reads 0 is worth a word; software events may well be 0. */
static void zeros_of_hardware_are_noted(void **state)
{
	const struct hw_event events[] = {
		event_of("faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS, "count"), cycles(),
		event_of("branches", PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_INSTRUCTIONS, "count")
	};
	struct hw_sheet sheet;

	(void)state;
	hw_sheet_init(&sheet, events, 3, NULL, false);
	add(&sheet,
	    (struct hw_count[]){ count_of(0, 5000000, 5000000), count_of(0, 5000000, 5000000),
				 count_of(0, 5000000, 100) },
	    1);
	hw_sheet_note_zeros(&sheet);
	hw_sheet_note_zeros(&sheet);
	assert_int_equal(sheet.notes.list.count, 1);
	assert_non_null(strstr(sheet.notes.list.at[0], "cycles reads 0 although it had a counter"));
	hw_sheet_fini(&sheet);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(runs_are_averaged),
		cmocka_unit_test(counts_are_in_their_unit),
		cmocka_unit_test(without_a_counter_there_is_no_value),
		cmocka_unit_test(parts_of_a_thread_add_up_unscaled),
		cmocka_unit_test(parts_that_took_turns_are_scaled),
		cmocka_unit_test(rates),
		cmocka_unit_test(zeros_of_hardware_are_noted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
