#include "dso/dwarf_unit.h"
#include "tests/lib/dwarf_bytes.h"

#include <dwarf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>

/* Sections under construction. */
struct made {
	struct hw_buf info, abbrev, str, line_str, addr, str_offsets;
	struct hw_dwarf_sections sections;
	struct hw_dwarf_units units;
	struct hw_dwarf_abbrev_cache cache;
};

static void open_units(struct made *m)
{
	m->sections.info = bytes_of(&m->info);
	m->sections.abbrev = bytes_of(&m->abbrev);
	m->sections.str = bytes_of(&m->str);
	m->sections.line_str = bytes_of(&m->line_str);
	m->sections.addr = bytes_of(&m->addr);
	m->sections.str_offsets = bytes_of(&m->str_offsets);
	hw_dwarf_units_init(&m->units, &m->sections, NULL);
}

static void close_units(struct made *m)
{
	hw_dwarf_units_fini(&m->units);
	hw_dwarf_abbrev_cache_fini(&m->cache);
	hw_buf_fini(&m->info);
	hw_buf_fini(&m->abbrev);
	hw_buf_fini(&m->str);
	hw_buf_fini(&m->line_str);
	hw_buf_fini(&m->addr);
	hw_buf_fini(&m->str_offsets);
}

/* A 64-bit DWARF 5 skeleton's header, with n bytes behind it. */
static void put_wide_skeleton(struct hw_buf *info, uint64_t n)
{
	put_u32(info, UINT32_MAX);
	put_u64(info, 2 + 1 + 1 + 8 + 8 + n);
	put_u16(info, 5);
	put_u8(info, DW_UT_skeleton);
	put_u8(info, 4);
	put_u64(info, 0x123456789a);
	put_u64(info, 0xfeedfacecafebeef);
	for (; n; n--)
		put_u8(info, 0);
}

/* Headers of all versions and both widths are read; DIEs start behind them. */
static void headers_are_read(void **state)
{
	struct made m = { 0 };
	size_t start;
	(void)state;

	for (uint16_t version = 2; version <= 4; version++) {
		start = put_unit(&m.info, version);
		put_u8(&m.info, 0x70 + version);
		put_unit_end(&m.info, start);
	}
	put_wide_skeleton(&m.info, 3);
	open_units(&m);
	assert_int_equal(m.units.list.count, 4);
	for (uint16_t version = 2; version <= 4; version++) {
		const struct hw_dwarf_unit *unit = &m.units.list.at[version - 2];

		assert_int_equal(unit->encoding.version, version);
		assert_int_equal(unit->encoding.offset_size, 4);
		assert_int_equal(unit->encoding.address_size, 8);
		assert_int_equal(unit->type, DW_UT_compile);
		assert_int_equal(hw_bytes_left(&unit->dies), 1);
		assert_int_equal(*unit->dies.at, 0x70 + version);
	}
	assert_int_equal(m.units.list.at[3].encoding.offset_size, 8);
	assert_int_equal(m.units.list.at[3].encoding.address_size, 4);
	assert_int_equal(m.units.list.at[3].abbrev_offset, 0x123456789a);
	assert_int_equal(m.units.list.at[3].dwo_id, 0xfeedfacecafebeef);
	assert_true(m.units.list.at[3].has_dwo_id);
	assert_int_equal(hw_bytes_left(&m.units.list.at[3].dies), 3);
	close_units(&m);
}

/* Whatever is cut off, only whole units are listed; of unknown versions and address sizes none. */
static void broken_headers_are_left_out(void **state)
{
	struct made m = { 0 };
	size_t start;
	(void)state;

	start = put_unit(&m.info, 4);
	put_unit_end(&m.info, start);
	put_wide_skeleton(&m.info, 1);
	for (size_t size = 0; size <= m.info.size; size++) {
		uint8_t *exact = hw_realloc(NULL, size ? size : 1, 1);

		memcpy(exact, m.info.data, size);
		m.sections.info = hw_bytes_of(exact, size);
		hw_dwarf_units_init(&m.units, &m.sections, NULL);
		assert_int_equal(m.units.list.count, size == m.info.size ? 2 : size >= 11);
		hw_dwarf_units_fini(&m.units);
		free(exact);
	}
	m.info.size = 0;
	start = put_unit(&m.info, 6);
	put_unit_end(&m.info, start);
	start = put_unit(&m.info, 1);
	put_unit_end(&m.info, start);
	start = put_unit(&m.info, 4);
	m.info.data[m.info.size - 1] = 2; /* address size */
	put_unit_end(&m.info, start);
	start = put_unit(&m.info, 3);
	put_unit_end(&m.info, start);
	open_units(&m);
	assert_int_equal(m.units.list.count, 1);
	assert_int_equal(m.units.list.at[0].encoding.version, 3);
	close_units(&m);
}

