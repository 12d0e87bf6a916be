/* Line programs: which line of which file an instruction was made from (DWARF 5 section 6.2.5).
 *
 * A program emits rows in the order of addresses, and may be long: it is run once for all addresses that are asked of a
 * unit, and no row is kept but theirs. Everything here is bounded by the size of the program. */
#ifndef HW_DSO_LINE_PROGRAM_H
#define HW_DSO_LINE_PROGRAM_H

#include "dso/line_table.h"

/* What the table says about one address. */
struct hw_line_row {
	uint64_t svma;	 /* where the row starts: at or before the address */
	uint32_t file;	 /* for hw_line_table_path */
	uint32_t line;	 /* 0: the instruction belongs to no line */
	uint32_t column; /* 0: unknown, or the left edge */
	bool found;	 /* false: no row covers the address; the rest is 0 */
};

/* Run the program: rows[i] becomes the row that covers svmas[i]. svmas ascends; equal neighbours are allowed.
 *
 * The row is the last one at or below the address in a sequence that reaches beyond it, as libdw and addr2line have
 * it: of rows at one address the last emitted, whether or not it is the start of a statement; where sequences overlap,
 * the row nearest to the address. Sequences that start below code_start_svma (the lowest address code has in the file),
 * or at -1 or -2, are of functions the linker left out, and are passed over. A program that breaks off gives the rows
 * up to there. One that defines files (DW_LNE_define_file) adds them to the table. */
void hw_line_program_run(struct hw_line_table *table, uint64_t code_start_svma, const uint64_t *svmas,
			 size_t count, struct hw_line_row *rows);

#endif
