/* The addresses a DIE stands for: DW_AT_low_pc and _high_pc, or a list in .debug_ranges (DWARF 4 section 2.17.3) or
 * .debug_rnglists (DWARF 5 section 2.17.3). */
#ifndef HW_DSO_DWARF_RANGES_H
#define HW_DSO_DWARF_RANGES_H

#include "dso/dwarf_die.h"

struct hw_dwarf_ranges {
	const struct hw_dwarf_unit *unit; /* borrowed */
	uint64_t start_svma, limit_svma;  /* of the only range, when there is no list */
	uint64_t base_svma;
	struct hw_bytes list;
	uint32_t barren; /* entries since the last range that gave none */
	enum { HW_DWARF_RANGES_NONE, HW_DWARF_RANGES_ONE, HW_DWARF_RANGES_OLD, HW_DWARF_RANGES_NEW } kind;
};

/* Read the attributes of a DIE that was just opened. */
void hw_dwarf_code_read(struct hw_dwarf_code *code, struct hw_die *die);

/* Keep an attribute when it is one of them. */
void hw_dwarf_code_keep(struct hw_dwarf_code *code, unsigned name, const struct hw_dwarf_value *value);

/* Start over the ranges of a DIE of that unit. */
void hw_dwarf_ranges_open(struct hw_dwarf_ranges *ranges, const struct hw_dwarf_unit *unit,
			  const struct hw_dwarf_code *code);

/* The next range [start, limit); false at the end, and where a list breaks off. It may be empty, or lie anywhere:
 * linkers leave the ranges of functions they left out. */
bool hw_dwarf_ranges_next(struct hw_dwarf_ranges *ranges, uint64_t *start_svma, uint64_t *limit_svma);

#endif