/* An offset leads to the unit whose DIEs are there; headers and the end lead nowhere. */
static void offsets_lead_to_units(void **state)
{
	struct made m = { 0 };
	size_t start;
	(void)state;

	for (int i = 0; i < 5; i++) {
		start = put_unit(&m.info, 4); /* 11 bytes */
		put_u32(&m.info, 0);
		put_unit_end(&m.info, start);
	}
	open_units(&m);
	for (uint64_t offset = 0; offset < 5 * 15; offset++) {
		const struct hw_dwarf_unit *unit = hw_dwarf_units_find(&m.units, offset);

		if (offset % 15 < 11)
			assert_null(unit);
		else
			assert_ptr_equal(unit, &m.units.list.at[offset / 15]);
	}
	assert_null(hw_dwarf_units_find(&m.units, 5 * 15));
	assert_null(hw_dwarf_units_find(&m.units, UINT64_MAX));
	close_units(&m);
}

/* What the root says is known of the unit, also where its bases come behind what needs them. */
static void root_gives_bases(void **state)
{
	struct made m = { 0 };
	struct hw_dwarf_unit *unit;
	size_t start;
	(void)state;

	put_abbrev(&m.abbrev, 1, DW_TAG_compile_unit, true);
	put_spec(&m.abbrev, DW_AT_comp_dir, DW_FORM_strx1);
	put_spec(&m.abbrev, DW_AT_low_pc, DW_FORM_addrx);
	put_spec(&m.abbrev, DW_AT_language, DW_FORM_data2);
	put_spec(&m.abbrev, DW_AT_stmt_list, DW_FORM_sec_offset);
	put_spec(&m.abbrev, DW_AT_str_offsets_base, DW_FORM_sec_offset);
	put_spec(&m.abbrev, DW_AT_addr_base, DW_FORM_sec_offset);
	put_spec(&m.abbrev, DW_AT_rnglists_base, DW_FORM_sec_offset);
	put_spec(&m.abbrev, 0, 0);
	put_u8(&m.abbrev, 0);
	start = put_unit(&m.info, 5);
	put_uleb(&m.info, 1);
	put_u8(&m.info, 1);
	put_uleb(&m.info, 2);
	put_u16(&m.info, DW_LANG_Rust);
	put_u32(&m.info, 0x99);
	put_u32(&m.info, 8);
	put_u32(&m.info, 16);
	put_u32(&m.info, 12);
	put_unit_end(&m.info, start);
	put_text(&m.str, "zero");
	put_text(&m.str, "/the/folder");
	for (int i = 0; i < 2; i++)
		put_u32(&m.str_offsets, 0xffffffff); /* header */
	put_u32(&m.str_offsets, 0);
	put_u32(&m.str_offsets, 5);
	for (int i = 0; i < 4; i++)
		put_u64(&m.addr, 0x1000 + i);
	put_u64(&m.addr, 0x7777);
	open_units(&m);
	unit = &m.units.list.at[0];
	hw_dwarf_unit_read_root(unit, &m.cache);
	assert_int_equal(unit->tag, DW_TAG_compile_unit);
	assert_string_equal(unit->comp_dir, "/the/folder");
	assert_int_equal(unit->low_pc_svma, 0x7777);
	assert_int_equal(unit->language, DW_LANG_Rust);
	assert_true(unit->has_lines);
	assert_int_equal(unit->lines_offset, 0x99);
	assert_int_equal(unit->rnglists_base, 12);
	close_units(&m);
}

