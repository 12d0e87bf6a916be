/* Errors: what they say, in what order, and that they never overflow. */
#include "base/err.h"
#include "base/log.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* A failing system call's message ends with the reason, and errno survives. */
static void system_error_names_the_reason(void **state)
{
	struct hw_err err = { 0 };

	(void)state;
	errno = EACCES;
	assert_int_equal(hw_err_sys(&err, HW_ERR_INPUT, "cannot open '%s'", "x"), -1);
	assert_string_equal(err.message, "cannot open 'x': Permission denied");
	assert_int_equal(err.kind, HW_ERR_INPUT);
	assert_int_equal(err.sys_errno, EACCES);
	assert_int_equal(errno, EACCES);
}

/* Context goes in front and leaves kind, errno and hint alone. */
static void wrap_adds_context(void **state)
{
	struct hw_err err = { 0 };

	(void)state;
	errno = ENOENT;
	(void)hw_err_sys(&err, HW_ERR_TARGET, "no such process");
	(void)hw_err_hint(&err, "look at %s", "ps");
	assert_int_equal(hw_err_wrap(&err, "attach to %d", 7), -1);
	assert_string_equal(err.message, "attach to 7: no such process: No such file or directory");
	assert_string_equal(err.hint, "look at ps");
	assert_int_equal(err.kind, HW_ERR_TARGET);
	assert_int_equal(err.sys_errno, ENOENT);
}

/* A new error does not carry the hint or errno of the one before. */
static void set_forgets_the_last(void **state)
{
	struct hw_err err = { .kind = HW_ERR_INPUT, .sys_errno = 5, .hint = "old" };

	(void)state;
	(void)hw_err_set(&err, HW_ERR_USAGE, "new");
	assert_string_equal(err.hint, "");
	assert_int_equal(err.sys_errno, 0);
}

/* Names of any length are cut, not written behind the end. */
static void long_messages_are_cut(void **state)
{
	struct hw_err err = { 0 };
	char name[2000];

	(void)state;
	memset(name, 'n', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	errno = EIO;
	(void)hw_err_sys(&err, HW_ERR_INPUT, "%s", name);
	assert_int_equal(strlen(err.message), sizeof err.message - 1);
	(void)hw_err_wrap(&err, "%s", name);
	assert_int_equal(strlen(err.message), sizeof err.message - 1);
	(void)hw_err_hint(&err, "%s", name);
	assert_int_equal(strlen(err.hint), sizeof err.hint - 1);
}

/* Whoever does not want to know passes NULL. */
static void nobody_has_to_listen(void **state)
{
	(void)state;
	assert_int_equal(hw_err_set(NULL, HW_ERR_USAGE, "x"), -1);
	assert_int_equal(hw_err_sys(NULL, HW_ERR_USAGE, "x"), -1);
	assert_int_equal(hw_err_hint(NULL, "x"), -1);
	assert_int_equal(hw_err_wrap(NULL, "x"), -1);
}

/* HWPROF_DEBUG names whole domains, comma-separated, or all. */
static void debug_domains(void **state)
{
	(void)state;
	(void)setenv("HWPROF_DEBUG", "ring,unwind", 1);
	assert_true(hw_log_on("ring"));
	assert_true(hw_log_on("unwind"));
	assert_false(hw_log_on("un"));
	assert_false(hw_log_on("unwinder"));
	(void)setenv("HWPROF_DEBUG", "all", 1);
	assert_true(hw_log_on("dso"));
	(void)unsetenv("HWPROF_DEBUG");
	assert_false(hw_log_on("ring"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(system_error_names_the_reason), cmocka_unit_test(wrap_adds_context),
		cmocka_unit_test(set_forgets_the_last),		 cmocka_unit_test(long_messages_are_cut),
		cmocka_unit_test(nobody_has_to_listen),		 cmocka_unit_test(debug_domains),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
