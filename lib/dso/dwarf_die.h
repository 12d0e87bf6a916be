/* A DIE: one entry of a unit's tree, and a cursor over its attributes. */
#ifndef HW_DSO_DWARF_DIE_H
#define HW_DSO_DWARF_DIE_H

#include "dso/dwarf_unit.h"

struct hw_die {
	const struct hw_dwarf_unit *unit; /* borrowed */
	const struct hw_dwarf_abbrevs *abbrevs;
	const struct hw_dwarf_abbrev *abbrev;
	const uint8_t *start;
	struct hw_bytes rest; /* of its attributes, and what follows them */
	uint32_t next_spec;
};

/* The DIE that starts there; false when none can be read. Its table is the cache's: see hw_dwarf_abbrevs_get. */
bool hw_die_open(struct hw_die *die, const struct hw_dwarf_unit *unit, const uint8_t *start,
		 struct hw_dwarf_abbrev_cache *cache) HW_CHECKED;

/* Cursor over its attributes (DW_AT_*): true with the next one. */
bool hw_die_next_attribute(struct hw_die *die, unsigned *name, struct hw_dwarf_value *value);

#endif
