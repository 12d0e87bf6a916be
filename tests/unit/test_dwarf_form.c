#include "dso/dwarf_form.h"
#include "tests/lib/dwarf_bytes.h"

#include <dwarf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>

static const struct hw_dwarf_encoding narrow = { .version = 5, .address_size = 8, .offset_size = 4 };
static const struct hw_dwarf_encoding wide = { .version = 5, .address_size = 8, .offset_size = 8 };
static const struct hw_dwarf_encoding old = { .version = 2, .address_size = 8, .offset_size = 4 };

/* Bytes that count up from 1, no high bit set: as an ULEB128 they are the one byte 1. */
static const uint8_t counting[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20 };

struct known {
	unsigned form;
	unsigned size_bytes;
	enum hw_dwarf_class kind;
	uint64_t number;
};

static void expect(const struct known *known, struct hw_dwarf_encoding encoding)
{
	struct hw_bytes bytes = hw_bytes_of(counting, sizeof counting);
	struct hw_dwarf_value value;

	hw_dwarf_value_read(&value, &bytes, known->form, 77, encoding);
	assert_false(bytes.overrun);
	assert_int_equal(bytes.at - counting, known->size_bytes);
	assert_int_equal(value.kind, known->kind);
	assert_int_equal(value.number, known->number);
	if (!known->size_bytes)
		return;
	bytes = hw_bytes_of(counting, known->size_bytes - 1);
	hw_dwarf_value_read(&value, &bytes, known->form, 77, encoding);
	assert_true(bytes.overrun);
	assert_int_equal(value.kind, HW_DWARF_NONE);
}

/* Each form takes the bytes DWARF 5 section 7.5.6 says, means what it says there, and is not read a byte short. */
static void forms_have_their_sizes(void **state)
{
	static const struct known known[] = {
		{ DW_FORM_addr, 8, HW_DWARF_ADDRESS, 0x0807060504030201 },
		{ DW_FORM_data1, 1, HW_DWARF_NUMBER, 1 },
		{ DW_FORM_data2, 2, HW_DWARF_NUMBER, 0x0201 },
		{ DW_FORM_data4, 4, HW_DWARF_NUMBER, 0x04030201 },
		{ DW_FORM_data8, 8, HW_DWARF_NUMBER, 0x0807060504030201 },
		{ DW_FORM_data16, 16, HW_DWARF_OTHER, 0 },
		{ DW_FORM_udata, 1, HW_DWARF_NUMBER, 1 },
		{ DW_FORM_sdata, 1, HW_DWARF_NUMBER, 1 },
		{ DW_FORM_flag, 1, HW_DWARF_NUMBER, 1 },
		{ DW_FORM_flag_present, 0, HW_DWARF_NUMBER, 1 },
		{ DW_FORM_implicit_const, 0, HW_DWARF_NUMBER, 77 },
		{ DW_FORM_strp, 4, HW_DWARF_TEXT_STR, 0x04030201 },
		{ DW_FORM_line_strp, 4, HW_DWARF_TEXT_LINE_STR, 0x04030201 },
		{ DW_FORM_strp_sup, 4, HW_DWARF_TEXT_ALT, 0x04030201 },
		{ DW_FORM_GNU_strp_alt, 4, HW_DWARF_TEXT_ALT, 0x04030201 },
		{ DW_FORM_strx, 1, HW_DWARF_TEXT_INDEX, 1 },
		{ DW_FORM_strx1, 1, HW_DWARF_TEXT_INDEX, 1 },
		{ DW_FORM_strx2, 2, HW_DWARF_TEXT_INDEX, 0x0201 },
		{ DW_FORM_strx3, 3, HW_DWARF_TEXT_INDEX, 0x030201 },
		{ DW_FORM_strx4, 4, HW_DWARF_TEXT_INDEX, 0x04030201 },
		{ DW_FORM_GNU_str_index, 1, HW_DWARF_TEXT_INDEX, 1 },
		{ DW_FORM_addrx, 1, HW_DWARF_ADDRESS_INDEX, 1 },
		{ DW_FORM_addrx1, 1, HW_DWARF_ADDRESS_INDEX, 1 },
		{ DW_FORM_addrx2, 2, HW_DWARF_ADDRESS_INDEX, 0x0201 },
		{ DW_FORM_addrx3, 3, HW_DWARF_ADDRESS_INDEX, 0x030201 },
		{ DW_FORM_addrx4, 4, HW_DWARF_ADDRESS_INDEX, 0x04030201 },
		{ DW_FORM_GNU_addr_index, 1, HW_DWARF_ADDRESS_INDEX, 1 },
		{ DW_FORM_ref1, 1, HW_DWARF_REFERENCE, 1 },
		{ DW_FORM_ref2, 2, HW_DWARF_REFERENCE, 0x0201 },
		{ DW_FORM_ref4, 4, HW_DWARF_REFERENCE, 0x04030201 },
		{ DW_FORM_ref8, 8, HW_DWARF_REFERENCE, 0x0807060504030201 },
		{ DW_FORM_ref_udata, 1, HW_DWARF_REFERENCE, 1 },
		{ DW_FORM_ref_addr, 4, HW_DWARF_REFERENCE_INFO, 0x04030201 },
		{ DW_FORM_ref_sup4, 4, HW_DWARF_REFERENCE_ALT, 0x04030201 },
		{ DW_FORM_ref_sup8, 8, HW_DWARF_REFERENCE_ALT, 0x0807060504030201 },
		{ DW_FORM_GNU_ref_alt, 4, HW_DWARF_REFERENCE_ALT, 0x04030201 },
		{ DW_FORM_ref_sig8, 8, HW_DWARF_OTHER, 0x0807060504030201 },
		{ DW_FORM_sec_offset, 4, HW_DWARF_SECTION_OFFSET, 0x04030201 },
		{ DW_FORM_rnglistx, 1, HW_DWARF_LIST_INDEX, 1 },
		{ DW_FORM_loclistx, 1, HW_DWARF_LIST_INDEX, 1 },
		{ DW_FORM_block1, 2, HW_DWARF_OTHER, 0 },
		{ DW_FORM_block, 2, HW_DWARF_OTHER, 0 },
		{ DW_FORM_exprloc, 2, HW_DWARF_OTHER, 0 },
	};
	(void)state;

	for (size_t i = 0; i < HW_COUNT_OF(known); i++)
		expect(&known[i], narrow);
	expect(&(struct known){ DW_FORM_strp, 8, HW_DWARF_TEXT_STR, 0x0807060504030201 }, wide);
	expect(&(struct known){ DW_FORM_ref_addr, 8, HW_DWARF_REFERENCE_INFO, 0x0807060504030201 }, wide);
	expect(&(struct known){ DW_FORM_ref_addr, 8, HW_DWARF_REFERENCE_INFO, 0x0807060504030201 }, old);
}