/* Numbers of texts and addresses outside their tables, and texts that do not end, are nothing. */
static void wrong_numbers_are_refused(void **state)
{
	struct hw_dwarf_value value = { .kind = HW_DWARF_TEXT_INDEX };
	struct made m = { 0 };
	struct hw_dwarf_unit *unit;
	uint64_t svma = 5;
	size_t start;
	(void)state;

	start = put_unit(&m.info, 5);
	put_unit_end(&m.info, start);
	put_text(&m.str, "text");
	hw_buf_add(&m.str, "endless", 7);
	put_u32(&m.str_offsets, 0);
	put_u32(&m.str_offsets, 5);
	put_u32(&m.str_offsets, 4);
	put_u32(&m.str_offsets, 100);
	put_u64(&m.addr, 0x1234);
	open_units(&m);
	unit = &m.units.list.at[0];
	assert_string_equal(hw_dwarf_unit_text(unit, &value), "text");
	for (value.number = 1; value.number < 6; value.number++)
		assert_null(hw_dwarf_unit_text(unit, &value)); /* endless, empty, outside; no such number */
	value.number = UINT64_MAX / 4 + 1;
	assert_null(hw_dwarf_unit_text(unit, &value));
	value = (struct hw_dwarf_value){ .kind = HW_DWARF_TEXT_STR, .number = 1 };
	assert_string_equal(hw_dwarf_unit_text(unit, &value), "ext");
	value.number = UINT64_MAX;
	assert_null(hw_dwarf_unit_text(unit, &value));
	value.kind = HW_DWARF_TEXT_ALT; /* there is no dwz file */
	assert_null(hw_dwarf_unit_text(unit, &value));
	value.kind = HW_DWARF_NUMBER;
	assert_null(hw_dwarf_unit_text(unit, &value));
	assert_false(hw_dwarf_unit_address(unit, &value, &svma));
	assert_true(hw_dwarf_unit_address_at(unit, 0, &svma));
	assert_int_equal(svma, 0x1234);
	assert_false(hw_dwarf_unit_address_at(unit, 1, &svma));
	assert_false(hw_dwarf_unit_address_at(unit, UINT64_MAX / 8 + 1, &svma));
	unit->addr_base = 1;
	assert_false(hw_dwarf_unit_address_at(unit, 0, &svma));
	unit->addr_base = UINT64_MAX;
	assert_false(hw_dwarf_unit_address_at(unit, 0, &svma));
	close_units(&m);
}

/* References lead to DIEs of the unit, of another, and of the dwz file; never into headers or out of the sections. */
static void references_are_bounded(void **state)
{
	struct hw_dwarf_value value = { .kind = HW_DWARF_REFERENCE };
	struct made m = { 0 }, alt = { 0 };
	const struct hw_dwarf_unit *unit;
	const uint8_t *die = NULL;
	size_t start;
	(void)state;

	for (int i = 0; i < 2; i++) {
		start = put_unit(&m.info, 4);
		put_u32(&m.info, 0);
		put_unit_end(&m.info, start);
	}
	start = put_unit(&alt.info, 4);
	put_u64(&alt.info, 0);
	put_unit_end(&alt.info, start);
	open_units(&alt);
	open_units(&m);
	unit = &m.units.list.at[1];
	for (value.number = 0; value.number < 20; value.number++) {
		const bool inside = value.number >= 11 && value.number < 15;

		assert_ptr_equal(hw_dwarf_unit_follow(unit, &value, &die), inside ? unit : NULL);
		if (inside)
			assert_ptr_equal(die, unit->start + value.number);
	}
	value = (struct hw_dwarf_value){ .kind = HW_DWARF_REFERENCE_INFO, .number = 12 };
	assert_ptr_equal(hw_dwarf_unit_follow(unit, &value, &die), &m.units.list.at[0]);
	assert_ptr_equal(die, m.sections.info.at + 12);
	value.kind = HW_DWARF_REFERENCE_ALT;
	assert_null(hw_dwarf_unit_follow(unit, &value, &die));
	m.units.alt = &alt.units;
	value.number = 18;
	assert_ptr_equal(hw_dwarf_unit_follow(unit, &value, &die), &alt.units.list.at[0]);
	assert_ptr_equal(die, alt.sections.info.at + 18);
	value.number = 19;
	assert_null(hw_dwarf_unit_follow(unit, &value, &die));
	value.kind = HW_DWARF_NUMBER;
	assert_null(hw_dwarf_unit_follow(unit, &value, &die));
	close_units(&m);
	close_units(&alt);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_are_read),	     cmocka_unit_test(broken_headers_are_left_out),
		cmocka_unit_test(offsets_lead_to_units),     cmocka_unit_test(root_gives_bases),
		cmocka_unit_test(wrong_numbers_are_refused), cmocka_unit_test(references_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
