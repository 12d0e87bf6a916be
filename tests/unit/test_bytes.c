/* Bounded cursors: what is read, and what happens at the end. */
#include "base/bytes.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Integers are read in the machine's order, at any alignment. */
static void integers_in_a_row(void **state)
{
	struct {
		uint8_t a;
		uint16_t b;
		uint32_t c;
		uint64_t d;
	} __attribute__((packed)) fields = { 0x01, 0x0203, 0x04050607, UINT64_C(0x08090a0b0c0d0e0f) };
	struct hw_bytes bytes = hw_bytes_of(&fields, sizeof fields);

	(void)state;
	assert_int_equal(hw_bytes_u8(&bytes), 0x01);
	assert_int_equal(hw_bytes_u16(&bytes), 0x0203);
	assert_int_equal(hw_bytes_u32(&bytes), 0x04050607);
	assert_true(hw_bytes_u64(&bytes) == UINT64_C(0x08090a0b0c0d0e0f));
	assert_int_equal(hw_bytes_left(&bytes), 0);
	assert_false(bytes.overrun);
}

/* A read one byte short gives 0, sets overrun, and everything after it gives 0 too, even what would have fitted. */
static void overrun_sticks(void **state)
{
	const uint8_t data[7] = { 1, 1, 1, 1, 1, 1, 1 };
	struct hw_bytes bytes = hw_bytes_of(data, sizeof data);

	(void)state;
	assert_int_equal(hw_bytes_u64(&bytes), 0);
	assert_true(bytes.overrun);
	assert_int_equal(hw_bytes_u8(&bytes), 0);
	assert_null(hw_bytes_take(&bytes, 0));
	assert_string_equal(hw_bytes_text(&bytes), "");
	assert_int_equal(hw_bytes_uleb(&bytes), 0);
	assert_int_equal(hw_bytes_sleb(&bytes), 0);
}

/* A size that would wrap the pointer is refused like any other that does not fit. */
static void huge_take_is_refused(void **state)
{
	const uint8_t data[4] = { 0 };
	struct hw_bytes bytes = hw_bytes_of(data, sizeof data);

	(void)state;
	assert_null(hw_bytes_take(&bytes, UINT64_MAX));
	assert_true(bytes.overrun);
}

/* No bytes at all is a cursor too, also when there is no memory behind it. */
static void nothing_is_a_cursor(void **state)
{
	struct hw_bytes bytes = hw_bytes_of(NULL, 0);

	(void)state;
	assert_int_equal(hw_bytes_left(&bytes), 0);
	assert_string_equal(hw_bytes_text(&bytes), "");
	assert_true(bytes.overrun);
}

/* A sub-cursor ends where it was told to, and its parent goes on behind it. */
static void sub_cursor_is_bounded(void **state)
{
	const uint8_t data[4] = { 1, 2, 3, 4 };
	struct hw_bytes bytes = hw_bytes_of(data, sizeof data);
	struct hw_bytes sub = hw_bytes_sub(&bytes, 2);

	(void)state;
	assert_int_equal(hw_bytes_u16(&sub), 0x0201);
	assert_int_equal(hw_bytes_u8(&sub), 0);
	assert_true(sub.overrun);
	assert_int_equal(hw_bytes_u8(&bytes), 3);
	assert_false(bytes.overrun);
	sub = hw_bytes_sub(&bytes, 2);
	assert_true(sub.overrun && bytes.overrun);
}

/* The examples of DWARF 5, tables 7.7 and 7.8. */
static void leb128_examples(void **state)
{
	static const struct {
		uint8_t bytes[2];
		uint64_t value;
	} unsigned_examples[] = { { { 2 }, 2 },
				  { { 127 }, 127 },
				  { { 0x80, 1 }, 128 },
				  { { 0x81, 1 }, 129 },
				  { { 0xb9, 0x64 }, 12857 } };
	static const struct {
		uint8_t bytes[2];
		int64_t value;
	} signed_examples[] = { { { 2 }, 2 },	      { { 0x7e }, -2 },
				{ { 0xff, 0 }, 127 }, { { 0x81, 0x7f }, -127 },
				{ { 0x80, 1 }, 128 }, { { 0x80, 0x7f }, -128 },
				{ { 0x81, 1 }, 129 }, { { 0xff, 0x7e }, -129 } };

	(void)state;
	for (size_t i = 0; i < sizeof unsigned_examples / sizeof *unsigned_examples; i++) {
		struct hw_bytes bytes = hw_bytes_of(unsigned_examples[i].bytes, 2);

		assert_true(hw_bytes_uleb(&bytes) == unsigned_examples[i].value);
	}
	for (size_t i = 0; i < sizeof signed_examples / sizeof *signed_examples; i++) {
		struct hw_bytes bytes = hw_bytes_of(signed_examples[i].bytes, 2);

		assert_true(hw_bytes_sleb(&bytes) == signed_examples[i].value);
	}
}

/* The extremes take ten bytes; an eleventh is refused. */
static void leb128_extremes(void **state)
{
	uint8_t data[11];
	struct hw_bytes bytes;

	(void)state;
	memset(data, 0xff, sizeof data);
	data[9] = 0x01;
	bytes = hw_bytes_of(data, 10);
	assert_true(hw_bytes_uleb(&bytes) == UINT64_MAX);
	memset(data, 0x80, 9);
	data[9] = 0x7f;
	bytes = hw_bytes_of(data, 10);
	assert_true(hw_bytes_sleb(&bytes) == INT64_MIN);
	memset(data, 0x80, sizeof data);
	bytes = hw_bytes_of(data, sizeof data);
	(void)hw_bytes_uleb(&bytes);
	assert_true(bytes.overrun);
	bytes = hw_bytes_of(data, sizeof data);
	(void)hw_bytes_sleb(&bytes);
	assert_true(bytes.overrun);
}

/* A text ends at its NUL; without one it is an overrun, not a read beyond. */
static void texts_end_inside(void **state)
{
	const char data[] = { 'a', 'b', 0, 'c' };
	struct hw_bytes bytes = hw_bytes_of(data, sizeof data);

	(void)state;
	assert_string_equal(hw_bytes_text(&bytes), "ab");
	assert_false(bytes.overrun);
	assert_string_equal(hw_bytes_text(&bytes), "");
	assert_true(bytes.overrun);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers_in_a_row),	 cmocka_unit_test(overrun_sticks),
		cmocka_unit_test(huge_take_is_refused),	 cmocka_unit_test(nothing_is_a_cursor),
		cmocka_unit_test(sub_cursor_is_bounded), cmocka_unit_test(leb128_examples),
		cmocka_unit_test(leb128_extremes),	 cmocka_unit_test(texts_end_inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
