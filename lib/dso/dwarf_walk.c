#include "dso/dwarf_walk.h"

void hw_dwarf_walk_open(struct hw_dwarf_walk *walk, const struct hw_dwarf_unit *unit,
			struct hw_dwarf_abbrev_cache *cache)
{
	*walk = (struct hw_dwarf_walk){ .unit = unit, .bytes = unit->dies };
	walk->abbrevs = hw_dwarf_unit_abbrevs(unit, cache);
	if (!hw_dwarf_walk_next(walk))
		return;
	(void)hw_dwarf_skip_die(walk->abbrevs, walk->abbrev, &walk->bytes);
	walk->at_end = !walk->abbrev->has_children;
}

void hw_dwarf_walk_skip_children(struct hw_dwarf_walk *walk)
{
	uint64_t depth = 1;

	while (depth && !walk->bytes.overrun) {
		const uint64_t code = hw_dwarf_uleb(&walk->bytes);
		const struct hw_dwarf_abbrev *abbrev;
		const uint8_t *next;
		uint64_t sibling;

		if (!code) {
			depth--;
			continue;
		}
		abbrev = hw_dwarf_abbrevs_find(walk->abbrevs, code);
		if (!abbrev || abbrev->is_broken)
			break;
		sibling = hw_dwarf_skip_die(walk->abbrevs, abbrev, &walk->bytes);
		if (!abbrev->has_children)
			continue;
		next = hw_dwarf_walk_sibling(walk, sibling);
		if (next)
			walk->bytes.at = next;
		else
			depth++;
	}
	walk->at_end = depth > 0;
}
