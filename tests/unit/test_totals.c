/* report/totals.c, report/rows.c and report/view.c against sums made by hand. */
#include "report/totals.h"

#include "tests/lib/profile_builder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>

struct fixture {
	struct hw_profile *profile;
	struct hw_view view;
	struct hw_rows rows;
	struct hw_totals totals;
};

static void open_fixture(struct fixture *f, const char *types, const char *text, enum hw_row_key key,
			 bool by_cum, const char *focus)
{
	const struct hw_filter filter = { .focus = focus };
	struct hw_err err = { 0 };

	f->profile = hw_test_profile(types, text);
	if (hw_view_init(&f->view, f->profile, NULL, &filter, &err) < 0)
		fail_msg("%s", err.message);
	hw_rows_init(&f->rows, f->profile, key);
	hw_totals_init(&f->totals, &f->view, &f->rows, by_cum);
}

static void close_fixture(struct fixture *f)
{
	hw_totals_fini(&f->totals);
	hw_rows_fini(&f->rows);
	hw_view_fini(&f->view);
	hw_profile_free(f->profile);
}

/* Row number i shown has this label and these sums. */
static void expect_row(const struct fixture *f, size_t i, const char *label, int64_t flat, int64_t cum)
{
	struct hw_buf text = { 0 };
	uint32_t id;

	assert_true(i < f->totals.order_count);
	id = f->totals.order[i];
	hw_row_label(&text, &f->rows, &f->rows.list.at[id]);
	assert_string_equal(hw_buf_str(&text), label);
	assert_int_equal(f->totals.sums[id].flat, flat);
	assert_int_equal(f->totals.sums[id].cum, cum);
	hw_buf_fini(&text);
}

/* Flat goes to the leaf, cum to every function of the stack; best first, ties by name. */
static void flat_and_cum_are_summed(void **state)
{
	struct fixture f;
	(void)state;

	open_fixture(&f, "cpu/nanoseconds", "main;a;b 5\nmain;a;c 5\nmain;a 2\nmain 1\n", HW_ROW_FUNCTION,
		     false, NULL);
	assert_int_equal(f.view.total, 13);
	assert_int_equal(f.totals.order_count, 4);
	expect_row(&f, 0, "b", 5, 5);
	expect_row(&f, 1, "c", 5, 5);
	expect_row(&f, 2, "a", 2, 12);
	expect_row(&f, 3, "main", 1, 13);
	close_fixture(&f);
}

static void cum_order_puts_the_root_first(void **state)
{
	struct fixture f;
	(void)state;

	open_fixture(&f, "cpu/nanoseconds", "main;a;b 5\nmain;a 2\nmain;z 5\n", HW_ROW_FUNCTION, true, NULL);
	expect_row(&f, 0, "main", 0, 12);
	expect_row(&f, 1, "a", 2, 7);
	expect_row(&f, 2, "b", 5, 5);
	expect_row(&f, 3, "z", 5, 5);
	close_fixture(&f);
}

/* A function that calls itself, directly or through others, counts once per stack. */
static void recursion_counts_once(void **state)
{
	struct fixture f;
	(void)state;

	open_fixture(&f, "cpu/nanoseconds", "main;f;g;f;f 7\nmain;g 1\n", HW_ROW_FUNCTION, true, NULL);
	expect_row(&f, 0, "g", 1, 8);
	expect_row(&f, 1, "main", 0, 8);
	expect_row(&f, 2, "f", 7, 7);
	close_fixture(&f);
}

/* An inlined function is one of its own: the innermost has the flat value, the others cum. */
static void inlined_frames_are_functions(void **state)
{
	struct fixture f;
	(void)state;

	open_fixture(&f, "cpu/nanoseconds", "main;out|mid|in 4\nout 1\n", HW_ROW_FUNCTION, false, NULL);
	expect_row(&f, 0, "in", 4, 4);
	expect_row(&f, 1, "out", 1, 5);
	expect_row(&f, 2, "main", 0, 4);
	expect_row(&f, 3, "mid", 0, 4);
	close_fixture(&f);
}

/* Same name, different source files: two functions. Without files, the dso decides. */
static void equal_names_in_different_files_stay_apart(void **state)
{
	struct fixture f;
	(void)state;

	open_fixture(&f, "cpu/nanoseconds", "init@a.c:1 4\ninit@b.c:1 3\ninit@a.c:9 1\nx!one 2\nx!two 1\n",
		     HW_ROW_FUNCTION, false, NULL);
	assert_int_equal(f.totals.order_count, 4);
	expect_row(&f, 0, "init", 5, 5);
	expect_row(&f, 1, "init", 3, 3);
	expect_row(&f, 2, "x", 2, 2);
	expect_row(&f, 3, "x", 1, 1);
	assert_string_equal(f.rows.list.at[f.totals.order[0]].file, "a.c");
	assert_string_equal(f.rows.list.at[f.totals.order[2]].dso, "one");
	close_fixture(&f);
}

