#include "dso/dwarf_die.h"

bool hw_die_open(struct hw_die *die, const struct hw_dwarf_unit *unit, const uint8_t *start,
		 struct hw_dwarf_abbrev_cache *cache)
{
	*die = (struct hw_die){ .unit = unit,
				.start = start,
				.rest = { .at = start, .end = unit->dies.end } };
	die->abbrevs = hw_dwarf_unit_abbrevs(unit, cache);
	die->abbrev = hw_dwarf_abbrevs_find(die->abbrevs, hw_dwarf_uleb(&die->rest));
	return die->abbrev && !die->rest.overrun;
}

bool hw_die_next_attribute(struct hw_die *die, unsigned *name, struct hw_dwarf_value *value)
{
	const struct hw_dwarf_spec *spec;

	if (die->next_spec >= die->abbrev->spec_count)
		return false;
	spec = &die->abbrevs->specs.at[die->abbrev->first_spec + die->next_spec++];
	hw_dwarf_value_read(value, &die->rest, spec->form, spec->implicit, die->unit->encoding);
	*name = spec->name;
	return !die->rest.overrun;
}
