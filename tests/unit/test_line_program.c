/* Line programs: the rows of addresses. */
#include "tests/lib/line_builder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>

/* The lines of `count` addresses from start_svma on; 0 where no row covers one. */
static void assert_lines(struct program *p, uint64_t start_svma, const uint32_t *lines, size_t count)
{
	struct hw_line_table table;
	struct hw_line_row rows[64];
	uint64_t svmas[64];

	assert_true(count <= HW_COUNT_OF(svmas));
	for (size_t i = 0; i < count; i++)
		svmas[i] = start_svma + i;
	run(p, &table, svmas, count, rows);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(rows[i].line, lines[i]);
		assert_int_equal(rows[i].found, lines[i] != 0);
	}
	hw_line_table_fini(&table);
	hw_buf_fini(&p->bytes);
}

#define ASSERT_LINES(p, start, ...)                               \
	assert_lines((p), (start), (const uint32_t[])__VA_ARGS__, \
		     sizeof((const uint32_t[])__VA_ARGS__) / sizeof(uint32_t))

/* A row covers the addresses up to the next one; nothing is known before the first and from end_sequence on. */
static void row_covers_what_lies_before_the_next(void **state)
{
	struct program p;

	(void)state;
	begin_ordinary(&p);
	set_address(&p, CODE);
	row(&p, 0, 9);
	row(&p, 2, 10);
	row(&p, 1, -5);
	end_sequence(&p, 2);
	ASSERT_LINES(&p, CODE - 1, { 0, 10, 10, 20, 15, 15, 0 });
}

/* Of rows at the same address the last one counts. */
static void last_row_at_an_address_counts(void **state)
{
	struct program p;

	(void)state;
	begin_ordinary(&p);
	set_address(&p, CODE);
	row(&p, 0, 1);
	row(&p, 0, 1);
	row(&p, 1, 1);
	row(&p, 0, 1);
	end_sequence(&p, 1);
	ASSERT_LINES(&p, CODE, { 3, 5, 0 });
}

/* Special opcodes, const_add_pc and fixed_advance_pc advance as section 6.2.5 says. */
static void opcodes_advance_by_the_header(void **state)
{
	struct program p;

	(void)state;
	begin(&p, &(struct parameters){
			  .version = 3, .min_instruction_bytes = 2, .opcode_base = 13, .line_range = 14 });
	old_lists(&p);
	set_address(&p, CODE);
	u8(&p, 13 + (7 - -5) + 14 * 0);	 /* line 8 at + 0 */
	u8(&p, 13 + (-2 - -5) + 14 * 1); /* line 6 at + 2 */
	u8(&p, DW_LNS_const_add_pc);	 /* (255 - 13) / 14 = 17 instructions of 2 bytes */
	u8(&p, DW_LNS_copy);		 /* line 6 at + 36 */
	u8(&p, DW_LNS_fixed_advance_pc);
	u16(&p, 3);
	u8(&p, 13 + (4 - -5)); /* line 10 at + 39 */
	end_sequence(&p, 1);
	ASSERT_LINES(&p, CODE, { 8, 8, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6,  6,  6,
				 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 10, 10, 0 });
}

/* On a VLIW machine operations count within an instruction, and addresses advance by whole ones. */
static void operations_of_an_instruction_share_its_address(void **state)
{
	struct program p;

	(void)state;
	begin(&p, &(struct parameters){ .version = 4,
					.min_instruction_bytes = 4,
					.max_operations = 3,
					.opcode_base = 13,
					.line_range = 14 });
	old_lists(&p);
	set_address(&p, CODE);
	row(&p, 0, 1);		 /* line 2, operation 0 */
	row(&p, 2, 1);		 /* line 3, operation 2 of the same */
	row(&p, 2, 1);		 /* line 4, operation 1 of the next */
	u8(&p, 13 + 5 + 14 * 2); /* line 4, operation 0 of the third */
	advance_line(&p, 1);
	u8(&p, DW_LNS_copy); /* line 5 there */
	end_sequence(&p, 3);
	ASSERT_LINES(&p, CODE, { 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0 });
}

