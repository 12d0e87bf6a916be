/* Headers of line tables: what is refused, and the paths of files. */
#include "tests/lib/line_builder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>

/* Before DWARF 5 there is no file 0, and directory 0 is the unit's own. Only what is relative gets it in front. */
static void paths_of_old_tables(void **state)
{
	struct hw_buf path = { 0 };
	struct hw_line_table table;
	struct program p;

	(void)state;
	begin(&p, &ordinary);
	text(&p, "sub");
	u8(&p, 0);
	for (unsigned i = 0; i < 4; i++) {
		text(&p, ((const char *[]){ "a.c", "b.c", "/abs/c.c", "../d.c" })[i]);
		leb(&p, ((const unsigned[]){ 0, 1, 1, 99 })[i]);
		leb(&p, 0);
		leb(&p, 0);
	}
	u8(&p, 0);
	end_header(&p);
	const struct hw_dwarf_sections sections = sections_of(&p);
	assert_true(hw_line_table_init(&table, &sections, 0));
	assert_null(hw_line_table_path(&table, 0, "/src", &path));
	assert_string_equal(hw_line_table_path(&table, 1, "/src", &path), "/src/a.c");
	assert_string_equal(hw_line_table_path(&table, 2, "/src", &path), "/src/sub/b.c");
	assert_string_equal(hw_line_table_path(&table, 2, NULL, &path), "sub/b.c");
	assert_string_equal(hw_line_table_path(&table, 3, "/src", &path), "/abs/c.c");
	assert_string_equal(hw_line_table_path(&table, 4, "/src", &path), "/src/../d.c");
	assert_null(hw_line_table_path(&table, 5, "/src", &path));
	assert_null(hw_line_table_path(&table, UINT64_MAX, "/src", &path));
	hw_buf_fini(&path);
	hw_line_table_fini(&table);
	hw_buf_fini(&p.bytes);
}

/* DWARF 5 says what its lists hold, with names in other sections; numbers start at 0. Both widths of offsets. */
static void paths_of_new_tables(void **state)
{
	static const char line_str[] = "x\0/build\0inc\0first.cc";
	static const char str[] = "strange/\0second.cc";
	const struct hw_dwarf_sections alt = { .str = hw_bytes_of("?\0third.cc", 11) };

	(void)state;
	for (int is_64bit = 0; is_64bit < 2; is_64bit++) {
		const struct parameters with = { .version = 5,
						 .is_64bit = is_64bit,
						 .min_instruction_bytes = 1,
						 .max_operations = 1,
						 .opcode_base = 13,
						 .line_range = 14 };
		struct hw_buf path = { 0 };
		struct hw_dwarf_sections sections;
		struct hw_line_table table;
		struct program p;

		begin(&p, &with);
		u8(&p, 1);
		leb(&p, DW_LNCT_path);
		leb(&p, DW_FORM_line_strp);
		leb(&p, 2);
		offset(&p, 2);
		offset(&p, 9);
		u8(&p, 5);
		leb(&p, DW_LNCT_MD5);
		leb(&p, DW_FORM_data16);
		leb(&p, 0x2001); /* a vendor's column */
		leb(&p, DW_FORM_block);
		leb(&p, DW_LNCT_directory_index);
		leb(&p, DW_FORM_udata);
		leb(&p, DW_LNCT_size);
		leb(&p, DW_FORM_data8);
		leb(&p, DW_LNCT_path);
		leb(&p, DW_FORM_strp);
		leb(&p, 2);
		for (unsigned i = 0; i < 2; i++) {
			u64(&p, 0);
			u64(&p, 0);
			leb(&p, 3);
			hw_buf_add(&p.bytes, "abc", 3);
			leb(&p, i);
			u64(&p, 0);
			offset(&p, ((const unsigned[]){ 9, 0 })[i]);
		}
		end_header(&p);
		sections = sections_of(&p);
		sections.line_str = hw_bytes_of(line_str, sizeof line_str);
		sections.str = hw_bytes_of(str, sizeof str);
		assert_true(hw_line_table_init(&table, &sections, 0));
		assert_string_equal(hw_line_table_path(&table, 0, "/build", &path), "/build/second.cc");
		assert_string_equal(hw_line_table_path(&table, 1, "/build", &path), "/build/inc/strange/");
		assert_null(hw_line_table_path(&table, 2, "/build", &path));
		hw_line_table_fini(&table);
		hw_buf_fini(&p.bytes);

		/* Texts in the table itself, in the dwz file, and at offsets that are none. */
		begin(&p, &with);
		u8(&p, 1);
		leb(&p, DW_LNCT_path);
		leb(&p, DW_FORM_string);
		leb(&p, 1);
		text(&p, "here");
		u8(&p, 1);
		leb(&p, DW_LNCT_path);
		leb(&p, DW_FORM_GNU_strp_alt);
		leb(&p, 2);
		offset(&p, 2);
		offset(&p, 11);
		end_header(&p);
		sections = sections_of(&p);
		sections.alt = &alt;
		assert_true(hw_line_table_init(&table, &sections, 0));
		assert_string_equal(hw_line_table_path(&table, 0, "/b", &path), "/b/here/third.cc");
		assert_null(hw_line_table_path(&table, 1, "/b", &path));
		/* A unit's folder that is relative is not put in front of itself. */
		assert_string_equal(hw_line_table_path(&table, 0, "here", &path), "here/third.cc");
		hw_line_table_fini(&table);
		sections.alt = NULL;
		assert_true(hw_line_table_init(&table, &sections, 0));
		assert_null(hw_line_table_path(&table, 0, "/b", &path));
		hw_line_table_fini(&table);
		hw_buf_fini(&p.bytes);
		hw_buf_fini(&path);
	}
}

