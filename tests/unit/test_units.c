/* Values with units, as typed and as shown. */
#include "base/units.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

typedef int (*parse_fn)(uint64_t *value, const char *text, struct hw_err *err);

static void assert_parses(parse_fn parse, const char *text, uint64_t expected)
{
	uint64_t value = 0;
	struct hw_err err = { 0 };

	if (parse(&value, text, &err) < 0)
		fail_msg("'%s' was refused: %s", text, err.message);
	assert_true(value == expected);
}

/* Refused as a usage error that names the text, and the value is left alone. */
static void assert_refused(parse_fn parse, const char *text)
{
	uint64_t value = 42;
	struct hw_err err = { 0 };

	if (parse(&value, text, &err) == 0)
		fail_msg("'%s' was taken", text);
	assert_int_equal(err.kind, HW_ERR_USAGE);
	assert_non_null(strstr(err.message, text));
	assert_int_equal(value, 42);
}

static void whole_numbers(void **state)
{
	static const char *const bad[] = { "",	   "-1",  "+1",
					   " 1",   "1 ",  "1x",
					   "0x10", "1.5", "18446744073709551616" };

	(void)state;
	assert_parses(hw_parse_u64, "0", 0);
	assert_parses(hw_parse_u64, "18446744073709551615", UINT64_MAX);
	for (size_t i = 0; i < HW_COUNT_OF(bad); i++)
		assert_refused(hw_parse_u64, bad[i]);
}

static void durations(void **state)
{
	static const char *const bad[] = { "",	  "s",	   "-1s",   "1 fortnight", "1ss", "nan",
					   "inf", "0x10s", "1e30s", "0",	   "0s" };

	(void)state;
	assert_parses(hw_parse_duration, "10", UINT64_C(10000000000));
	assert_parses(hw_parse_duration, "1.5s", 1500000000);
	assert_parses(hw_parse_duration, "200ms", 200000000);
	assert_parses(hw_parse_duration, "50us", 50000);
	assert_parses(hw_parse_duration, "1ns", 1);
	assert_parses(hw_parse_duration, "2m", UINT64_C(120000000000));
	assert_parses(hw_parse_duration, "1h", UINT64_C(3600000000000));
	for (size_t i = 0; i < HW_COUNT_OF(bad); i++)
		assert_refused(hw_parse_duration, bad[i]);
}

static void sizes(void **state)
{
	static const char *const bad[] = { "", "KiB", "-4k", "4 q", "1e20", "4kk" };

	(void)state;
	assert_parses(hw_parse_size, "4096", 4096);
	assert_parses(hw_parse_size, "64k", 65536);
	assert_parses(hw_parse_size, "64KiB", 65536);
	assert_parses(hw_parse_size, "4MiB", 4194304);
	assert_parses(hw_parse_size, "1G", 1073741824);
	for (size_t i = 0; i < HW_COUNT_OF(bad); i++)
		assert_refused(hw_parse_size, bad[i]);
}

static void frequencies(void **state)
{
	static const char *const bad[] = { "", "Hz", "0", "-99", "0.5", "1e10", "99s" };

	(void)state;
	assert_parses(hw_parse_freq, "997", 997);
	assert_parses(hw_parse_freq, "1k", 1000);
	assert_parses(hw_parse_freq, "1kHz", 1000);
	for (size_t i = 0; i < HW_COUNT_OF(bad); i++)
		assert_refused(hw_parse_freq, bad[i]);
}

static void assert_shown(int64_t value, const char *unit, const char *expected)
{
	struct hw_buf buf = { 0 };

	hw_print_value(&buf, value, unit);
	assert_string_equal(hw_buf_str(&buf), expected);
	hw_buf_fini(&buf);
}

/* Profile values take the largest unit that leaves at least 1, with three digits. */
static void values_are_scaled(void **state)
{
	(void)state;
	assert_shown(0, "nanoseconds", "0ns");
	assert_shown(999, "nanoseconds", "999ns");
	assert_shown(1234567, "nanoseconds", "1.23ms");
	assert_shown(-1234567890, "nanoseconds", "-1.23s");
	assert_shown(2500, "milliseconds", "2.50s");
	assert_shown(1536, "bytes", "1.50KiB");
	assert_shown(9999, "count", "9999");
	assert_shown(1234567890, "count", "1.23G");
	assert_shown(INT64_MIN, "count", "-9223372T");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_numbers), cmocka_unit_test(durations),	      cmocka_unit_test(sizes),
		cmocka_unit_test(frequencies),	 cmocka_unit_test(values_are_scaled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
