#include "dso/dwarf_split.h"
#include "tests/lib/dwarf_bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>

#define FIRST_ID UINT64_C(0x0000000500000002)
/* The same slot as the first: it is found by the second step of the probing. */
#define SECOND_ID UINT64_C(0x0000000300000002)

/* An index of two units over 4 slots, with columns for .debug_info, .debug_abbrev and a third. */
static void put_index(struct hw_buf *index, uint32_t version, uint32_t third_column)
{
	put_u32(index, version);
	put_u32(index, 3); /* columns */
	put_u32(index, 2); /* units */
	put_u32(index, 4); /* slots */
	put_u64(index, 0);
	put_u64(index, SECOND_ID); /* 2 is taken: on by (3 & 3) | 1, to 5 & 3 */
	put_u64(index, FIRST_ID);  /* 2 & 3 */
	put_u64(index, 0);
	put_u32(index, 0);
	put_u32(index, 2);
	put_u32(index, 1);
	put_u32(index, 0);
	put_u32(index, 1); /* DW_SECT_INFO */
	put_u32(index, 3); /* DW_SECT_ABBREV */
	put_u32(index, third_column);
	for (uint32_t row = 0; row < 2; row++) /* offsets */
		for (uint32_t column = 0; column < 3; column++)
			put_u32(index, row * 10 + column);
	for (uint32_t row = 0; row < 2; row++) /* sizes */
		for (uint32_t column = 0; column < 3; column++)
			put_u32(index, 4 + row);
}

static const uint8_t section[32];

static struct hw_dwarf_sections sections_of(struct hw_bytes index)
{
	const struct hw_bytes whole = hw_bytes_of(section, sizeof section);

	return (struct hw_dwarf_sections){ .info = whole,
					   .abbrev = whole,
					   .str = whole,
					   .rnglists = whole,
					   .str_offsets = whole,
					   .cu_index = index };
}

static void expect_slice(struct hw_bytes bytes, size_t offset, size_t size)
{
	assert_int_equal(bytes.at - section, offset);
	assert_int_equal(hw_bytes_left(&bytes), size);
}

/* A unit's part of each section is what its row says, in both versions; strings are shared. */
static void parts_are_cut_out(void **state)
{
	(void)state;

	for (uint32_t version = 2; version <= 5; version += 3) {
		struct hw_buf index = { 0 };
		struct hw_dwarf_sections dwp, slice;

		put_index(&index, version, version == 5 ? 8 : 6);
		dwp = sections_of(bytes_of(&index));
		assert_true(hw_dwarf_index_slice(&slice, &dwp, FIRST_ID));
		expect_slice(slice.info, 0, 4);
		expect_slice(slice.abbrev, 1, 4);
		expect_slice(slice.str, 0, sizeof section);
		assert_true(hw_dwarf_index_slice(&slice, &dwp, SECOND_ID));
		expect_slice(slice.info, 10, 5);
		expect_slice(slice.abbrev, 11, 5);
		if (version == 5) {
			expect_slice(slice.rnglists, 12, 5);
			expect_slice(slice.str_offsets, 0, sizeof section);
		} else {
			expect_slice(slice.str_offsets, 12, 5);
			expect_slice(slice.rnglists, 0, sizeof section);
		}
		hw_buf_fini(&index);
	}
}

/* Section 8 of version 2 is .debug_macro.dwo, which is not cut out of the range lists. */
static void old_numbers_mean_other_sections(void **state)
{
	struct hw_buf index = { 0 };
	struct hw_dwarf_sections dwp, slice;
	(void)state;

	put_index(&index, 2, 8);
	dwp = sections_of(bytes_of(&index));
	assert_true(hw_dwarf_index_slice(&slice, &dwp, FIRST_ID));
	expect_slice(slice.rnglists, 0, sizeof section);
	hw_buf_fini(&index);
}

/* Ids that are not there are not found, though every slot be taken. */
static void other_ids_are_not_found(void **state)
{
	struct hw_buf index = { 0 };
	struct hw_dwarf_sections dwp, slice;
	const uint64_t other = 99;
	const uint32_t row = 1;
	(void)state;

	put_index(&index, 5, 8);
	dwp = sections_of(bytes_of(&index));
	for (uint64_t id = 0; id < 64; id++)
		assert_false(hw_dwarf_index_slice(&slice, &dwp, id << 30 | (id & 3)));
	for (size_t slot = 0; slot < 4; slot++) {
		memcpy(index.data + 16 + slot * 8, &other, sizeof other);
		memcpy(index.data + 48 + slot * 4, &row, sizeof row);
	}
	for (uint64_t id = 0; id < 64; id++)
		assert_false(hw_dwarf_index_slice(&slice, &dwp, id << 30 | (id & 3)));
	hw_buf_fini(&index);
}

/* An index that is cut off, or says what cannot be, is no index. */
static void broken_indexes_are_refused(void **state)
{
	static const struct {
		size_t at;
		uint32_t value;
	} wrong[] = {
		{ 0, 3 },		   /* version */
		{ 4, UINT32_MAX },	   /* columns */
		{ 8, UINT32_MAX },	   /* units */
		{ 12, 3 },		   /* slots: no power of two */
		{ 12, 0 },		   /* no slots */
		{ 12, UINT32_C(1) << 31 }, /* more than there are bytes */
		{ 48 + 2 * 4, 3 },	   /* a row that is not there */
		{ 64 + 12, 40 },	   /* an offset behind the section */
		{ 64 + 12 + 24, 100 },	   /* a size larger than it */
		{ 64 + 12 + 24, UINT32_MAX },
	};
	struct hw_buf index = { 0 };
	struct hw_dwarf_sections dwp, slice;
	(void)state;

	put_index(&index, 5, 8);
	for (size_t size = 0; size < index.size; size++) {
		uint8_t *exact = hw_realloc(NULL, size ? size : 1, 1);

		memcpy(exact, index.data, size);
		dwp = sections_of(hw_bytes_of(exact, size));
		assert_false(hw_dwarf_index_slice(&slice, &dwp, FIRST_ID));
		free(exact);
	}
	for (size_t i = 0; i < HW_COUNT_OF(wrong); i++) {
		index.size = 0;
		put_index(&index, 5, 8);
		dwp = sections_of(bytes_of(&index));
		assert_true(hw_dwarf_index_slice(&slice, &dwp, FIRST_ID));
		memcpy(index.data + wrong[i].at, &wrong[i].value, sizeof wrong[i].value);
		assert_false(hw_dwarf_index_slice(&slice, &dwp, FIRST_ID));
	}
	hw_buf_fini(&index);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_are_cut_out),
		cmocka_unit_test(old_numbers_mean_other_sections),
		cmocka_unit_test(other_ids_are_not_found),
		cmocka_unit_test(broken_indexes_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
