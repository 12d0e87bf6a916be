/* report/callers.c against sums made by hand. */
#include "report/callers.h"

#include "tests/lib/profile_builder.h"

#include <inttypes.h>
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

static void open_fixture(struct fixture *f, const char *text)
{
	const struct hw_filter filter = { 0 };
	struct hw_err err = { 0 };

	f->profile = hw_test_profile("samples/count cpu/nanoseconds", text);
	assert_int_equal(hw_view_init(&f->view, f->profile, NULL, &filter, &err), 0);
	hw_rows_init(&f->rows, f->profile, HW_ROW_FUNCTION);
	hw_totals_init(&f->totals, &f->view, &f->rows, false);
}

static void close_fixture(struct fixture *f)
{
	hw_totals_fini(&f->totals);
	hw_rows_fini(&f->rows);
	hw_view_fini(&f->view);
	hw_profile_free(f->profile);
}

/* "NAME cum: neighbour value/samples, ..." per block. */
static void expect_callers(const char *text, enum hw_caller_side side, const char *name, const char *expected)
{
	struct hw_err err = { 0 };
	struct hw_buf out = { 0 };
	struct hw_callers callers;
	struct fixture f;

	open_fixture(&f, text);
	if (hw_callers_init(&callers, &f.view, &f.rows, &f.totals, side, name, 0, &err) < 0)
		fail_msg("%s", err.message);
	for (size_t i = 0; i < callers.blocks.count; i++) {
		const struct hw_caller_block *block = &callers.blocks.at[i];

		hw_buf_printf(&out, "%s %" PRId64 ":", f.rows.list.at[block->row].name, block->sum.cum);
		for (size_t j = 0; j < block->count; j++) {
			const struct hw_caller *c = &callers.list.at[block->first + j];

			hw_buf_printf(&out, " %s %" PRId64 "/%" PRId64,
				      c->row == HW_NONE ? "-" : f.rows.list.at[c->row].name, c->value,
				      c->samples);
		}
		hw_buf_text(&out, "\n");
	}
	assert_string_equal(hw_buf_str(&out), expected);
	hw_buf_fini(&out);
	hw_callers_fini(&callers);
	close_fixture(&f);
}

#define TEXT "main;a;f;x 1 10\nmain;b;f;y 2 20\nmain;b;f 3 5\nf;x 4 1\nmain;b 9 100\n"

static void callers_are_summed(void **state)
{
	(void)state;
	expect_callers(TEXT, HW_CALLERS, "f", "f 36: b 25/5 a 10/1 - 1/4\n");
}

static void callees_are_summed_with_self(void **state)
{
	(void)state;
	expect_callers(TEXT, HW_CALLEES, "f", "f 36: y 20/2 x 11/5 - 5/3\n");
}

/* In recursion the outermost call's caller counts, and the innermost call's callee: the parts add up to cum. */
static void recursion_is_looked_through(void **state)
{
	(void)state;
	expect_callers("main;f;g;f;h 1 7\nmain;f;f 1 2\n", HW_CALLERS, "f", "f 9: main 9/2\n");
	expect_callers("main;f;g;f;h 1 7\nmain;f;f 1 2\n", HW_CALLEES, "f", "f 9: h 7/1 - 2/1\n");
}

/* An inlined function was called by the one it is inlined into. */
static void inlined_functions_have_callers(void **state)
{
	(void)state;
	expect_callers("main;out|mid|in 1 7\n", HW_CALLERS, "mid", "mid 7: out 7/1\n");
	expect_callers("main;out|mid|in 1 7\n", HW_CALLEES, "mid", "mid 7: in 7/1\n");
	expect_callers("main;out|mid|in 1 7\n", HW_CALLERS, "out", "out 7: main 7/1\n");
}

/* An exact name wins over its reading as an expression; else the expression finds all that match. */
static void names_come_before_expressions(void **state)
{
	(void)state;
	expect_callers("r;ab 1 3\nr;b 1 2\nr;cb 1 4\n", HW_CALLERS, "b", "b 2: r 2/1\n");
	expect_callers("r;ab 1 3\nr;b 1 2\nr;cb 1 4\n", HW_CALLERS, "b$",
		       "cb 4: r 4/1\nab 3: r 3/1\nb 2: r 2/1\n");
	expect_callers("r;std::f<int*>(char[]) 1 3\n", HW_CALLERS, "std::f<int*>(char[])",
		       "std::f<int*>(char[]) 3: r 3/1\n");
}

static void an_empty_stack_has_no_neighbours(void **state)
{
	(void)state;
	expect_callers("- 1 3\nf 1 4\n", HW_CALLERS, "[no stack]", "[no stack] 3: - 3/1\n");
	expect_callers("- 1 3\nf 1 4\n", HW_CALLEES, "[no stack]", "[no stack] 3: - 3/1\n");
}

static void what_does_not_match_is_an_error(void **state)
{
	struct hw_err err = { 0 };
	struct hw_callers callers;
	struct fixture f;
	(void)state;

	open_fixture(&f, "main;f 1 2\n");
	assert_int_equal(
		hw_callers_init(&callers, &f.view, &f.rows, &f.totals, HW_CALLERS, "nosuch", 0, &err), -1);
	assert_int_equal(err.kind, HW_ERR_USAGE);
	assert_string_equal(err.message, "no function of the profile matches 'nosuch'");
	hw_callers_fini(&callers);
	assert_int_equal(hw_callers_init(&callers, &f.view, &f.rows, &f.totals, HW_CALLERS, "f(", 0, &err),
			 -1);
	assert_int_equal(err.kind, HW_ERR_USAGE);
	assert_non_null(strstr(err.message, "'f('"));
	hw_callers_fini(&callers);
	close_fixture(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(callers_are_summed),
		cmocka_unit_test(callees_are_summed_with_self),
		cmocka_unit_test(recursion_is_looked_through),
		cmocka_unit_test(inlined_functions_have_callers),
		cmocka_unit_test(names_come_before_expressions),
		cmocka_unit_test(an_empty_stack_has_no_neighbours),
		cmocka_unit_test(what_does_not_match_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