/* Sequences come in any order. */
static void sequences_need_no_order(void **state)
{
	struct program p;

	(void)state;
	begin_ordinary(&p);
	set_address(&p, CODE + 4);
	row(&p, 0, 49);
	end_sequence(&p, 2);
	set_address(&p, CODE);
	row(&p, 0, 9);
	end_sequence(&p, 2);
	set_address(&p, CODE + 6);
	row(&p, 0, 69);
	end_sequence(&p, 1);
	ASSERT_LINES(&p, CODE, { 10, 10, 0, 0, 50, 50, 70, 0 });
}

/* Where sequences overlap, the row nearest to the address counts; of two equally near ones the later. */
static void nearest_row_counts_where_sequences_overlap(void **state)
{
	struct program p;

	(void)state;
	begin_ordinary(&p);
	set_address(&p, CODE + 2);
	row(&p, 0, 19);
	end_sequence(&p, 2);
	set_address(&p, CODE);
	row(&p, 0, 9);
	end_sequence(&p, 8);
	set_address(&p, CODE + 6);
	row(&p, 0, 29);
	end_sequence(&p, 1);
	set_address(&p, CODE + 6);
	row(&p, 0, 39);
	end_sequence(&p, 1);
	ASSERT_LINES(&p, CODE, { 10, 10, 20, 20, 10, 10, 40, 10, 0 });
}

/* Functions the linker left out start at 0, or at -1 or -2 of the address's width: they cover nothing. */
static void sequences_of_code_that_was_left_out_are_passed_over(void **state)
{
	static const uint64_t dead_svmas[] = { 0, 0x20, CODE - 1, UINT64_MAX, UINT64_MAX - 1 };
	struct program p;

	(void)state;
	begin_ordinary(&p);
	set_address(&p, CODE);
	row(&p, 0, 9);
	end_sequence(&p, 2);
	for (size_t i = 0; i < HW_COUNT_OF(dead_svmas); i++) {
		set_address(&p, dead_svmas[i]);
		row(&p, 0, 665);
		row(&p, CODE + 2, 0);
		end_sequence(&p, 100);
	}
	extended(&p, 5, DW_LNE_set_address);
	u32(&p, UINT32_MAX);
	row(&p, 0, 665);
	advance_pc(&p, UINT64_MAX - UINT32_MAX + CODE + 1);
	u8(&p, DW_LNS_copy);
	end_sequence(&p, 10);
	ASSERT_LINES(&p, CODE - 1, { 0, 10, 10, 0, 0 });
}

/* Advancing past the end of the address space goes on at its start, and covers nothing on the way. */
static void advance_wraps_around(void **state)
{
	struct program p;

	(void)state;
	begin_ordinary(&p);
	set_address(&p, CODE + 2);
	row(&p, 0, 9);
	row(&p, UINT64_MAX - 1, 10); /* back by 2 */
	row(&p, 1, 10);
	end_sequence(&p, 1);
	ASSERT_LINES(&p, CODE, { 20, 30, 0, 0 });
}

/* Opcodes the standard has no name for, and standard ones with another number of operands, are skipped with theirs. */
static void opcodes_of_other_lengths_are_skipped(void **state)
{
	static const uint8_t lengths[] = { 0, 1, 1, 1, 1, 0, 2, 0, 1, 0, 0, 1, 3, 0 };
	struct program p;

	(void)state;
	begin(&p, &(struct parameters){ .version = 4,
					.min_instruction_bytes = 1,
					.max_operations = 1,
					.opcode_base = 15,
					.line_range = 14,
					.lengths = lengths });
	old_lists(&p);
	set_address(&p, CODE);
	row(&p, 0, 9);
	u8(&p, DW_LNS_set_basic_block); /* here with two operands */
	leb(&p, DW_LNS_copy);
	leb(&p, 300);
	u8(&p, 13);
	leb(&p, 1);
	leb(&p, UINT64_MAX);
	leb(&p, 1);
	u8(&p, 14);
	extended(&p, 4, DW_LNE_lo_user);
	u8(&p, DW_LNS_copy);
	u16(&p, 0x0101);
	extended(&p, 2, DW_LNE_set_discriminator);
	leb(&p, 7);
	u8(&p, 15 + (1 - -5) + 14 * 1);
	end_sequence(&p, 1);
	ASSERT_LINES(&p, CODE, { 10, 11, 0 });
}

