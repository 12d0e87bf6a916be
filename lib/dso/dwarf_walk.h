/* A cursor over the DIEs of a unit in the order of its tree, that enters or passes over what is below each. */
#ifndef HW_DSO_DWARF_WALK_H
#define HW_DSO_DWARF_WALK_H

#include "dso/dwarf_die.h"

/* DIEs nested deeper are passed over. */
#define HW_DWARF_DEPTH_MAX 256

struct hw_dwarf_walk {
	const struct hw_dwarf_unit *unit; /* borrowed */
	const struct hw_dwarf_abbrevs *abbrevs;
	/* The DIE at hand. */
	const struct hw_dwarf_abbrev *abbrev;
	const uint8_t *start;
	unsigned depth; /* 0: below the root */

	struct hw_bytes bytes; /* behind the abbreviation's code */
	bool at_end;
};

/* Start in front of the root's first child. The table of abbreviations is the cache's: it must not be asked for many
 * others meanwhile. */
void hw_dwarf_walk_open(struct hw_dwarf_walk *walk, const struct hw_dwarf_unit *unit,
			struct hw_dwarf_abbrev_cache *cache);

/* Skip the DIEs below, up to the entry that ends them. */
void hw_dwarf_walk_skip_children(struct hw_dwarf_walk *walk);

/* Go on to the next DIE; false at the end and where nothing can be read any more. To be followed by _enter or _over. */
static inline bool hw_dwarf_walk_next(struct hw_dwarf_walk *walk)
{
	while (!walk->at_end) {
		uint64_t code;

		walk->start = walk->bytes.at;
		code = hw_dwarf_uleb(&walk->bytes);
		if (code) {
			walk->abbrev = hw_dwarf_abbrevs_find(walk->abbrevs, code);
			walk->at_end = !walk->abbrev || walk->abbrev->is_broken;
			return !walk->at_end;
		}
		walk->at_end = walk->bytes.overrun || walk->depth == 0;
		walk->depth--;
	}
	return false;
}

/* Where a DIE's sibling starts, when DW_AT_sibling says something that makes sense; else NULL. */
static inline const uint8_t *hw_dwarf_walk_sibling(const struct hw_dwarf_walk *walk, uint64_t sibling)
{
	if (sibling > (uint64_t)(walk->bytes.end - walk->unit->start) ||
	    walk->unit->start + sibling <= walk->bytes.at)
		return NULL;
	return walk->unit->start + sibling;
}

/* Go below the DIE at hand. */
static inline void hw_dwarf_walk_enter(struct hw_dwarf_walk *walk)
{
	(void)hw_dwarf_skip_die(walk->abbrevs, walk->abbrev, &walk->bytes);
	if (!walk->abbrev->has_children)
		return;
	if (walk->depth + 1 < HW_DWARF_DEPTH_MAX)
		walk->depth++;
	else
		hw_dwarf_walk_skip_children(walk);
}

/* Pass over the DIE at hand and all that is below it. */
static inline void hw_dwarf_walk_over(struct hw_dwarf_walk *walk)
{
	const uint64_t sibling = hw_dwarf_skip_die(walk->abbrevs, walk->abbrev, &walk->bytes);
	const uint8_t *next;

	if (!walk->abbrev->has_children)
		return;
	next = hw_dwarf_walk_sibling(walk, sibling);
	if (next)
		walk->bytes.at = next;
	else
		hw_dwarf_walk_skip_children(walk);
}

/* The DIE at hand, for its attributes. */
static inline struct hw_die hw_dwarf_walk_die(const struct hw_dwarf_walk *walk)
{
	return (struct hw_die){
		.unit = walk->unit,
		.abbrevs = walk->abbrevs,
		.abbrev = walk->abbrev,
		.start = walk->start,
		.rest = walk->bytes,
	};
}

#endif
