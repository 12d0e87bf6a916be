/* Growing text, and text made safe for a terminal. */
#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Bytes come out as they went in, NUL-terminated, however often the buffer grew. */
static void grows_and_stays_terminated(void **state)
{
	struct hw_buf buf = { 0 };

	(void)state;
	assert_string_equal(hw_buf_str(&buf), "");
	for (int i = 0; i < 1000; i++) {
		hw_buf_printf(&buf, "%03d,", i);
		assert_int_equal(strlen(buf.data), buf.size);
	}
	assert_int_equal(buf.size, 4000);
	assert_memory_equal(buf.data + 3996, "999,", 5);
	hw_buf_fini(&buf);
	assert_null(buf.data);
}

/* One formatted piece larger than any capacity so far. */
static void formats_long_pieces(void **state)
{
	struct hw_buf buf = { 0 };

	(void)state;
	hw_buf_printf(&buf, "%*d", 100000, 7);
	assert_int_equal(buf.size, 100000);
	assert_int_equal(buf.data[99999], '7');
	hw_buf_fini(&buf);
}

static void assert_printable(const char *text, const char *expected)
{
	struct hw_buf buf = { 0 };

	hw_buf_printable(&buf, text);
	assert_string_equal(hw_buf_str(&buf), expected);
	hw_buf_fini(&buf);
}

/* Escape sequences, newlines and DEL lose their power. */
static void control_characters_are_escaped(void **state)
{
	(void)state;
	assert_printable("\x1b[2Jmain\n\x7f", "\\x1b[2Jmain\\x0a\\x7f");
}

/* Well-formed UTF-8 stays; the C1 control U+009B (CSI, an escape sequence's start) does not. */
static void utf8_stays(void **state)
{
	(void)state;
	assert_printable("größe_\xe2\x82\xac_\xf0\x9f\x94\xa5", "größe_\xe2\x82\xac_\xf0\x9f\x94\xa5");
	assert_printable("\xc2\x9b", "\\xc2\\x9b");
}

/* Overlong forms, surrogates, values above U+10FFFF, stray and missing continuation bytes: RFC 3629 section 3. */
static void broken_utf8_is_escaped(void **state)
{
	(void)state;
	assert_printable("\xc0\xaf", "\\xc0\\xaf");
	assert_printable("\xe0\x80\xaf", "\\xe0\\x80\\xaf");
	assert_printable("\xed\xa0\x80", "\\xed\\xa0\\x80");
	assert_printable("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80");
	assert_printable("\x80", "\\x80");
	assert_printable("\xe2\x82", "\\xe2\\x82");
	assert_printable("\xf0\x9f\x94", "\\xf0\\x9f\\x94");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grows_and_stays_terminated),	  cmocka_unit_test(formats_long_pieces),
		cmocka_unit_test(control_characters_are_escaped), cmocka_unit_test(utf8_stays),
		cmocka_unit_test(broken_utf8_is_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