/* With an opcode_base of 1 every opcode but 0 is special; with one of 10, as DWARF 2 has it, 10 to 12 are. */
static void opcode_base_decides_what_is_special(void **state)
{
	struct program p;

	(void)state;
	begin(&p, &(struct parameters){
			  .version = 2, .min_instruction_bytes = 1, .opcode_base = 1, .line_range = 14 });
	old_lists(&p);
	set_address(&p, CODE);
	u8(&p, 1 + (2 - -5)); /* 8, elsewhere const_add_pc: line 3 */
	u8(&p, 1 + (0 - -5) + 14);
	extended(&p, 1, DW_LNE_end_sequence);
	ASSERT_LINES(&p, CODE, { 3, 0 });

	begin(&p, &(struct parameters){
			  .version = 2, .min_instruction_bytes = 1, .opcode_base = 10, .line_range = 4 });
	old_lists(&p);
	set_address(&p, CODE);
	row(&p, 0, 99);
	u8(&p, 12); /* elsewhere set_isa: line 97, as line_base is -5 */
	end_sequence(&p, 1);
	ASSERT_LINES(&p, CODE, { 97, 0 });
}

/* File and column go with the row; numbers that no file can have give no path, a column beyond 32 bits none. */
static void row_has_file_and_column(void **state)
{
	static const uint64_t svmas[] = { CODE, CODE + 1, CODE + 2 };
	struct hw_buf path = { 0 };
	struct hw_line_table table;
	struct hw_line_row rows[3];
	struct program p;

	(void)state;
	begin_ordinary(&p);
	set_address(&p, CODE);
	row(&p, 0, 0);
	u8(&p, DW_LNS_set_file);
	leb(&p, 3);
	u8(&p, DW_LNS_set_column);
	leb(&p, 300);
	row(&p, 1, 0);
	u8(&p, DW_LNS_set_file);
	leb(&p, UINT64_C(0x100000003));
	u8(&p, DW_LNS_set_column);
	leb(&p, UINT64_C(0x100000003));
	row(&p, 1, 0);
	end_sequence(&p, 1);
	run(&p, &table, svmas, 3, rows);
	assert_string_equal(hw_line_table_path(&table, rows[0].file, "/src", &path), "/src/main.c");
	assert_int_equal(rows[0].column, 0);
	assert_string_equal(hw_line_table_path(&table, rows[1].file, "/src", &path), "/usr/include/stdio.h");
	assert_int_equal(rows[1].column, 300);
	assert_int_equal(rows[1].svma, CODE + 1);
	assert_null(hw_line_table_path(&table, rows[2].file, "/src", &path));
	assert_int_equal(rows[2].column, 0);
	hw_buf_fini(&path);
	hw_line_table_fini(&table);
	hw_buf_fini(&p.bytes);
}

/* DW_LNE_define_file adds a file that later rows may have. */
static void program_may_define_files(void **state)
{
	static const uint64_t svmas[] = { CODE };
	struct hw_buf path = { 0 };
	struct hw_line_table table;
	struct hw_line_row rows[1];
	struct program p;

	(void)state;
	begin_ordinary(&p);
	extended(&p, 1 + 6 + 3, DW_LNE_define_file);
	text(&p, "new.c");
	leb(&p, 1);
	leb(&p, 0);
	leb(&p, 0);
	u8(&p, DW_LNS_set_file);
	leb(&p, 4);
	set_address(&p, CODE);
	row(&p, 0, 0);
	end_sequence(&p, 1);
	run(&p, &table, svmas, 1, rows);
	assert_string_equal(hw_line_table_path(&table, rows[0].file, "/src", &path), "/src/sub/new.c");
	hw_buf_fini(&path);
	hw_line_table_fini(&table);
	hw_buf_fini(&p.bytes);
}

