/* Line tables: which line of which file an instruction was made from. */
#ifndef HW_DSO_LINES_H
#define HW_DSO_LINES_H

#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stdint.h>

struct hw_source_place {
	const char *
		file; /* complete where the compiler's folder is known; borrowed from libdw; NULL = unknown */
	uint32_t line;	 /* 0 unknown */
	uint32_t column; /* 0 unknown */
};

/* The place of an address of that unit; false when its line table (read once, kept by libdw) does not cover it. */
bool hw_line_find(struct hw_source_place *place, Dwarf_Die *unit, uint64_t svma);

/* The place of the call of an inlined function: DW_AT_call_file, _line, _column of its DIE. */
void hw_line_of_call(struct hw_source_place *place, Dwarf_Die *unit, Dwarf_Die *inlined);

#endif
