#include "format/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>
#include <stdlib.h>

/* The oracle: seven bits a byte, lowest first, the top bit on all but the last. */
static size_t put_varint(uint8_t *to, uint64_t value)
{
	size_t size = 0;

	do {
		to[size++] = (uint8_t)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
		value >>= 7;
	} while (value);
	return size;
}

/* Every power of two and its neighbours are read, alone and with bytes behind; cut by one byte they overrun. */
static void numbers_of_all_sizes(void **state)
{
	(void)state;
	for (unsigned bit = 0; bit < 64; bit++)
		for (int near = -1; near <= 1; near++) {
			const uint64_t value = (UINT64_C(1) << bit) + (uint64_t)near;
			uint8_t bytes[24];
			const size_t size = put_varint(bytes, value);
			struct hw_bytes alone = hw_bytes_of(bytes, size);
			struct hw_bytes followed = hw_bytes_of(bytes, size + 8);
			struct hw_bytes cut = hw_bytes_of(bytes, size - 1);

			memset(bytes + size, 0xff, sizeof bytes - size);
			assert_true(hw_wire_varint(&alone) == value);
			assert_int_equal(hw_bytes_left(&alone), 0);
			assert_true(hw_wire_varint(&followed) == value);
			assert_int_equal(hw_bytes_left(&followed), 8);
			(void)hw_wire_varint(&cut);
			assert_true(cut.overrun);
			assert_false(alone.overrun || followed.overrun);
		}
}

/* Numbers whose bits are all different places: no byte is lost or moved. */
static void bits_stay_in_place(void **state)
{
	static const uint64_t values[] = { 0x5a,      0x2ad5,	  0x155aa5,
					   0xaaaa555, 0xdeadbeef, UINT64_C(0x0123456789abcdef) };
	(void)state;

	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		uint8_t bytes[16] = { 0 };
		struct hw_bytes b = hw_bytes_of(bytes, sizeof bytes);

		(void)put_varint(bytes, values[i]);
		assert_true(hw_wire_varint(&b) == values[i]);
	}
}

/* A field of each type, in the order and of the size it has. */
static void fields_come_one_by_one(void **state)
{
	static const uint8_t bytes[] = { 0x08, 0x96, 0x01, 0x12, 0x03, 'a', 'b', 'c', 0x1d, 1, 2,    3,
					 4,    0x21, 1,	   2,	 3,    4,   5,	 6,   7,    8, 0x28, 1 };
	struct hw_bytes b = hw_bytes_of(bytes, sizeof bytes);
	struct hw_wire_field field;
	(void)state;

	assert_true(hw_wire_next(&b, &field));
	assert_true(field.number == 1 && field.type == HW_WIRE_VARINT && field.value == 150);
	assert_true(hw_wire_next(&b, &field));
	assert_true(field.number == 2 && field.type == HW_WIRE_BYTES && field.value == 0);
	assert_int_equal(hw_bytes_left(&field.bytes), 3);
	assert_memory_equal(field.bytes.at, "abc", 3);
	assert_true(hw_wire_next(&b, &field));
	assert_true(field.number == 3 && field.type == HW_WIRE_FIXED32);
	assert_true(hw_wire_next(&b, &field));
	assert_true(field.number == 4 && field.type == HW_WIRE_FIXED64);
	assert_true(hw_wire_next(&b, &field));
	assert_true(field.number == 5 && field.value == 1);
	assert_false(hw_wire_next(&b, &field));
	assert_false(b.overrun);
}

static void overruns(const void *data, size_t size)
{
	struct hw_bytes b = hw_bytes_of(data, size);
	struct hw_wire_field field;

	while (hw_wire_next(&b, &field))
		;
	assert_true(b.overrun);
}

/* Groups, unknown types, field 0, field numbers above 32 bits and fields past the end are no message. */
static void what_is_no_field_overruns(void **state)
{
	(void)state;
	overruns("\x0b", 1);
	overruns("\x0c", 1);
	overruns("\x0e", 1);
	overruns("\x0f", 1);
	overruns("\x00\x01", 2);
	overruns("\x80\x80\x80\x80\x80\x01\x01", 7);
	overruns("\x08", 1);
	overruns("\x12\x02\x01", 3);
	overruns("\x1d\x01\x02\x03", 4);
	overruns("\x21\x01\x02\x03\x04\x05\x06\x07", 8);
	overruns("\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11);
}

/* Packed or not, the numbers come one by one; a run that ends within one overruns. */
static void repeated_numbers(void **state)
{
	static const uint8_t bytes[] = { 0x08, 0x05, 0x0a, 0x03, 0x01, 0x96, 0x01,
					 0x0a, 0x02, 0x01, 0x96, 0x0a, 0x00 };
	struct hw_bytes b = hw_bytes_of(bytes, sizeof bytes);
	struct hw_wire_field field;
	uint64_t number = 0;
	(void)state;

	assert_true(hw_wire_next(&b, &field));
	assert_true(hw_wire_next_number(&field, &number) && number == 5);
	assert_false(hw_wire_next_number(&field, &number));
	assert_true(hw_wire_next(&b, &field));
	assert_true(hw_wire_next_number(&field, &number) && number == 1);
	assert_true(hw_wire_next_number(&field, &number) && number == 150);
	assert_false(hw_wire_next_number(&field, &number));
	assert_false(field.bytes.overrun);
	assert_true(hw_wire_next(&b, &field));
	assert_true(hw_wire_next_number(&field, &number) && number == 1);
	assert_false(hw_wire_next_number(&field, &number));
	assert_true(field.bytes.overrun);
	assert_true(hw_wire_next(&b, &field));
	assert_false(hw_wire_next_number(&field, &number));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_of_all_sizes),	  cmocka_unit_test(bits_stay_in_place),
		cmocka_unit_test(fields_come_one_by_one), cmocka_unit_test(what_is_no_field_overruns),
		cmocka_unit_test(repeated_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
