/* What is printed, to the letter. */
#include "stat/result.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct hw_event events[] = {
	{ .name = (char[]){ "task-clock" },
	  .unit = "nanoseconds",
	  .scale = 1,
	  .attr = { .type = PERF_TYPE_SOFTWARE, .config = PERF_COUNT_SW_TASK_CLOCK } },
	{ .name = (char[]){ "cycles" },
	  .unit = "count",
	  .scale = 1,
	  .attr = { .type = PERF_TYPE_HARDWARE, .config = PERF_COUNT_HW_CPU_CYCLES } },
	{ .name = (char[]){ "instructions" },
	  .unit = "count",
	  .scale = 1,
	  .attr = { .type = PERF_TYPE_HARDWARE, .config = PERF_COUNT_HW_INSTRUCTIONS } },
	{ .name = (char[]){ "never, \"ever\"" },
	  .unit = "count",
	  .scale = 1,
	  .attr = { .type = PERF_TYPE_RAW, .config = 1 } },
	{ .name = (char[]){ "branches" },
	  .unit = "count",
	  .scale = 1,
	  .attr = { .type = PERF_TYPE_HARDWARE, .config = PERF_COUNT_HW_BRANCH_INSTRUCTIONS } },
};

static const char *const reasons[] = { NULL, NULL, NULL, NULL, "there is no such counter" };

struct fixture {
	struct hw_metric metrics[2];
	struct hw_sheet sheet;
	struct hw_derived derived;
	struct hw_result result;
	struct hw_buf out;
};

static struct hw_derived_metric metric_of(const struct hw_metric *metric, uint32_t rows)
{
	struct hw_derived_metric derived = { .metric = metric, .name = hw_strdup(metric->name) };

	derived.rows = hw_alloc(2, sizeof *derived.rows);
	derived.rows[0] = rows >> 4;
	derived.rows[1] = rows & 15;
	return derived;
}

/* Half a second of work at 3 GHz; the instructions had a counter for half of the time. */
static void set_up(struct fixture *f, double end_s)
{
	static char cpi[][32] = { "cpi", "cycles/cycle" };
	static char ipc[][32] = { "ipc", "instructions/cycle" };

	*f = (struct fixture){ 0 };
	f->metrics[0] = (struct hw_metric){ .name = cpi[0], .unit = cpi[1] };
	f->metrics[1] = (struct hw_metric){ .name = ipc[0], .unit = ipc[1] };
	f->metrics[0].formula = hw_formula_parse("cycles / 'task-clock'", NULL);
	f->metrics[1].formula = hw_formula_parse("instructions / cycles", NULL);
	hw_sheet_init(&f->sheet, events, HW_COUNT_OF(events), reasons, false);
	hw_vec_push(&f->derived.list, metric_of(&f->metrics[0], 0x10));
	hw_vec_push(&f->derived.list, metric_of(&f->metrics[1], 0x21));
	f->result = (struct hw_result){ .sheet = &f->sheet,
					.derived = &f->derived,
					.what = "./app 'a\x1b b'",
					.end_s = end_s,
					.width = 80 };
}

static void add(struct fixture *f, uint64_t cycles)
{
	const struct hw_count counts[] = {
		{ .value = 500000000, .time_enabled_ns = 500000000, .time_running_ns = 500000000 },
		{ .value = cycles, .time_enabled_ns = 500000000, .time_running_ns = 500000000 },
		{ .value = 1000000, .time_enabled_ns = 500000000, .time_running_ns = 250000000 },
		{ .value = 0, .time_enabled_ns = 500000000, .time_running_ns = 0 },
		{ 0 },
	};

	hw_sheet_add(&f->sheet, counts,
		     &(struct hw_sheet_times){ .elapsed_s = 1,
					       .has_cpu_times = isnan(f->result.end_s),
					       .user_s = 0.25,
					       .system_s = 0.125 });
	hw_derived_add(&f->derived, &f->sheet);
}

static void tear_down(struct fixture *f)
{
	hw_derived_fini(&f->derived);
	hw_sheet_fini(&f->sheet);
	hw_formula_free(f->metrics[0].formula);
	hw_formula_free(f->metrics[1].formula);
	hw_buf_fini(&f->out);
}

