#include "dso/dwarf_abbrev.h"
#include "tests/lib/dwarf_bytes.h"

#include <dwarf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>

static const struct hw_dwarf_encoding encoding = { .version = 5, .address_size = 8, .offset_size = 4 };

/* Every kind of value there is, in front of each other. */
static const struct {
	unsigned form;
	uint8_t bytes[8];
	unsigned size;
} values[] = {
	{ DW_FORM_data1, { 1 }, 1 },
	{ DW_FORM_udata, { 0x80, 0x80, 1 }, 3 },
	{ DW_FORM_sdata, { 0xff, 0x7f }, 2 },
	{ DW_FORM_data2, { 1, 2 }, 2 },
	{ DW_FORM_string, { 'a', 'b', 0 }, 3 },
	{ DW_FORM_flag_present, { 0 }, 0 },
	{ DW_FORM_block1, { 2, 9, 9 }, 3 },
	{ DW_FORM_block2, { 1, 0, 9 }, 3 },
	{ DW_FORM_block4, { 1, 0, 0, 0, 9 }, 5 },
	{ DW_FORM_exprloc, { 3, 9, 9, 9 }, 4 },
	{ DW_FORM_addr, { 1, 2, 3, 4, 5, 6, 7, 8 }, 8 },
	{ DW_FORM_indirect, { DW_FORM_data4, 1, 2, 3, 4 }, 5 },
	{ DW_FORM_strx, { 0x81, 1 }, 2 },
};

/* Skipping a DIE ends where reading its attributes one by one ends, wherever they begin and end. */
static void skipping_agrees_with_reading(void **state)
{
	(void)state;

	for (size_t first = 0; first < HW_COUNT_OF(values); first++)
		for (size_t last = first; last < HW_COUNT_OF(values); last++) {
			struct hw_buf table = { 0 }, die = { 0 };
			struct hw_dwarf_abbrev_cache cache = { 0 };
			const struct hw_dwarf_abbrevs *abbrevs;
			const struct hw_dwarf_abbrev *abbrev;
			struct hw_bytes bytes;

			put_abbrev(&table, 1, DW_TAG_variable, false);
			for (size_t i = first; i <= last; i++) {
				put_spec(&table, DW_AT_name, values[i].form);
				hw_buf_add(&die, values[i].bytes, values[i].size);
			}
			put_spec(&table, 0, 0);
			put_u8(&table, 0);
			put_u8(&die, 0xee); /* not the DIE's */
			abbrevs = hw_dwarf_abbrevs_get(&cache, bytes_of(&table), encoding);
			abbrev = hw_dwarf_abbrevs_find(abbrevs, 1);
			assert_non_null(abbrev);
			assert_false(abbrev->is_broken);
			bytes = bytes_of(&die);
			assert_int_equal(hw_dwarf_skip_die(abbrevs, abbrev, &bytes), 0);
			assert_false(bytes.overrun);
			assert_int_equal(hw_bytes_left(&bytes), 1);
			/* Two bytes less cut into the DIE, unless its last value takes none. */
			bytes = hw_bytes_of(die.data, die.size - 2);
			if (die.size > 1) {
				(void)hw_dwarf_skip_die(abbrevs, abbrev, &bytes);
				assert_true(bytes.overrun);
			}
			hw_dwarf_abbrev_cache_fini(&cache);
			hw_buf_fini(&table);
			hw_buf_fini(&die);
		}
}

/* The sibling is found behind and in front of other values, in each form a compiler may choose. */
static void siblings_are_kept(void **state)
{
	static const struct {
		unsigned form, size;
	} forms[] = { { DW_FORM_ref1, 1 },
		      { DW_FORM_ref2, 2 },
		      { DW_FORM_ref4, 4 },
		      { DW_FORM_ref8, 8 },
		      { DW_FORM_ref_udata, 1 } };
	(void)state;

	for (size_t i = 0; i < HW_COUNT_OF(forms); i++) {
		static const uint8_t die[32] = { 3, 9, 9, 9, 0x55 };
		struct hw_dwarf_abbrev_cache cache = { 0 };
		const struct hw_dwarf_abbrevs *abbrevs;
		struct hw_bytes bytes = hw_bytes_of(die, sizeof die);
		struct hw_buf table = { 0 };

		put_abbrev(&table, 1, DW_TAG_subprogram, true);
		put_spec(&table, DW_AT_frame_base, DW_FORM_exprloc);
		put_spec(&table, DW_AT_sibling, forms[i].form);
		put_spec(&table, DW_AT_decl_line, DW_FORM_data2);
		put_spec(&table, 0, 0);
		put_u8(&table, 0);
		abbrevs = hw_dwarf_abbrevs_get(&cache, bytes_of(&table), encoding);
		assert_int_equal(hw_dwarf_skip_die(abbrevs, hw_dwarf_abbrevs_find(abbrevs, 1), &bytes), 0x55);
		assert_int_equal(bytes.at - die, 4 + forms[i].size + 2);
		hw_dwarf_abbrev_cache_fini(&cache);
		hw_buf_fini(&table);
	}
}

