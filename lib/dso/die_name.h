/* What a function's DIE says about its name, following it to the DIEs it was made from. */
#ifndef HW_DSO_DIE_NAME_H
#define HW_DSO_DIE_NAME_H

#include "dso/dwarf_die.h"

struct hw_die_name {
	const char *
		linkage_name; /* mangled; NULL when the DIEs give none. Borrowed from the sections, as is name */
	const char *name;     /* as declared, without its scope; NULL when nameless */
	uint32_t start_line; /* of the definition where known, else of the declaration; 0 unknown */
	/* The last DIE of the chain: the one that stands in its namespace or class. */
	const struct hw_dwarf_unit *unit;
	const uint8_t *declared;
};

/* Read a DW_TAG_subprogram or _inlined_subroutine: its own attributes first, then those of its abstract origin and
 * of the declaration it specifies (DWARF 5 sections 3.3.8.2 and 2.13.2), 16 steps at most. */
void hw_die_name_read(struct hw_die_name *name, const struct hw_dwarf_unit *unit, const uint8_t *die,
		      struct hw_dwarf_abbrev_cache *cache);

/* A text attribute (DW_AT_*) of a DIE that was just opened, borrowed from the sections; NULL when it has none or an
 * empty one. */
const char *hw_die_text(struct hw_die *die, unsigned attribute);

#endif
