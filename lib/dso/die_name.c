#include "dso/die_name.h"

#include <dwarf.h>
#include <stdbool.h>
#include <stddef.h>

#define STEPS_MAX 16

const char *hw_die_text(Dwarf_Die *die, unsigned attribute)
{
	Dwarf_Attribute attr;
	const char *text = dwarf_attr(die, attribute, &attr) ? dwarf_formstring(&attr) : NULL;

	return text && *text ? text : NULL;
}

static bool follow(Dwarf_Die *die, unsigned name)
{
	Dwarf_Attribute attr;
	Dwarf_Die to;

	if (!dwarf_attr(die, name, &attr) || !dwarf_formref_die(&attr, &to))
		return false;
	*die = to;
	return true;
}

void hw_die_origin(Dwarf_Die *origin, const Dwarf_Die *die)
{
	*origin = *die;
	(void)follow(origin, DW_AT_abstract_origin);
}

void hw_die_name_read(struct hw_die_name *name, const Dwarf_Die *die)
{
	Dwarf_Die at = *die;

	*name = (struct hw_die_name){ 0 };
	for (unsigned step = 0; step < STEPS_MAX; step++) {
		Dwarf_Attribute attr;
		Dwarf_Word line;

		if (!name->linkage_name)
			name->linkage_name = hw_die_text(&at, DW_AT_linkage_name);
		if (!name->linkage_name)
			name->linkage_name = hw_die_text(&at, DW_AT_MIPS_linkage_name);
		if (!name->name)
			name->name = hw_die_text(&at, DW_AT_name);
		if (!name->start_line && dwarf_attr(&at, DW_AT_decl_line, &attr) &&
		    dwarf_formudata(&attr, &line) == 0 && line <= INT32_MAX)
			name->start_line = (uint32_t)line;
		name->declared = at;
		if (!follow(&at, DW_AT_abstract_origin) && !follow(&at, DW_AT_specification))
			return;
	}
}
