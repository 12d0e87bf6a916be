/* base/json.c against texts written by hand from RFC 8259. */
#include "base/json.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>

static void expect(struct hw_buf *out, const char *text)
{
	assert_string_equal(hw_buf_str(out), text);
	hw_buf_fini(out);
}

/* Members and items are separated by commas, and nested ones indented. */
static void objects_and_arrays_nest(void **state)
{
	struct hw_buf out = { 0 };
	struct hw_json json = { .out = &out };
	(void)state;

	hw_json_begin(&json, '{');
	hw_json_key(&json, "a");
	hw_json_i64(&json, INT64_MIN);
	hw_json_key(&json, "b");
	hw_json_begin(&json, '[');
	hw_json_u64(&json, UINT64_MAX);
	hw_json_bool(&json, true);
	hw_json_null(&json);
	hw_json_end(&json, ']');
	hw_json_key(&json, "c");
	hw_json_begin(&json, '[');
	hw_json_end(&json, ']');
	hw_json_end(&json, '}');
	expect(&out, "{\n  \"a\": -9223372036854775808,\n  \"b\": [\n    18446744073709551615,\n    true,\n"
		     "    null\n  ],\n  \"c\": []\n}\n");
}

/* What begins as a line stays on it, and the lines after it are indented again. */
static void lines_hold_small_objects(void **state)
{
	struct hw_buf out = { 0 };
	struct hw_json json = { .out = &out };
	(void)state;

	hw_json_begin(&json, '[');
	for (int i = 0; i < 2; i++) {
		hw_json_begin_line(&json, '{');
		hw_json_key(&json, "x");
		hw_json_begin(&json, '[');
		hw_json_i64(&json, 1);
		hw_json_i64(&json, 2);
		hw_json_end(&json, ']');
		hw_json_key(&json, "y");
		hw_json_text(&json, NULL);
		hw_json_end(&json, '}');
	}
	hw_json_end(&json, ']');
	expect(&out, "[\n  {\"x\": [1, 2], \"y\": null},\n  {\"x\": [1, 2], \"y\": null}\n]\n");
}

/* Quotes, backslashes and control characters are escaped; UTF-8 stays; other bytes become U+FFFD. */
static void any_bytes_make_valid_text(void **state)
{
	struct hw_buf out = { 0 };
	struct hw_json json = { .out = &out };
	(void)state;

	hw_json_text(&json, "a\"b\\c\n\x1b\x7f \xc3\xa9 \xe2\x82 \xff \xc2\x85");
	expect(&out, "\"a\\\"b\\\\c\\u000a\\u001b\\u007f \xc3\xa9 \xef\xbf\xbd\xef\xbf\xbd \xef\xbf\xbd "
		     "\xef\xbf\xbd\xef\xbf\xbd\"");
}

static void expect_double(double value, int decimals, const char *text)
{
	struct hw_buf out = { 0 };
	struct hw_json json = { .out = &out };

	hw_json_double(&json, value, decimals);
	expect(&out, text);
}

/* Trailing zeros behind the point go, those before it stay; what JSON has no number for is null. */
static void doubles_are_short_and_finite(void **state)
{
	(void)state;
	expect_double(0.18181818181, 8, "0.18181818");
	expect_double(0.5, 8, "0.5");
	expect_double(100, 8, "100");
	expect_double(0, 8, "0");
	expect_double(100, 0, "100");
	expect_double(NAN, 8, "null");
	expect_double(INFINITY, 8, "null");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_and_arrays_nest),
		cmocka_unit_test(lines_hold_small_objects),
		cmocka_unit_test(any_bytes_make_valid_text),
		cmocka_unit_test(doubles_are_short_and_finite),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