/* An address without symbol is named by file and offset in the file: start 0x1000000, offset 0x2000. */
static void nameless_frames_show_file_and_offset(void **state)
{
	struct fixture f;
	(void)state;

	open_fixture(&f, "cpu/nanoseconds", "main;0x123 4\nmain;0x124 3\n", HW_ROW_FUNCTION, false, NULL);
	expect_row(&f, 0, "[app+0x2123]", 4, 4);
	expect_row(&f, 1, "[app+0x2124]", 3, 3);
	assert_true(f.rows.list.at[f.totals.order[0]].is_unknown);
	assert_false(f.rows.list.at[f.totals.order[2]].is_unknown);
	close_fixture(&f);
}

/* What hw_symbolise() calls code outside of all files has no symbol either; the marks of a stack's end are no code. */
static void stand_ins_are_unknown(void **state)
{
	struct fixture f;
	(void)state;

	open_fixture(&f, "cpu/nanoseconds", "[truncated];main;[anon] 4\nmain;[unknown] 3\n[broken];main 2\n",
		     HW_ROW_FUNCTION, true, NULL);
	for (size_t i = 0; i < f.totals.order_count; i++) {
		const struct hw_row *row = &f.rows.list.at[f.totals.order[i]];

		assert_int_equal(row->is_unknown,
				 strcmp(row->name, "[anon]") == 0 || strcmp(row->name, "[unknown]") == 0);
	}
	assert_int_equal(f.totals.order_count, 5);
	close_fixture(&f);
}

static void kernel_functions_are_marked(void **state)
{
	struct fixture f;
	(void)state;

	open_fixture(&f, "cpu/nanoseconds",
		     "main;read![kernel.kallsyms] 4\nmain 3\nmain;m!/lib/modules/x/nf.ko.xz 2\n",
		     HW_ROW_FUNCTION, false, NULL);
	assert_true(f.rows.list.at[f.totals.order[0]].is_kernel);
	assert_false(f.rows.list.at[f.totals.order[1]].is_kernel);
	assert_true(f.rows.list.at[f.totals.order[2]].is_kernel);
	close_fixture(&f);
}

static void rows_by_line(void **state)
{
	struct fixture f;
	(void)state;

	open_fixture(&f, "cpu/nanoseconds",
		     "main@m.c:3;a@src/a.c:10 4\nmain@m.c:4;a@src/a.c:11 3\nmain@m.c:3 1\nb 1\n", HW_ROW_LINE,
		     false, NULL);
	expect_row(&f, 0, "a a.c:10", 4, 4);
	expect_row(&f, 1, "a a.c:11", 3, 3);
	expect_row(&f, 2, "main m.c:3", 1, 5);
	expect_row(&f, 3, "b", 1, 1);
	expect_row(&f, 4, "main m.c:4", 0, 3);
	close_fixture(&f);
}

static void rows_by_dso(void **state)
{
	struct fixture f;
	(void)state;

	open_fixture(&f, "cpu/nanoseconds", "main;a|b;c!libc 4\nmain 3\nmain;d!libc;cb 2\n", HW_ROW_DSO,
		     false, NULL);
	assert_int_equal(f.totals.order_count, 2);
	expect_row(&f, 0, "app", 5, 9);
	expect_row(&f, 1, "libc", 4, 6);
	close_fixture(&f);
}

/* Threads of one name are told apart by tid; a sample without labels has its row too. */
static void rows_by_thread_and_process(void **state)
{
	static const char text[] = "main 4 pid=1 tid=1 thread=worker comm=app\n"
				   "main 3 pid=1 tid=2 thread=worker comm=app\n"
				   "f 2 pid=1 tid=2 thread=worker comm=app\n"
				   "main 1\n";
	struct fixture f;
	(void)state;

	open_fixture(&f, "cpu/nanoseconds", text, HW_ROW_THREAD, false, NULL);
	assert_int_equal(f.totals.order_count, 3);
	expect_row(&f, 0, "worker (pid 1, tid 2)", 5, 5);
	expect_row(&f, 1, "worker (pid 1, tid 1)", 4, 4);
	expect_row(&f, 2, "[no thread]", 1, 1);
	close_fixture(&f);
	open_fixture(&f, "cpu/nanoseconds", text, HW_ROW_PROCESS, false, NULL);
	assert_int_equal(f.totals.order_count, 2);
	expect_row(&f, 0, "app (pid 1)", 9, 9);
	expect_row(&f, 1, "[no process]", 1, 1);
	close_fixture(&f);
}

/* A stack without frames keeps its value: the flats still add up to the total. */
static void empty_stacks_have_a_row(void **state)
{
	struct fixture f;
	(void)state;

	open_fixture(&f, "cpu/nanoseconds", "- 4\nmain 3\n", HW_ROW_FUNCTION, false, NULL);
	expect_row(&f, 0, "[no stack]", 4, 4);
	expect_row(&f, 1, "main", 3, 3);
	close_fixture(&f);
}