static void text_of_one_run(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f, NAN);
	add(&f, 1500000000);
	hw_notes_keep(&f.sheet.notes, "a note");
	hw_result_print_text(&f.out, &f.result);
	assert_string_equal(hw_buf_str(&f.out),
			    "\n"
			    " ./app 'a\\x1b b'\n"
			    "\n"
			    "         value      event          rate          counted\n"
			    "       500.000  ms  task-clock     0.500 CPUs\n"
			    " 1,500,000,000      cycles         3.000 GHz\n"
			    "     2,000,000      instructions   4.00 M/s       50.0 %\n"
			    "   not counted      never, \"ever\"\n"
			    " not supported      branches\n"
			    "             3      cpi            cycles/cycle\n"
			    "\n"
			    "      1.000000 s  elapsed\n"
			    "      0.250000 s  user\n"
			    "      0.125000 s  system\n"
			    "\n"
			    "not supported: branches: there is no such counter\n"
			    "not computed: ipc: its events did not run together: instructions (50.0 %),\n"
			    "              cycles (100.0 %); put them in one group, or count fewer events\n"
			    "note: a note\n");
	tear_down(&f);
}

/* t(0.975, 1) = 12.7062: the mean of 1.5 and 1.6 has the interval +- 0.635. */
static void text_of_two_runs(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f, NAN);
	add(&f, 1500000000);
	add(&f, 1600000000);
	hw_result_print_text(&f.out, &f.result);
	assert_non_null(strstr(hw_buf_str(&f.out), " ./app 'a\\x1b b', 2 runs\n"));
	assert_non_null(
		strstr(hw_buf_str(&f.out), " 1,550,000,000      cycles         3.100 GHz     ± 40.99 %\n"));
	tear_down(&f);
}

static void text_of_intervals(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f, 0.5);
	add(&f, 1500000000);
	hw_result_print_interval(&f.out, &f.result, false);
	assert_string_equal(hw_buf_str(&f.out),
			    "    0.500000             500.000  ms  task-clock     0.500 CPUs\n"
			    "    0.500000       1,500,000,000      cycles         3.000 GHz\n"
			    "    0.500000           2,000,000      instructions   4.00 M/s      50.0 %\n"
			    "    0.500000         not counted      never, \"ever\"\n"
			    "    0.500000                   3      cpi            cycles/cycle\n");
	tear_down(&f);
}

/* Where the line is too narrow, what follows a long name has a line of its own. */
static void a_narrow_terminal(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f, NAN);
	add(&f, 1500000000);
	f.result.width = 40;
	f.sheet.rows.at[1].name = "an_event::WITH_A_LONG_NAME";
	hw_result_print_text(&f.out, &f.result);
	assert_non_null(strstr(hw_buf_str(&f.out), " 1,500,000,000      an_event::WITH_A_LONG_NAME\n"
						   "                                      3.000 GHz\n"));
	tear_down(&f);
}

static void json_of_one_run(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f, NAN);
	add(&f, 1500000000);
	hw_notes_keep(&f.sheet.notes, "a note");
	hw_result_print_json(&f.out, &f.result);
	assert_string_equal(
		hw_buf_str(&f.out),
		"{\n"
		"  \"target\": \"./app 'a\\u001b b'\",\n"
		"  \"runs\": 1,\n"
		"  \"elapsed_s\": {\"value\": 1},\n"
		"  \"user_s\": {\"value\": 0.25},\n"
		"  \"system_s\": {\"value\": 0.125},\n"
		"  \"events\": [\n"
		"    {\"name\": \"task-clock\", \"state\": \"counted\", \"unit\": \"nanoseconds\", "
		"\"value\": 500000000, "
		"\"counted_share\": 1, \"enabled_ns\": 500000000, \"running_ns\": 500000000, \"rate\": 0.5, "
		"\"rate_unit\": \"CPUs\"},\n"
		"    {\"name\": \"cycles\", \"state\": \"counted\", \"unit\": \"count\", \"value\": "
		"1500000000, "
		"\"counted_share\": 1, \"enabled_ns\": 500000000, \"running_ns\": 500000000, \"rate\": 3, "
		"\"rate_unit\": \"GHz\"},\n"
		"    {\"name\": \"instructions\", \"state\": \"counted\", \"unit\": \"count\", \"value\": "
		"2000000, "
		"\"counted_share\": 0.5, \"enabled_ns\": 500000000, \"running_ns\": 250000000, \"rate\": "
		"4000000, "
		"\"rate_unit\": \"/s\"},\n"
		"    {\"name\": \"never, \\\"ever\\\"\", \"state\": \"not counted\", \"unit\": \"count\", "
		"\"value\": null, "
		"\"counted_share\": 0, \"enabled_ns\": 500000000, \"running_ns\": 0},\n"
		"    {\"name\": \"branches\", \"state\": \"not supported\", \"reason\": \"there is no such "
		"counter\", "
		"\"unit\": \"count\", \"value\": null}\n"
		"  ],\n"
		"  \"metrics\": [\n"
		"    {\"name\": \"cpi\", \"unit\": \"cycles/cycle\", \"value\": 3},\n"
		"    {\"name\": \"ipc\", \"unit\": \"instructions/cycle\", \"value\": null, \"refused\": "
		"\"its events did not "
		"run together: instructions (50.0 %), cycles (100.0 %); put them in one group, or count "
		"fewer events\"}\n"
		"  ],\n"
		"  \"notes\": [\n"
		"    \"a note\"\n"
		"  ]\n"
		"}\n");
	tear_down(&f);
}