/* Texts in place end at their NUL; one without is not read. */
static void texts_end(void **state)
{
	struct hw_bytes bytes = hw_bytes_of("name\0x", 6);
	struct hw_dwarf_value value;
	(void)state;

	hw_dwarf_value_read(&value, &bytes, DW_FORM_string, 0, narrow);
	assert_string_equal(value.text, "name");
	assert_int_equal(hw_bytes_left(&bytes), 1);
	hw_dwarf_value_read(&value, &bytes, DW_FORM_string, 0, narrow);
	assert_true(bytes.overrun);
	assert_int_equal(value.kind, HW_DWARF_NONE);
}

/* Blocks are as long as they say, which may be longer than there are bytes. */
static void blocks_are_bounded(void **state)
{
	static const unsigned forms[] = { DW_FORM_block1, DW_FORM_block2, DW_FORM_block4, DW_FORM_block };
	static const uint8_t large[16] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1 };
	struct hw_dwarf_value value;
	(void)state;

	for (size_t i = 0; i < HW_COUNT_OF(forms); i++) {
		struct hw_bytes bytes = hw_bytes_of(large, sizeof large);

		hw_dwarf_value_read(&value, &bytes, forms[i], 0, narrow);
		assert_true(bytes.overrun);
	}
}

/* DW_FORM_indirect has the form in front of the value; one that would have to be looked up elsewhere is refused. */
static void indirect_forms_are_followed_once(void **state)
{
	static const uint8_t direct[] = { DW_FORM_data2, 5, 6 },
			     twice[] = { DW_FORM_indirect, DW_FORM_data1, 1 },
			     implicit[] = { DW_FORM_implicit_const, 1 };
	struct hw_bytes bytes = hw_bytes_of(direct, sizeof direct);
	struct hw_dwarf_value value;
	(void)state;

	hw_dwarf_value_read(&value, &bytes, DW_FORM_indirect, 0, narrow);
	assert_int_equal(value.kind, HW_DWARF_NUMBER);
	assert_int_equal(value.number, 0x0605);
	assert_int_equal(hw_bytes_left(&bytes), 0);
	bytes = hw_bytes_of(twice, sizeof twice);
	hw_dwarf_value_read(&value, &bytes, DW_FORM_indirect, 0, narrow);
	assert_true(bytes.overrun);
	bytes = hw_bytes_of(implicit, sizeof implicit);
	hw_dwarf_value_read(&value, &bytes, DW_FORM_indirect, 0, narrow);
	assert_true(bytes.overrun);
}

/* Behind a form nobody knows nothing can be read. */
static void unknown_forms_end_the_reading(void **state)
{
	static const uint64_t forms[] = { 0, 0x02, 0x2d, 0x1f00, 0xffff, UINT64_MAX };
	(void)state;

	for (size_t i = 0; i < HW_COUNT_OF(forms); i++) {
		struct hw_bytes bytes = hw_bytes_of(counting, sizeof counting);
		struct hw_dwarf_value value;

		assert_int_equal(hw_dwarf_form_size(forms[i], narrow), HW_DWARF_SIZE_UNKNOWN);
		hw_dwarf_value_read(&value, &bytes, forms[i], 0, narrow);
		assert_true(bytes.overrun);
		assert_int_equal(value.kind, HW_DWARF_NONE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms_have_their_sizes),
		cmocka_unit_test(texts_end),
		cmocka_unit_test(blocks_are_bounded),
		cmocka_unit_test(indirect_forms_are_followed_once),
		cmocka_unit_test(unknown_forms_end_the_reading),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
