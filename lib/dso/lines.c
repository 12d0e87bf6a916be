#include "dso/lines.h"

#include <dwarf.h>

static uint32_t number(int value)
{
	return value > 0 ? (uint32_t)value : 0;
}

bool hw_line_find(struct hw_source_place *place, Dwarf_Die *unit, uint64_t svma)
{
	Dwarf_Line *row = dwarf_getsrc_die(unit, svma);
	int line = 0, column = 0;

	*place = (struct hw_source_place){ 0 };
	if (!row)
		return false;
	(void)dwarf_lineno(row, &line);
	(void)dwarf_linecol(row, &column);
	place->file = dwarf_linesrc(row, NULL, NULL);
	place->line = number(line);
	place->column = number(column);
	return true;
}

/* An unsigned attribute of the DIE itself, 0 when absent or too large. */
static uint32_t attribute(Dwarf_Die *die, unsigned name)
{
	Dwarf_Attribute attr;
	Dwarf_Word value;

	if (!dwarf_attr(die, name, &attr) || dwarf_formudata(&attr, &value) != 0 || value > INT32_MAX)
		return 0;
	return (uint32_t)value;
}

void hw_line_of_call(struct hw_source_place *place, Dwarf_Die *unit, Dwarf_Die *inlined)
{
	Dwarf_Files *files;

	*place = (struct hw_source_place){
		.line = attribute(inlined, DW_AT_call_line),
		.column = attribute(inlined, DW_AT_call_column),
	};
	if (dwarf_hasattr(inlined, DW_AT_call_file) && dwarf_getsrcfiles(unit, &files, NULL) == 0)
		place->file = dwarf_filesrc(files, attribute(inlined, DW_AT_call_file), NULL, NULL);
	/* libdw's word for file 0, which before DWARF 5 means none. */
	if (place->file && strcmp(place->file, "???") == 0)
		place->file = NULL;
}
