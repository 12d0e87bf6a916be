/* Units of .debug_info: their headers, what their root DIEs say about all of them, and what values in them mean
 * (DWARF 5 sections 7.5.1 and 3.1; DWARF 2 to 4, GNU's split units). */
#ifndef HW_DSO_DWARF_UNIT_H
#define HW_DSO_DWARF_UNIT_H

#include "base/vec.h"
#include "dso/dwarf_abbrev.h"
#include "dso/dwarf_sections.h"

struct hw_dwarf_units;
struct hw_die_scopes; /* dso/die_scope.h */

/* The attributes of a DIE that say where its code is, as they stand: dso/dwarf_ranges.h knows what they mean. */
struct hw_dwarf_code {
	struct hw_dwarf_value low_pc, high_pc, ranges;
};

struct hw_dwarf_unit {
	const struct hw_dwarf_units *home; /* the list it is in; borrowed */
	const uint8_t *start;		   /* its header, from which DW_FORM_ref4 and the like count */
	struct hw_bytes dies;		   /* from the root DIE to the end */
	uint64_t abbrev_offset;
	struct hw_dwarf_encoding encoding;
	uint8_t type; /* DW_UT_*; before DWARF 5 DW_UT_compile */

	/* Of the root DIE; zeroed until hw_dwarf_unit_read_root. */
	uint16_t tag;	   /* DW_TAG_compile_unit, _partial_unit, ...; 0 when it cannot be read */
	uint16_t language; /* DW_LANG_* */
	bool has_lines, has_dwo_id;
	uint64_t lines_offset; /* DW_AT_stmt_list */
	uint64_t dwo_id;       /* a skeleton's or split unit's, from header or root */
	uint64_t low_pc_svma;  /* what its range lists count from; 0 */
	uint64_t addr_base, str_offsets_base, rnglists_base; /* offsets in their sections */
	uint64_t ranges_base;	  /* in .debug_ranges: of a split unit of DWARF 4, whose skeleton gives it */
	uint64_t gnu_ranges_base; /* what a skeleton gives */
	const char *comp_dir, *dwo_name; /* borrowed from the sections; NULL = none */
	struct hw_dwarf_code code;
};

/* All units of one file, by their place. */
struct hw_dwarf_units {
	const struct hw_dwarf_sections *sections; /* borrowed */
	const struct hw_dwarf_units *alt;	  /* of the dwz file; borrowed, NULL = none */
	HW_VEC(struct hw_dwarf_unit) list;
	/* Of each unit, made by the thread that needs them first: hw_die_scopes_get. */
	_Atomic(struct hw_die_scopes *) *scopes;
};

/* List the units of the sections, root DIEs unread, up to the first header that makes no sense. Units with another
 * version than 2 to 5 or another address size than 4 or 8 are left out. */
void hw_dwarf_units_init(struct hw_dwarf_units *units, const struct hw_dwarf_sections *sections,
			 const struct hw_dwarf_units *alt);
void hw_dwarf_units_fini(struct hw_dwarf_units *units);

/* Read the root DIE's attributes. Bases a split unit has from its skeleton must be there before. */
void hw_dwarf_unit_read_root(struct hw_dwarf_unit *unit, struct hw_dwarf_abbrev_cache *cache);

/* The table of the unit; see hw_dwarf_abbrevs_get. */
const struct hw_dwarf_abbrevs *hw_dwarf_unit_abbrevs(const struct hw_dwarf_unit *unit,
						     struct hw_dwarf_abbrev_cache *cache);

/* The unit whose DIEs an offset in .debug_info lies in, or NULL. */
const struct hw_dwarf_unit *hw_dwarf_units_find(const struct hw_dwarf_units *units, uint64_t offset);

/* A value as text, borrowed from the sections; NULL when it is none, is empty, or does not end
 * within 1 MiB. */
const char *hw_dwarf_unit_text(const struct hw_dwarf_unit *unit, const struct hw_dwarf_value *value);

/* A value as an address; false when it is none. */
bool hw_dwarf_unit_address(const struct hw_dwarf_unit *unit, const struct hw_dwarf_value *value,
			   uint64_t *svma);

/* Entry `index` of the unit's part of .debug_addr; false when there is none. */
bool hw_dwarf_unit_address_at(const struct hw_dwarf_unit *unit, uint64_t index, uint64_t *svma);

/* The DIE a reference means: its unit, and where it starts; NULL when there is none. */
const struct hw_dwarf_unit *hw_dwarf_unit_follow(const struct hw_dwarf_unit *unit,
						 const struct hw_dwarf_value *value, const uint8_t **die);

/* An offset in a section, from a value of any class that offsets had in DWARF 2 to 5; false when it is none. */
bool hw_dwarf_section_offset(const struct hw_dwarf_value *value, uint64_t *offset);

#endif
