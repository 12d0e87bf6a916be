#include "event/tracepoint.h"

#include "tests/lib/fake_root.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* As tracefs of Linux 6 writes it, shortened. */
static const char format[] = "name: sched_switch\nID: 372\nformat:\n"
			     "\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
			     "\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n"
			     "\n"
			     "\tfield:char prev_comm[16];\toffset:8;\tsize:16;\tsigned:0;\n"
			     "\tfield:pid_t prev_pid;\toffset:24;\tsize:4;\tsigned:1;\n"
			     "\tfield:__data_loc char[] what;\toffset:28;\tsize:4;\tsigned:1;\n"
			     "\n"
			     "print fmt: \"\tfield:none;\", REC->prev_comm\n"
			     "\tfield:not_this;\n";

static void assert_fields(const char *text, const char *expected)
{
	struct hw_buf fields = { 0 };

	hw_tracepoint_fields_parse(&fields, text);
	assert_string_equal(hw_buf_str(&fields), expected);
	hw_buf_fini(&fields);
}

/* The fields of its own: not those that all have, and nothing of what comes behind them. */
static void own_fields_are_listed(void **state)
{
	(void)state;
	assert_fields(format, "char prev_comm[16], pid_t prev_pid, __data_loc char[] what");
}

/* Lines that are cut off or of another form are no fields. */
static void odd_lines_are_no_fields(void **state)
{
	(void)state;
	assert_fields("", "");
	assert_fields("\tfield:int a", "");
	assert_fields("field:", "");
	assert_fields("\n\n\tfield:;\tfield:int b;", "");
	assert_fields("field:int a;\nfeld:int b;\n \tfield:int c;", "int a, int c");
}

/* tracefs is where it is mounted; without it, and where it has no such tracepoint, there are no fields. */
static void fields_come_from_tracefs(void **state)
{
	struct fake_root root;
	struct hw_buf fields = { 0 };
	struct hw_err err = { 0 };

	(void)state;
	fake_root_init(&root);
	fake_root_file(&root, "/events/sched/sched_switch/format", format);
	const char *const roots[] = { "/nonexistent", root.path, NULL };
	const char *const absent[] = { "/nonexistent", NULL };

	assert_string_equal(hw_tracepoint_root(roots, &err), root.path);
	assert_null(hw_tracepoint_root(absent, &err));
	assert_string_equal(err.message, "tracefs is not mounted");
	assert_false(hw_tracepoint_fields(&fields, root.path, "sched:other"));
	assert_false(hw_tracepoint_fields(&fields, root.path, "../sched:sched_switch"));
	assert_int_equal(fields.size, 0);
	assert_true(hw_tracepoint_fields(&fields, root.path, "sched:sched_switch"));
	assert_true(fields.size);
	hw_buf_fini(&fields);
	fake_root_fini(&root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(own_fields_are_listed),
		cmocka_unit_test(odd_lines_are_no_fields),
		cmocka_unit_test(fields_come_from_tracefs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
