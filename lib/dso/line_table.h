/* Line tables: which line of which file an instruction was made from (.debug_line; DWARF 5 section 6.2, and the same
 * section of DWARF 2 to 4).
 *
 * A table is a program that emits rows in the order of addresses, and may be long: it is run once for all addresses
 * that are asked of a unit, and no row is kept but theirs. Everything here is bounded by the size of the program. */
#ifndef HW_DSO_LINE_TABLE_H
#define HW_DSO_LINE_TABLE_H

#include "base/buf.h"
#include "base/bytes.h"
#include "base/vec.h"
#include "dso/dwarf_sections.h"

#include <stdbool.h>
#include <stdint.h>

/* A file of the table's list. */
struct hw_line_file {
	const char *name;   /* borrowed from a section; NULL = in a form that is not understood */
	uint32_t directory; /* index into the list of directories */
};

/* The header of a line program, decoded. Zeroed is a table without rows and files. */
struct hw_line_table {
	struct hw_bytes program;       /* borrowed from the section */
	const uint8_t *opcode_lengths; /* of standard opcode i at [i - 1]; borrowed */
	HW_VEC(const char *)
	directories; /* texts borrowed; before DWARF 5, [0] is NULL: the unit's own folder */
	HW_VEC(struct hw_line_file) files; /* before DWARF 5, [0] has no name: there is no file 0 */
	uint16_t version;
	uint8_t min_instruction_bytes;
	uint8_t max_operations; /* in an instruction: more than 1 on VLIW machines */
	int8_t line_base;
	uint8_t line_range;
	uint8_t opcode_base;
};

/* What the table says about one address. */
struct hw_line_row {
	uint64_t svma;	 /* where the row starts: at or before the address */
	uint32_t file;	 /* for hw_line_table_path */
	uint32_t line;	 /* 0: the instruction belongs to no line */
	uint32_t column; /* 0: unknown, or the left edge */
	bool found;	 /* false: no row covers the address; the rest is 0 */
};

/* Read the header of the line program at an offset of .debug_line (DW_AT_stmt_list). Texts and bytes are borrowed
 * from the sections, which must outlive the table. False, and a zeroed table, when there is none of a version (2 to 5)
 * that is understood, or when its header makes no sense. Finish with hw_line_table_fini either way. */
bool hw_line_table_init(struct hw_line_table *table, const struct hw_dwarf_sections *sections,
			uint64_t line_foff);
void hw_line_table_fini(struct hw_line_table *table);

/* Run the program: rows[i] becomes the row that covers svmas[i]. svmas ascends; equal neighbours are allowed.
 *
 * The row is the last one at or below the address in a sequence that reaches beyond it, as libdw and addr2line have
 * it: of rows at one address the last emitted, whether or not it is the start of a statement; where sequences overlap,
 * the row nearest to the address. Sequences that start below code_start_svma (the lowest address code has in the file),
 * or at -1 or -2, are of functions the linker left out, and are passed over. A program that breaks off gives the rows
 * up to there. One that defines files (DW_LNE_define_file) adds them to the table. */
void hw_line_table_run(struct hw_line_table *table, uint64_t code_start_svma, const uint64_t *svmas,
		       size_t count, struct hw_line_row *rows);

/* The path of a file, by the number that rows, DW_AT_decl_file and DW_AT_call_file have for it: with its directory and,
 * when that is relative, the unit's folder (DW_AT_comp_dir; NULL when unknown) in front. Nothing is tidied: "../" stays.
 * NULL when there is no such file. Borrowed from path, which is overwritten, until it changes. */
const char *hw_line_table_path(const struct hw_line_table *table, uint64_t file, const char *comp_dir,
			       struct hw_buf *path);

#endif
