#include "dso/dwarf_unit.h"

#include "dso/die_scope.h"
#include "dso/dwarf_die.h"

#include <dwarf.h>

/* The longest names of templates have some 100 KiB. */
#define TEXT_MAX_BYTES ((size_t)1 << 20)

/* Bytes from an offset in a section to its end; none when it lies outside. */
static struct hw_bytes bytes_at(struct hw_bytes section, uint64_t offset)
{
	(void)hw_bytes_take(&section, offset);
	if (section.overrun)
		return (struct hw_bytes){ .at = section.end, .end = section.end };
	return section;
}

/* What stands behind the unit's version: DWARF 5 put the type first and swapped the two fields. */
static void read_kind(struct hw_dwarf_unit *unit, struct hw_bytes *bytes)
{
	if (unit->encoding.version < 5) {
		unit->type = DW_UT_compile;
		unit->abbrev_offset = hw_dwarf_offset(bytes, unit->encoding);
		unit->encoding.address_size = hw_bytes_u8(bytes);
		return;
	}
	unit->type = hw_bytes_u8(bytes);
	unit->encoding.address_size = hw_bytes_u8(bytes);
	unit->abbrev_offset = hw_dwarf_offset(bytes, unit->encoding);
	if (unit->type == DW_UT_skeleton || unit->type == DW_UT_split_compile) {
		unit->dwo_id = hw_bytes_u64(bytes);
		unit->has_dwo_id = true;
	} else if (unit->type == DW_UT_type || unit->type == DW_UT_split_type) {
		(void)hw_bytes_u64(bytes); /* type_signature */
		(void)hw_dwarf_offset(bytes, unit->encoding);
	}
}

/* Read a header; bytes is then behind the unit. False at the end of what can be read. */
static bool read_header(struct hw_dwarf_unit *unit, struct hw_bytes *bytes)
{
	uint64_t length;

	*unit = (struct hw_dwarf_unit){ .start = bytes->at, .encoding.offset_size = 4 };
	length = hw_bytes_u32(bytes);
	if (length == UINT32_MAX) { /* 64-bit DWARF: section 7.4 */
		length = hw_bytes_u64(bytes);
		unit->encoding.offset_size = 8;
	}
	unit->dies = hw_bytes_sub(bytes, length);
	if (bytes->overrun)
		return false;
	unit->encoding.version = (uint8_t)hw_bytes_u16(&unit->dies);
	read_kind(unit, &unit->dies);
	return true;
}

static bool is_readable(const struct hw_dwarf_unit *unit)
{
	return !unit->dies.overrun && unit->encoding.version >= 2 && unit->encoding.version <= 5 &&
	       (unit->encoding.address_size == 4 || unit->encoding.address_size == 8);
}

void hw_dwarf_units_init(struct hw_dwarf_units *units, const struct hw_dwarf_sections *sections,
			 const struct hw_dwarf_units *alt)
{
	struct hw_bytes bytes = sections->info;
	struct hw_dwarf_unit unit;

	*units = (struct hw_dwarf_units){ .sections = sections, .alt = alt };
	while (hw_bytes_left(&bytes) && read_header(&unit, &bytes))
		if (is_readable(&unit)) {
			unit.home = units;
			hw_vec_push(&units->list, unit);
		}
	units->scopes = hw_alloc(units->list.count, sizeof *units->scopes);
}

void hw_dwarf_units_fini(struct hw_dwarf_units *units)
{
	for (size_t i = 0; i < units->list.count; i++)
		hw_die_scopes_free(units->scopes[i]);
	free(units->scopes);
	hw_vec_fini(&units->list);
	*units = (struct hw_dwarf_units){ 0 };
}

const struct hw_dwarf_abbrevs *hw_dwarf_unit_abbrevs(const struct hw_dwarf_unit *unit,
						     struct hw_dwarf_abbrev_cache *cache)
{
	return hw_dwarf_abbrevs_get(cache, bytes_at(unit->home->sections->abbrev, unit->abbrev_offset),
				    unit->encoding);
}

static void set_base(uint64_t *base, const struct hw_dwarf_value *value)
{
	uint64_t offset;

	if (hw_dwarf_section_offset(value, &offset))
		*base = offset;
}

/* Values whose meaning depends on bases wait for these. */
struct root_texts {
	struct hw_dwarf_value comp_dir, dwo_name;
};

static void keep_root_value(struct hw_dwarf_unit *unit, struct root_texts *texts, unsigned name,
			    const struct hw_dwarf_value *value)
{
	switch (name) {
	case DW_AT_language:
		unit->language = (uint16_t)value->number;
		break;
	case DW_AT_stmt_list:
		unit->has_lines = hw_dwarf_section_offset(value, &unit->lines_offset);
		break;
	case DW_AT_comp_dir:
		texts->comp_dir = *value;
		break;
	case DW_AT_dwo_name:
	case DW_AT_GNU_dwo_name:
		texts->dwo_name = *value;
		break;
	case DW_AT_GNU_dwo_id:
		unit->dwo_id = value->number;
		unit->has_dwo_id = true;
		break;
	case DW_AT_low_pc:
		unit->code.low_pc = *value;
		break;
	case DW_AT_high_pc:
		unit->code.high_pc = *value;
		break;
	case DW_AT_ranges:
		unit->code.ranges = *value;
		break;
	case DW_AT_addr_base:
	case DW_AT_GNU_addr_base:
		set_base(&unit->addr_base, value);
		break;
	case DW_AT_str_offsets_base:
		set_base(&unit->str_offsets_base, value);
		break;
	case DW_AT_rnglists_base:
		set_base(&unit->rnglists_base, value);
		break;
	case DW_AT_GNU_ranges_base:
		set_base(&unit->gnu_ranges_base, value);
		break;
	default:
		break;
	}
}