/* Cut anywhere in its header, or where there is nothing, a table is refused and empty; cut in its program, it is read. */
static void truncated_header_is_refused(void **state)
{
	struct hw_dwarf_sections sections;
	struct hw_line_table table;
	struct program p;
	size_t header_end;

	(void)state;
	begin_ordinary(&p);
	header_end = p.bytes.size;
	sections = sections_of(&p);
	assert_true(hw_line_table_init(&table, &sections, 0));
	hw_line_table_fini(&table);
	assert_false(hw_line_table_init(&table, &sections, header_end));
	assert_false(hw_line_table_init(&table, &sections, UINT64_MAX));
	assert_false(hw_line_table_init(&table, &(struct hw_dwarf_sections){ 0 }, 0));
	for (size_t size = 4; size < header_end; size++) {
		const uint32_t unit_length = (uint32_t)size - 4;
		char *copy = hw_alloc(size, 1);

		memcpy(copy, p.bytes.data, size);
		sections.line = hw_bytes_of(copy, size);
		assert_false(
			hw_line_table_init(&table, &sections, 0)); /* the unit reaches past the section */
		memcpy(copy, &unit_length, sizeof unit_length);
		assert_false(hw_line_table_init(&table, &sections, 0)); /* the header reaches past the unit */
		if (size >= p.header_end_of_length) {
			const uint32_t header_length = (uint32_t)(size - p.header_end_of_length);

			memcpy(copy + p.header_end_of_length - 4, &header_length, sizeof header_length);
			assert_false(hw_line_table_init(&table, &sections, 0)); /* the lists break off */
		}
		assert_int_equal(table.files.count, 0);
		free(copy);
	}
	hw_buf_fini(&p.bytes);
}

static void assert_refused(struct program *p)
{
	const struct hw_dwarf_sections sections = sections_of(p);
	struct hw_line_table table;

	assert_false(hw_line_table_init(&table, &sections, 0));
	assert_null(table.files.at);
	/* To find that out costs as much as if it made sense. */
	assert_int_equal(hw_line_table_size(&sections, 0), hw_bytes_left(&sections.line) - 4);
	hw_buf_fini(&p->bytes);
}

/* Versions nobody knows, a line_range of 0 (special opcodes divide by it) and an opcode_base of 0 make no sense. */
static void headers_without_sense_are_refused(void **state)
{
	struct parameters with = ordinary;
	struct program p;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		with.version = ((const uint16_t[]){ 1, 6 })[i];
		begin(&p, &with);
		old_lists(&p);
		assert_refused(&p);
	}
	with = ordinary;
	with.line_range = 0;
	begin(&p, &with);
	old_lists(&p);
	assert_refused(&p);
	with = ordinary;
	with.opcode_base = 0;
	begin(&p, &with);
	old_lists(&p);
	assert_refused(&p);
}

/* Lists that claim more entries than they can have, entries of nothing, or forms that are none are refused. */
static void lists_without_sense_are_refused(void **state)
{
	struct parameters with = ordinary;
	struct program p;

	(void)state;
	with.version = 5;
	for (unsigned kind = 0; kind < 4; kind++) {
		begin(&p, &with);
		u8(&p, kind != 1);
		if (kind != 1) {
			leb(&p, DW_LNCT_path);
			leb(&p, kind == 2 ? DW_FORM_flag_present : DW_FORM_string);
		}
		leb(&p, kind == 0 ? UINT64_MAX : kind == 3 ? 4 : 1);
		if (kind == 1) {
			u8(&p, 0);
			leb(&p, 0);
		}
		text(&p, "ab");
		u8(&p, 0);
		end_header(&p);
		assert_refused(&p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_of_old_tables),
		cmocka_unit_test(paths_of_new_tables),
		cmocka_unit_test(truncated_header_is_refused),
		cmocka_unit_test(headers_without_sense_are_refused),
		cmocka_unit_test(lists_without_sense_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
