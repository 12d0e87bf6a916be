/* report/style.c: what reaches the terminal. */
#include "report/style.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>

static const struct hw_style ascii = { 0 };
static const struct hw_style utf8 = { .utf8 = true };
static const struct hw_style color = { .color = true };

static void expect_name(const struct hw_style *style, const char *text, size_t width, const char *expected)
{
	struct hw_buf out = { 0 };
	const size_t columns = hw_style_name(&out, style, text, width);

	assert_string_equal(hw_buf_str(&out), expected);
	assert_int_equal(columns, hw_style_columns(expected));
	hw_buf_fini(&out);
}

static void long_names_lose_their_middle(void **state)
{
	(void)state;
	expect_name(&ascii, "abcdefghij", 10, "abcdefghij");
	expect_name(&ascii, "abcdefghij", 9, "abcd..hij");
	expect_name(&utf8, "abcdefghij", 9, "abcd\xe2\x80\xa6ghij");
	expect_name(&utf8, "abcdefghij", 0, "abcdefghij");
}

/* Cuts fall between characters: each of these takes two bytes and one column. */
static void characters_are_not_cut(void **state)
{
	(void)state;
	expect_name(&utf8, "\xc3\xa9\xc3\xa8\xc3\xa0\xc3\xb9\xc3\xaa", 4,
		    "\xc3\xa9\xc3\xa8\xe2\x80\xa6\xc3\xaa");
}

/* No width is small enough to lose a name altogether. */
static void tiny_widths_show_the_name(void **state)
{
	(void)state;
	expect_name(&ascii, "abcdef", 2, "abcdef");
	expect_name(&ascii, "abcdef", 3, "a..");
	expect_name(&ascii, "", 3, "");
}

/* A name cannot move the cursor, change colours or end the line. */
static void control_characters_are_escaped(void **state)
{
	(void)state;
	expect_name(&ascii, "a\033[31mb\n\xff", 0, "a\\x1b[31mb\\x0a\\xff");
}

static void values_and_shares_are_aligned(void **state)
{
	struct hw_buf out = { 0 };
	(void)state;

	hw_style_value(&out, 1500000000, "nanoseconds", 8);
	hw_style_value(&out, 0, "nanoseconds", 4);
	hw_style_share(&out, &ascii, 0.12345, 9);
	hw_style_share(&out, &ascii, 1, 9);
	hw_style_share(&out, &ascii, -0.5, 9);
	assert_string_equal(hw_buf_str(&out), "   1.50s   0   12.35%  100.00%  -50.00%");
	hw_buf_fini(&out);
}

/* Colours never change what is written, only add to it. */
static void colours_are_only_added_where_wanted(void **state)
{
	struct hw_buf out = { 0 };
	(void)state;

	hw_style_share(&out, &color, 0.5, 7);
	assert_string_equal(hw_buf_str(&out), "\033[1;31m 50.00%\033[0m");
	hw_buf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(long_names_lose_their_middle),
		cmocka_unit_test(characters_are_not_cut),
		cmocka_unit_test(tiny_widths_show_the_name),
		cmocka_unit_test(control_characters_are_escaped),
		cmocka_unit_test(values_and_shares_are_aligned),
		cmocka_unit_test(colours_are_only_added_where_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
