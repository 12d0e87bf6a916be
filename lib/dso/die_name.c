#include "dso/die_name.h"

#include <dwarf.h>

#define STEPS_MAX 16

const char *hw_die_text(struct hw_die *die, unsigned attribute)
{
	struct hw_dwarf_value value;
	unsigned name;

	while (hw_die_next_attribute(die, &name, &value))
		if (name == attribute)
			return hw_dwarf_unit_text(die->unit, &value);
	return NULL;
}

/* Attributes of one DIE whose text was looked for: a second one is none, or a search for a text's end would be had for
 * each. */
struct looked_for {
	bool name, linkage_name;
};

static void keep(struct hw_die_name *name, const struct hw_dwarf_unit *unit, unsigned attribute,
		 const struct hw_dwarf_value *value, struct looked_for *looked_for)
{
	switch (attribute) {
	case DW_AT_linkage_name:
	case DW_AT_MIPS_linkage_name:
		if (!name->linkage_name && !looked_for->linkage_name)
			name->linkage_name = hw_dwarf_unit_text(unit, value);
		looked_for->linkage_name = true;
		break;
	case DW_AT_name:
		if (!name->name && !looked_for->name)
			name->name = hw_dwarf_unit_text(unit, value);
		looked_for->name = true;
		break;
	case DW_AT_decl_line:
		if (!name->start_line && value->kind == HW_DWARF_NUMBER && value->number <= INT32_MAX)
			name->start_line = (uint32_t)value->number;
		break;
	default:
		break;
	}
}

/* Read one DIE of the chain; where it leads is an abstract origin, else a specification, else nothing. */
static struct hw_dwarf_value read_step(struct hw_die_name *name, struct hw_die *die)
{
	struct hw_dwarf_value origin = { 0 }, specification = { 0 }, value;
	struct looked_for looked_for = { 0 };
	unsigned attribute;

	while (hw_die_next_attribute(die, &attribute, &value)) {
		keep(name, die->unit, attribute, &value, &looked_for);
		if (attribute == DW_AT_abstract_origin)
			origin = value;
		else if (attribute == DW_AT_specification)
			specification = value;
	}
	return origin.kind != HW_DWARF_NONE ? origin : specification;
}

void hw_die_name_read(struct hw_die_name *name, const struct hw_dwarf_unit *unit, const uint8_t *die,
		      struct hw_dwarf_abbrev_cache *cache)
{
	*name = (struct hw_die_name){ 0 };
	for (unsigned step = 0; unit && step < STEPS_MAX; step++) {
		struct hw_dwarf_value to;
		struct hw_die at;

		name->unit = unit;
		name->declared = die;
		if (!hw_die_open(&at, unit, die, cache))
			return;
		to = read_step(name, &at);
		unit = hw_dwarf_unit_follow(unit, &to, &die);
	}
}