/* Equal addresses asked for get the same row, those of gaps none, and UINT64_MAX is an address like others. */
static void addresses_may_be_equal_and_anywhere(void **state)
{
	static const uint64_t svmas[] = { 0, CODE - 1, CODE, CODE, CODE + 1, CODE + 8, UINT64_MAX };
	struct hw_line_table table;
	struct hw_line_row rows[HW_COUNT_OF(svmas)];
	struct program p;

	(void)state;
	begin_ordinary(&p);
	set_address(&p, CODE);
	row(&p, 0, 9);
	end_sequence(&p, 2);
	run(&p, &table, svmas, HW_COUNT_OF(svmas), rows);
	for (size_t i = 0; i < HW_COUNT_OF(svmas); i++)
		assert_int_equal(rows[i].line, i >= 2 && i <= 4 ? 10 : 0);
	hw_line_program_run(&table, CODE, NULL, 0, NULL);
	hw_line_table_fini(&table);
	hw_buf_fini(&p.bytes);
}

/* A program that breaks off gives the rows it made; the last one covers nothing, as nobody says where it ends. */
static void broken_program_gives_the_rows_before(void **state)
{
	struct program p;

	(void)state;
	begin_ordinary(&p);
	set_address(&p, CODE);
	row(&p, 0, 9);
	row(&p, 2, 1);
	extended(&p, 200, DW_LNE_set_address);
	u32(&p, 0);
	ASSERT_LINES(&p, CODE, { 10, 10, 0 });
}

/* However often a program goes back, it tries a bounded number of rows, and the addresses keep one of them. */
static void program_that_goes_back_and_forth_ends(void **state)
{
	static uint64_t svmas[4096];
	static struct hw_line_row rows[HW_COUNT_OF(svmas)];
	struct hw_line_table table;
	struct program p;

	(void)state;
	begin_ordinary(&p);
	for (unsigned i = 0; i < 1000; i++) {
		set_address(&p, CODE);
		row(&p, 0, 1);
		advance_pc(&p, HW_COUNT_OF(svmas));
		u8(&p, DW_LNS_copy);
	}
	end_sequence(&p, 1);
	for (size_t i = 0; i < HW_COUNT_OF(svmas); i++)
		svmas[i] = CODE + i;
	run(&p, &table, svmas, HW_COUNT_OF(svmas), rows);
	for (size_t i = 0; i < HW_COUNT_OF(svmas); i++)
		assert_true(rows[i].found && rows[i].line > 2 && rows[i].line < 1000);
	hw_line_table_fini(&table);
	hw_buf_fini(&p.bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(row_covers_what_lies_before_the_next),
		cmocka_unit_test(last_row_at_an_address_counts),
		cmocka_unit_test(opcodes_advance_by_the_header),
		cmocka_unit_test(operations_of_an_instruction_share_its_address),
		cmocka_unit_test(sequences_need_no_order),
		cmocka_unit_test(nearest_row_counts_where_sequences_overlap),
		cmocka_unit_test(sequences_of_code_that_was_left_out_are_passed_over),
		cmocka_unit_test(advance_wraps_around),
		cmocka_unit_test(opcodes_of_other_lengths_are_skipped),
		cmocka_unit_test(opcode_base_decides_what_is_special),
		cmocka_unit_test(row_has_file_and_column),
		cmocka_unit_test(program_may_define_files),
		cmocka_unit_test(addresses_may_be_equal_and_anywhere),
		cmocka_unit_test(broken_program_gives_the_rows_before),
		cmocka_unit_test(program_that_goes_back_and_forth_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