/* Entries are found by their codes, dense or not, and others are not; of two of one code the first counts. */
static void codes_are_found(void **state)
{
	static const uint64_t gaps[] = { 7, 3, UINT64_C(1) << 40, 3 };
	struct hw_dwarf_abbrev_cache cache = { 0 };
	const struct hw_dwarf_abbrevs *abbrevs;
	struct hw_buf dense = { 0 }, gappy = { 0 };
	(void)state;

	for (uint64_t code = 1; code <= 200; code++) {
		put_abbrev(&dense, code, code + 1000, code & 1);
		put_spec(&dense, 0, 0);
	}
	put_u8(&dense, 0);
	abbrevs = hw_dwarf_abbrevs_get(&cache, bytes_of(&dense), encoding);
	assert_true(abbrevs->is_dense);
	for (uint64_t code = 1; code <= 200; code++) {
		assert_int_equal(hw_dwarf_abbrevs_find(abbrevs, code)->tag, code + 1000);
		assert_int_equal(hw_dwarf_abbrevs_find(abbrevs, code)->has_children, code & 1);
	}
	assert_null(hw_dwarf_abbrevs_find(abbrevs, 0));
	assert_null(hw_dwarf_abbrevs_find(abbrevs, 201));
	for (size_t i = 0; i < HW_COUNT_OF(gaps); i++) {
		put_abbrev(&gappy, gaps[i], 10 + i, false);
		put_spec(&gappy, 0, 0);
	}
	put_u8(&gappy, 0);
	abbrevs = hw_dwarf_abbrevs_get(&cache, bytes_of(&gappy), encoding);
	assert_false(abbrevs->is_dense);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(hw_dwarf_abbrevs_find(abbrevs, gaps[i])->tag, 10 + i);
	assert_null(hw_dwarf_abbrevs_find(abbrevs, 0));
	assert_null(hw_dwarf_abbrevs_find(abbrevs, 4));
	assert_null(hw_dwarf_abbrevs_find(abbrevs, UINT64_MAX));
	hw_dwarf_abbrev_cache_fini(&cache);
	hw_buf_fini(&dense);
	hw_buf_fini(&gappy);
}

/* A table that breaks off has the entries that are whole; one with an unknown form has it marked. */
static void broken_tables_are_bounded(void **state)
{
	struct hw_dwarf_abbrev_cache cache = { 0 };
	const struct hw_dwarf_abbrevs *abbrevs;
	struct hw_buf table = { 0 };
	size_t whole;
	(void)state;

	put_abbrev(&table, 1, DW_TAG_subprogram, false);
	put_spec(&table, DW_AT_low_pc, DW_FORM_addr);
	put_spec(&table, 0, 0);
	whole = table.size;
	put_abbrev(&table, 2, DW_TAG_subprogram, false);
	put_spec(&table, DW_AT_name, 0x55);
	put_spec(&table, 0, 0);
	for (size_t size = 0; size <= table.size; size++) {
		/* Of another place each time: the cache goes by that. */
		uint8_t *copy = hw_alloc(size + 1, 1);

		memcpy(copy, table.data, size);
		abbrevs = hw_dwarf_abbrevs_get(&cache, hw_bytes_of(copy, size), encoding);
		assert_int_equal(abbrevs->list.count, size == table.size ? 2 : size >= whole);
		hw_dwarf_abbrev_cache_fini(&cache);
		free(copy);
	}
	abbrevs = hw_dwarf_abbrevs_get(&cache, bytes_of(&table), encoding);
	assert_true(abbrevs->list.at[0].has_code);
	assert_false(abbrevs->list.at[0].is_broken);
	assert_true(abbrevs->list.at[1].is_broken);
	hw_dwarf_abbrev_cache_fini(&cache);
	hw_buf_fini(&table);
}

