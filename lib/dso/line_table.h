/* The headers of line tables (.debug_line; DWARF 5 section 6.2, and the same section of DWARF 2 to 4): files, and how the
 * opcodes of the program behind them are to be read (line_program.h). */
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
	/* Texts borrowed. Before DWARF 5, [0] is NULL: the unit's own folder. */
	HW_VEC(const char *) directories;
	HW_VEC(struct hw_line_file) files; /* before DWARF 5, [0] has no name: there is no file 0 */
	uint16_t version;
	uint8_t min_instruction_bytes;
	uint8_t max_operations; /* in an instruction: more than 1 on VLIW machines */
	int8_t line_base;
	uint8_t line_range;
	uint8_t opcode_base;
};

/* Bytes of the table at an offset of .debug_line, header and program: what reading it costs. 0 when there is none. */
uint64_t hw_line_table_size(const struct hw_dwarf_sections *sections, uint64_t line_foff);

/* Read the header of the line program at an offset of .debug_line (DW_AT_stmt_list). Texts and bytes are borrowed
 * from the sections, which must outlive the table. False, and a zeroed table, when there is none of a version (2 to 5)
 * that is understood, or when its header makes no sense. Finish with hw_line_table_fini either way. */
bool hw_line_table_init(struct hw_line_table *table, const struct hw_dwarf_sections *sections,
			uint64_t line_foff);
void hw_line_table_fini(struct hw_line_table *table);

/* Append a file as DWARF 2 to 4 have it behind its name: directory, time, size. False when the bytes end before, or when
 * the list is too long. */
bool hw_line_table_add_file(struct hw_line_table *table, const char *name, struct hw_bytes *in);

/* The path of a file, by the number that rows, DW_AT_decl_file and DW_AT_call_file have for it: with its directory and,
 * when that is relative, the unit's folder (DW_AT_comp_dir; NULL when unknown) in front. Nothing is tidied: "../" stays.
 * NULL when there is no such file. Borrowed from path, which is overwritten, until it changes. */
const char *hw_line_table_path(const struct hw_line_table *table, uint64_t file, const char *comp_dir,
			       struct hw_buf *path);

#endif