/* The filter takes samples away; the total that shares are of stays. */
static void filter_keeps_the_total(void **state)
{
	struct fixture f;
	(void)state;

	open_fixture(&f, "samples/count cpu/nanoseconds", "main;a 1 10\nmain;b 2 30\n", HW_ROW_FUNCTION,
		     false, "^a$");
	assert_int_equal(f.totals.order_count, 2);
	expect_row(&f, 0, "a", 10, 10);
	expect_row(&f, 1, "main", 0, 10);
	assert_int_equal(f.view.total, 40);
	assert_int_equal(f.view.kept_total, 10);
	assert_int_equal(f.view.sample_total, 3);
	assert_int_equal(f.view.kept_sample_total, 1);
	close_fixture(&f);
}

/* The default event is the last type; its samples are those of the first, where it has a value at all. */
static void samples_are_counted_beside_the_event(void **state)
{
	struct fixture f;
	(void)state;

	open_fixture(&f, "samples/count cycles/count", "main;a 1 10\nmain;b 2 30\nmain;c 9 0\n",
		     HW_ROW_FUNCTION, false, NULL);
	assert_string_equal(f.view.event, "cycles");
	assert_int_equal(f.totals.order_count, 3);
	expect_row(&f, 0, "b", 30, 30);
	assert_int_equal(f.totals.sums[f.totals.order[0]].flat_samples, 2);
	assert_int_equal(f.totals.sums[f.totals.order[2]].flat_samples, 0);
	assert_int_equal(f.totals.sums[f.totals.order[2]].cum_samples, 3);
	close_fixture(&f);
}

/* A difference has negative values: the largest change is first, shares are of the sum of magnitudes. */
static void differences_sort_by_size_of_change(void **state)
{
	struct fixture f;
	(void)state;

	open_fixture(&f, "cpu/nanoseconds", "a 5\nb -20\nc 20\n", HW_ROW_FUNCTION, false, NULL);
	assert_int_equal(f.view.total, 45);
	expect_row(&f, 0, "c", 20, 20);
	expect_row(&f, 1, "b", -20, -20);
	expect_row(&f, 2, "a", 5, 5);
	close_fixture(&f);
}

/* Sums beyond 64 bits stop at the end of the range. */
static void sums_do_not_wrap(void **state)
{
	struct fixture f;
	(void)state;

	open_fixture(&f, "cpu/nanoseconds",
		     "a;b 9223372036854775807\na;c 9223372036854775807\nd -9223372036854775808\n",
		     HW_ROW_FUNCTION, true, NULL);
	assert_int_equal(f.view.total, INT64_MAX);
	expect_row(&f, 2, "a", 0, INT64_MAX);
	expect_row(&f, 3, "d", INT64_MIN, INT64_MIN);
	close_fixture(&f);
}

static void unknown_event_lists_the_known(void **state)
{
	struct hw_profile *profile = hw_test_profile("samples/count cycles/count", "a 1 2\n");
	const struct hw_filter filter = { 0 };
	struct hw_err err = { 0 };
	struct hw_view view;
	(void)state;

	assert_int_equal(hw_view_init(&view, profile, "instructions", &filter, &err), -1);
	assert_int_equal(err.kind, HW_ERR_USAGE);
	assert_string_equal(err.message, "the profile has no event 'instructions'");
	assert_string_equal(err.hint, "its events are: samples, cycles");
	hw_profile_free(profile);
}

static void profile_without_events_is_refused(void **state)
{
	struct hw_profile *profile = hw_profile_new();
	const struct hw_filter filter = { 0 };
	struct hw_err err = { 0 };
	struct hw_view view;
	(void)state;

	assert_int_equal(hw_view_init(&view, profile, NULL, &filter, &err), -1);
	assert_int_equal(err.kind, HW_ERR_FORMAT);
	hw_profile_free(profile);
}

/* perf_data_converter names its counts after the event. */
static void samples_of_converted_perf_data(void **state)
{
	struct fixture f;
	(void)state;

	open_fixture(&f, "cycles_sample/count cycles_event/count", "a 3 300\n", HW_ROW_FUNCTION, false, NULL);
	assert_int_equal(f.view.count_type, 0);
	assert_int_equal(f.totals.sums[f.totals.order[0]].flat_samples, 3);
	close_fixture(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flat_and_cum_are_summed),
		cmocka_unit_test(cum_order_puts_the_root_first),
		cmocka_unit_test(recursion_counts_once),
		cmocka_unit_test(inlined_frames_are_functions),
		cmocka_unit_test(equal_names_in_different_files_stay_apart),
		cmocka_unit_test(nameless_frames_show_file_and_offset),
		cmocka_unit_test(stand_ins_are_unknown),
		cmocka_unit_test(kernel_functions_are_marked),
		cmocka_unit_test(rows_by_line),
		cmocka_unit_test(rows_by_dso),
		cmocka_unit_test(rows_by_thread_and_process),
		cmocka_unit_test(empty_stacks_have_a_row),
		cmocka_unit_test(filter_keeps_the_total),
		cmocka_unit_test(samples_are_counted_beside_the_event),
		cmocka_unit_test(differences_sort_by_size_of_change),
		cmocka_unit_test(sums_do_not_wrap),
		cmocka_unit_test(unknown_event_lists_the_known),
		cmocka_unit_test(profile_without_events_is_refused),
		cmocka_unit_test(samples_of_converted_perf_data),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