void hw_dwarf_unit_read_root(struct hw_dwarf_unit *unit, struct hw_dwarf_abbrev_cache *cache)
{
	struct root_texts texts = { 0 };
	struct hw_dwarf_value value;
	struct hw_die root;
	unsigned name;

	if (!hw_die_open(&root, unit, unit->dies.at, cache))
		return;
	unit->tag = root.abbrev->tag;
	while (hw_die_next_attribute(&root, &name, &value))
		keep_root_value(unit, &texts, name, &value);
	unit->comp_dir = hw_dwarf_unit_text(unit, &texts.comp_dir);
	unit->dwo_name = hw_dwarf_unit_text(unit, &texts.dwo_name);
	(void)hw_dwarf_unit_address(unit, &unit->code.low_pc, &unit->low_pc_svma);
}

/* Units hold no gaps but those left out: the last that starts at or before the place. */
const struct hw_dwarf_unit *hw_dwarf_units_find(const struct hw_dwarf_units *units, uint64_t offset)
{
	const struct hw_bytes info = units->sections->info;
	size_t low = 0, high = units->list.count;
	const uint8_t *at;

	if (offset >= hw_bytes_left(&info))
		return NULL;
	at = info.at + offset;
	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (units->list.at[middle].start <= at)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || at < units->list.at[low - 1].dies.at || at >= units->list.at[low - 1].dies.end)
		return NULL;
	return &units->list.at[low - 1];
}

static const char *text_at(struct hw_bytes section, uint64_t offset)
{
	struct hw_bytes bytes = bytes_at(section, offset);

	if (hw_bytes_left(&bytes) > TEXT_MAX_BYTES)
		bytes.end = bytes.at + TEXT_MAX_BYTES;
	return hw_bytes_text(&bytes);
}

static const char *indexed_text(const struct hw_dwarf_unit *unit, uint64_t index)
{
	const struct hw_dwarf_sections *sections = unit->home->sections;
	struct hw_bytes bytes = bytes_at(sections->str_offsets, unit->str_offsets_base);
	uint64_t offset;

	if (index >= hw_bytes_left(&bytes) / unit->encoding.offset_size)
		return "";
	bytes.at += index * unit->encoding.offset_size;
	offset = hw_dwarf_offset(&bytes, unit->encoding);
	return text_at(sections->str, offset);
}

const char *hw_dwarf_unit_text(const struct hw_dwarf_unit *unit, const struct hw_dwarf_value *value)
{
	const struct hw_dwarf_sections *sections = unit->home->sections;
	const char *text = NULL;

	switch (value->kind) {
	case HW_DWARF_TEXT:
		text = value->text;
		break;
	case HW_DWARF_TEXT_STR:
		text = text_at(sections->str, value->number);
		break;
	case HW_DWARF_TEXT_LINE_STR:
		text = text_at(sections->line_str, value->number);
		break;
	case HW_DWARF_TEXT_ALT:
		text = unit->home->alt ? text_at(unit->home->alt->sections->str, value->number) : NULL;
		break;
	case HW_DWARF_TEXT_INDEX:
		text = indexed_text(unit, value->number);
		break;
	default:
		break;
	}
	return text && *text ? text : NULL;
}

bool hw_dwarf_unit_address_at(const struct hw_dwarf_unit *unit, uint64_t index, uint64_t *svma)
{
	struct hw_bytes bytes = bytes_at(unit->home->sections->addr, unit->addr_base);

	if (index >= hw_bytes_left(&bytes) / unit->encoding.address_size)
		return false;
	bytes.at += index * unit->encoding.address_size;
	*svma = hw_dwarf_address(&bytes, unit->encoding);
	return true;
}

bool hw_dwarf_unit_address(const struct hw_dwarf_unit *unit, const struct hw_dwarf_value *value,
			   uint64_t *svma)
{
	if (value->kind == HW_DWARF_ADDRESS_INDEX)
		return hw_dwarf_unit_address_at(unit, value->number, svma);
	if (value->kind != HW_DWARF_ADDRESS)
		return false;
	*svma = value->number;
	return true;
}

/* A reference into another unit, or another file. */
static const struct hw_dwarf_unit *follow_far(const struct hw_dwarf_units *units, uint64_t offset,
					      const uint8_t **die)
{
	const struct hw_dwarf_unit *unit = units ? hw_dwarf_units_find(units, offset) : NULL;

	if (unit)
		*die = units->sections->info.at + offset;
	return unit;
}

const struct hw_dwarf_unit *hw_dwarf_unit_follow(const struct hw_dwarf_unit *unit,
						 const struct hw_dwarf_value *value, const uint8_t **die)
{
	switch (value->kind) {
	case HW_DWARF_REFERENCE:
		if (value->number >= (uint64_t)(unit->dies.end - unit->start) ||
		    value->number < (uint64_t)(unit->dies.at - unit->start))
			return NULL;
		*die = unit->start + value->number;
		return unit;
	case HW_DWARF_REFERENCE_INFO:
		return follow_far(unit->home, value->number, die);
	case HW_DWARF_REFERENCE_ALT:
		return follow_far(unit->home->alt, value->number, die);
	default:
		return NULL;
	}
}

bool hw_dwarf_section_offset(const struct hw_dwarf_value *value, uint64_t *offset)
{
	if (value->kind != HW_DWARF_SECTION_OFFSET && value->kind != HW_DWARF_NUMBER)
		return false;
	*offset = value->number;
	return true;
}