/* An interval is one line. */
static void json_of_an_interval(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f, 0.5);
	add(&f, 1500000000);
	hw_result_print_json(&f.out, &f.result);
	assert_ptr_equal(strchr(hw_buf_str(&f.out), '\n'), hw_buf_str(&f.out) + f.out.size - 1);
	assert_non_null(
		strstr(hw_buf_str(&f.out), "\"time_s\": 0.5, \"elapsed_s\": {\"value\": 1}, \"events\": [{"));
	tear_down(&f);
}

static void csv_of_two_runs(void **state)
{
	struct fixture f;

	(void)state;
	set_up(&f, NAN);
	add(&f, 1500000000);
	add(&f, 1500000000);
	hw_result_print_csv(&f.out, &f.result, true);
	assert_string_equal(hw_buf_str(&f.out),
			    "time_s,kind,name,state,value,unit,counted_share,runs,deviation,interval_low,"
			    "interval_high,reason\r\n"
			    ",event,task-clock,counted,500000000,nanoseconds,1,2,0,500000000,500000000,\r\n"
			    ",event,cycles,counted,1500000000,count,1,2,0,1500000000,1500000000,\r\n"
			    ",event,instructions,counted,2000000,count,0.5,2,0,2000000,2000000,\r\n"
			    ",event,\"never, \"\"ever\"\"\",not counted,,count,0,0,,,,\r\n"
			    ",event,branches,not supported,,count,,0,,,,there is no such counter\r\n"
			    ",metric,cpi,counted,3,cycles/cycle,,2,0,3,3,\r\n"
			    ",metric,ipc,refused,,instructions/cycle,,0,,,,\"its events did not run "
			    "together: instructions (50.0 %), "
			    "cycles (100.0 %); put them in one group, or count fewer events\"\r\n"
			    ",time,elapsed,counted,1,seconds,,2,0,1,1,\r\n"
			    ",time,user,counted,0.25,seconds,,2,0,0.25,0.25,\r\n"
			    ",time,system,counted,0.125,seconds,,2,0,0.125,0.125,\r\n");
	f.out.size = 0;
	f.result.end_s = 0.25;
	hw_result_print_csv(&f.out, &f.result, false);
	assert_memory_equal(hw_buf_str(&f.out), "0.250000000,event,task-clock,", 29);
	tear_down(&f);
}

/* Whole numbers whole, others with four significant digits, commas between thousands. */
static void numbers(void **state)
{
	static const struct {
		double value;
		const char *text;
	} cases[] = {
		{ 0, "0" },
		{ 7, "7" },
		{ 999, "999" },
		{ 1000, "1,000" },
		{ 1234567, "1,234,567" },
		{ -1234, "-1,234" },
		{ 12.345678, "12.35" },
		{ 1.5, "1.500" },
		{ 999.96, "1,000.0" },
		{ 1000.4, "1,000" },
		{ 0.012345, "0.01235" },
		{ 0.0000123, "0.000012" },
		{ 1e20, "1.000e+20" },
		{ 1e-9, "1.000e-09" },
	};

	(void)state;
	for (size_t i = 0; i < HW_COUNT_OF(cases); i++) {
		struct hw_buf out = { 0 };

		hw_result_print_number(&out, cases[i].value);
		assert_string_equal(hw_buf_str(&out), cases[i].text);
		hw_buf_fini(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_of_one_run),   cmocka_unit_test(text_of_two_runs),
		cmocka_unit_test(text_of_intervals), cmocka_unit_test(a_narrow_terminal),
		cmocka_unit_test(json_of_one_run),   cmocka_unit_test(json_of_an_interval),
		cmocka_unit_test(csv_of_two_runs),   cmocka_unit_test(numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
