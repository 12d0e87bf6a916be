#include "dso/dwarf_ranges.h"

#include <dwarf.h>

/* A base is chosen for the ranges behind it. More of them in a row end the list: they would be work that is not counted. */
#define BARREN_MAX 64

void hw_dwarf_code_keep(struct hw_dwarf_code *code, unsigned name, const struct hw_dwarf_value *value)
{
	if (name == DW_AT_low_pc)
		code->low_pc = *value;
	else if (name == DW_AT_high_pc)
		code->high_pc = *value;
	else if (name == DW_AT_ranges)
		code->ranges = *value;
}

void hw_dwarf_code_read(struct hw_dwarf_code *code, struct hw_die *die)
{
	struct hw_dwarf_value value;
	unsigned name;

	*code = (struct hw_dwarf_code){ 0 };
	while (hw_die_next_attribute(die, &name, &value))
		hw_dwarf_code_keep(code, name, &value);
}

static struct hw_bytes list_at(struct hw_bytes section, uint64_t offset)
{
	(void)hw_bytes_take(&section, offset);
	return section;
}

/* The list with that number: its offset stands, counted from there, at rnglists_base (DWARF 5 section 7.28). */
static struct hw_bytes indexed_list(const struct hw_dwarf_unit *unit, uint64_t index)
{
	const struct hw_bytes lists = list_at(unit->home->sections->rnglists, unit->rnglists_base);
	struct hw_bytes offsets = lists;
	uint64_t at;

	if (__builtin_mul_overflow(index, (uint64_t)unit->encoding.offset_size, &at))
		at = UINT64_MAX;
	(void)hw_bytes_take(&offsets, at);
	at = hw_dwarf_offset(&offsets, unit->encoding);
	return offsets.overrun ? offsets : list_at(lists, at);
}

static void open_list(struct hw_dwarf_ranges *ranges, const struct hw_dwarf_value *value)
{
	const struct hw_dwarf_unit *unit = ranges->unit;
	const struct hw_dwarf_sections *sections = unit->home->sections;
	uint64_t offset;

	ranges->base_svma = unit->low_pc_svma;
	if (value->kind == HW_DWARF_LIST_INDEX) {
		ranges->kind = HW_DWARF_RANGES_NEW;
		ranges->list = indexed_list(unit, value->number);
	} else if (hw_dwarf_section_offset(value, &offset) && unit->encoding.version >= 5) {
		ranges->kind = HW_DWARF_RANGES_NEW;
		ranges->list = list_at(sections->rnglists, offset);
	} else if (hw_dwarf_section_offset(value, &offset) &&
		   !__builtin_add_overflow(offset, unit->ranges_base, &offset)) {
		ranges->kind = HW_DWARF_RANGES_OLD;
		ranges->list = list_at(sections->ranges, offset);
	}
}

void hw_dwarf_ranges_open(struct hw_dwarf_ranges *ranges, const struct hw_dwarf_unit *unit,
			  const struct hw_dwarf_code *code)
{
	*ranges = (struct hw_dwarf_ranges){ .unit = unit };
	if (code->ranges.kind != HW_DWARF_NONE) {
		open_list(ranges, &code->ranges);
		return;
	}
	if (!hw_dwarf_unit_address(unit, &code->low_pc, &ranges->start_svma))
		return;
	if (code->high_pc.kind == HW_DWARF_NUMBER) { /* since DWARF 4: an offset from low_pc */
		if (__builtin_add_overflow(ranges->start_svma, code->high_pc.number, &ranges->limit_svma))
			return;
	} else if (!hw_dwarf_unit_address(unit, &code->high_pc, &ranges->limit_svma)) {
		return;
	}
	ranges->kind = HW_DWARF_RANGES_ONE;
}

static bool next_old(struct hw_dwarf_ranges *ranges, uint64_t *start_svma, uint64_t *limit_svma)
{
	const struct hw_dwarf_encoding encoding = ranges->unit->encoding;
	const uint64_t selects_base = encoding.address_size == 8 ? UINT64_MAX : UINT32_MAX;

	for (;;) {
		const uint64_t start = hw_dwarf_address(&ranges->list, encoding);
		const uint64_t limit = hw_dwarf_address(&ranges->list, encoding);

		if (ranges->list.overrun || (start == 0 && limit == 0))
			return false;
		if (start != selects_base) {
			ranges->barren = 0;
			*start_svma = ranges->base_svma + start;
			*limit_svma = ranges->base_svma + limit;
			return true;
		}
		ranges->base_svma = limit;
		if (++ranges->barren > BARREN_MAX)
			return false;
	}
}

/* An address by its number; a wrong number ends the list. */
static uint64_t indexed_address(struct hw_dwarf_ranges *ranges)
{
	uint64_t svma = 0;

	if (!hw_dwarf_unit_address_at(ranges->unit, hw_dwarf_uleb(&ranges->list), &svma))
		ranges->list.overrun = true;
	return svma;
}

/* One entry; 1 with a range, 0 without, -1 at the end. DWARF 5 section 7.25. */
static int read_entry(struct hw_dwarf_ranges *ranges, uint64_t *start_svma, uint64_t *limit_svma)
{
	const struct hw_dwarf_encoding encoding = ranges->unit->encoding;
	struct hw_bytes *list = &ranges->list;

	switch (hw_bytes_u8(list)) {
	case DW_RLE_base_addressx:
		ranges->base_svma = indexed_address(ranges);
		return 0;
	case DW_RLE_startx_endx:
		*start_svma = indexed_address(ranges);
		*limit_svma = indexed_address(ranges);
		return 1;
	case DW_RLE_startx_length:
		*start_svma = indexed_address(ranges);
		*limit_svma = *start_svma + hw_dwarf_uleb(list);
		return 1;
	case DW_RLE_offset_pair:
		*start_svma = ranges->base_svma + hw_dwarf_uleb(list);
		*limit_svma = ranges->base_svma + hw_dwarf_uleb(list);
		return 1;
	case DW_RLE_base_address:
		ranges->base_svma = hw_dwarf_address(list, encoding);
		return 0;
	case DW_RLE_start_end:
		*start_svma = hw_dwarf_address(list, encoding);
		*limit_svma = hw_dwarf_address(list, encoding);
		return 1;
	case DW_RLE_start_length:
		*start_svma = hw_dwarf_address(list, encoding);
		*limit_svma = *start_svma + hw_dwarf_uleb(list);
		return 1;
	default: /* DW_RLE_end_of_list, or nothing known */
		return -1;
	}
}

bool hw_dwarf_ranges_next(struct hw_dwarf_ranges *ranges, uint64_t *start_svma, uint64_t *limit_svma)
{
	int got = 0;

	switch (ranges->kind) {
	case HW_DWARF_RANGES_ONE:
		*start_svma = ranges->start_svma;
		*limit_svma = ranges->limit_svma;
		ranges->kind = HW_DWARF_RANGES_NONE;
		return true;
	case HW_DWARF_RANGES_OLD:
		return next_old(ranges, start_svma, limit_svma);
	case HW_DWARF_RANGES_NEW:
		for (ranges->barren = 0; !got && !ranges->list.overrun && ranges->barren <= BARREN_MAX;
		     ranges->barren++)
			got = read_entry(ranges, start_svma, limit_svma);
		return got > 0 && !ranges->list.overrun;
	case HW_DWARF_RANGES_NONE:
		break;
	}
	return false;
}