/* More fixed bytes than any DIE has are not counted wrong. */
static void absurd_entries_are_broken(void **state)
{
	struct hw_dwarf_abbrev_cache cache = { 0 };
	struct hw_buf table = { 0 };
	(void)state;

	put_abbrev(&table, 1, DW_TAG_variable, false);
	for (int i = 0; i < 65536 / 16 + 1; i++)
		put_spec(&table, DW_AT_const_value, DW_FORM_data16);
	put_spec(&table, 0, 0);
	put_u8(&table, 0);
	assert_true(hw_dwarf_abbrevs_get(&cache, bytes_of(&table), encoding)->list.at[0].is_broken);
	hw_dwarf_abbrev_cache_fini(&cache);
	hw_buf_fini(&table);
}

/* Attributes that take no bytes cannot be heaped up in one entry; nor large tables for small units. */
static void work_is_bounded(void **state)
{
	struct hw_dwarf_abbrev_cache cache = { .read_bytes = UINT64_C(64) << 20, .extra_bytes = 10 };
	const struct hw_dwarf_abbrevs *abbrevs;
	struct hw_buf table = { 0 };
	(void)state;

	for (uint64_t code = 1; code <= 2; code++) {
		put_abbrev(&table, code, DW_TAG_subprogram, false);
		for (int i = 0; i < (code == 1 ? 256 : 257); i++)
			put_spec(&table, DW_AT_external, DW_FORM_flag_present);
		put_spec(&table, 0, 0);
	}
	put_u8(&table, 0);
	assert_int_equal(hw_dwarf_abbrevs_get(&cache, bytes_of(&table), encoding)->list.count, 0);
	hw_dwarf_abbrev_cache_fini(&cache);
	abbrevs = hw_dwarf_abbrevs_get(&cache, bytes_of(&table), encoding);
	assert_false(abbrevs->list.at[0].is_broken);
	assert_int_equal(abbrevs->list.at[1].spec_count, 256);
	assert_true(abbrevs->list.at[1].is_broken);
	hw_dwarf_abbrev_cache_fini(&cache);
	hw_buf_fini(&table);
}

/* A table is read once while it is asked for, again under another encoding, and the oldest makes room for a new one. */
static void cache_keeps_what_is_used(void **state)
{
	const struct hw_dwarf_encoding other = { .version = 4, .address_size = 8, .offset_size = 4 };
	struct hw_dwarf_abbrev_cache cache = { 0 };
	const struct hw_dwarf_abbrevs *first;
	struct hw_buf tables = { 0 };
	(void)state;

	for (unsigned i = 0; i <= HW_DWARF_ABBREV_CACHE_COUNT; i++) {
		put_abbrev(&tables, 1, 100 + i, false);
		put_spec(&tables, 0, 0);
		put_u8(&tables, 0);
	}
	first = hw_dwarf_abbrevs_get(&cache, bytes_of(&tables), encoding);
	assert_ptr_equal(hw_dwarf_abbrevs_get(&cache, bytes_of(&tables), encoding), first);
	assert_ptr_not_equal(hw_dwarf_abbrevs_get(&cache, bytes_of(&tables), other), first);
	for (unsigned i = 1; i <= HW_DWARF_ABBREV_CACHE_COUNT; i++) {
		struct hw_bytes bytes = hw_bytes_of(tables.data + i * 6, tables.size - i * 6);

		assert_int_equal(hw_dwarf_abbrevs_get(&cache, bytes, encoding)->list.at[0].tag, 100 + i);
		assert_ptr_equal(hw_dwarf_abbrevs_get(&cache, bytes_of(&tables), encoding), first);
		assert_int_equal(first->list.at[0].tag, 100);
	}
	hw_dwarf_abbrev_cache_fini(&cache);
	hw_buf_fini(&tables);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(skipping_agrees_with_reading),
		cmocka_unit_test(siblings_are_kept),
		cmocka_unit_test(codes_are_found),
		cmocka_unit_test(broken_tables_are_bounded),
		cmocka_unit_test(absurd_entries_are_broken),
		cmocka_unit_test(work_is_bounded),
		cmocka_unit_test(cache_keeps_what_is_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
