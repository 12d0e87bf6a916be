#include "dso/dwarf_split.h"

#include <dwarf.h>

/* .debug_cu_index: a hash table from ids to rows, and for each row where its part of each section lies. */
struct unit_index {
	bool is_gnu; /* version 2, with other numbers for sections */
	uint32_t columns, rows, slots;
	struct hw_bytes ids;		/* u64 of each slot */
	struct hw_bytes indices;	/* u32 of each slot: its row, from 1; 0 = empty */
	struct hw_bytes kinds;		/* u32 of each column: which section */
	struct hw_bytes offsets, sizes; /* u32 of each row and column */
};

static bool read_index(struct unit_index *index, struct hw_bytes bytes)
{
	/* Version 5 has a u16 and padding, version 2 a u32. */
	const uint32_t version = hw_bytes_u32(&bytes) & 0xffff;
	uint64_t cells_bytes;

	*index = (struct unit_index){ .is_gnu = version == 2 };
	if (version != 2 && version != 5)
		return false;
	index->columns = hw_bytes_u32(&bytes);
	index->rows = hw_bytes_u32(&bytes);
	index->slots = hw_bytes_u32(&bytes);
	if (__builtin_mul_overflow((uint64_t)index->columns * 4, (uint64_t)index->rows, &cells_bytes))
		return false;
	index->ids = hw_bytes_sub(&bytes, (uint64_t)index->slots * 8);
	index->indices = hw_bytes_sub(&bytes, (uint64_t)index->slots * 4);
	index->kinds = hw_bytes_sub(&bytes, (uint64_t)index->columns * 4);
	index->offsets = hw_bytes_sub(&bytes, cells_bytes);
	index->sizes = hw_bytes_sub(&bytes, cells_bytes);
	return !bytes.overrun && index->slots && !(index->slots & (index->slots - 1));
}

static uint32_t cell(struct hw_bytes table, uint64_t number)
{
	(void)hw_bytes_take(&table, number * 4);
	return hw_bytes_u32(&table);
}

/* The row of an id, from 0; UINT32_MAX when there is none. Open addressing by DWARF 5 section 7.3.5.3. */
static uint32_t find_row(const struct unit_index *index, uint64_t id)
{
	const uint32_t mask = index->slots - 1;
	const uint32_t step = ((uint32_t)(id >> 32) & mask) | 1;
	uint32_t slot = (uint32_t)id & mask;

	for (uint32_t tries = 0; tries < index->slots; tries++, slot = (slot + step) & mask) {
		const uint32_t row = cell(index->indices, slot);
		struct hw_bytes ids = index->ids;

		if (!row || row > index->rows)
			return UINT32_MAX;
		(void)hw_bytes_take(&ids, (uint64_t)slot * 8);
		if (hw_bytes_u64(&ids) == id)
			return row - 1;
	}
	return UINT32_MAX;
}

/* The section a column is about, when it is one that is cut. */
static struct hw_bytes *section_of(struct hw_dwarf_sections *sections, bool is_gnu, uint32_t kind)
{
	switch (kind) {
	case 1: /* DW_SECT_INFO */
		return &sections->info;
	case 3: /* DW_SECT_ABBREV */
		return &sections->abbrev;
	case 6: /* DW_SECT_STR_OFFSETS */
		return &sections->str_offsets;
	case 8: /* DW_SECT_RNGLISTS; in version 2 DW_SECT_MACRO */
		return is_gnu ? NULL : &sections->rnglists;
	default:
		return NULL;
	}
}

bool hw_dwarf_index_slice(struct hw_dwarf_sections *slice, const struct hw_dwarf_sections *dwp,
			  uint64_t dwo_id)
{
	struct unit_index index;
	uint32_t row;

	if (!read_index(&index, dwp->cu_index))
		return false;
	row = find_row(&index, dwo_id);
	if (row == UINT32_MAX)
		return false;
	*slice = *dwp;
	for (uint32_t column = 0; column < index.columns; column++) {
		struct hw_bytes *section = section_of(slice, index.is_gnu, cell(index.kinds, column));
		const uint64_t at = (uint64_t)row * index.columns + column;

		if (!section)
			continue;
		(void)hw_bytes_take(section, cell(index.offsets, at));
		*section = hw_bytes_sub(section, cell(index.sizes, at));
		if (section->overrun)
			return false;
	}
	return true;
}

/* What a split unit shares with its skeleton is in the skeleton's file. */
static void share(struct hw_dwarf_sections *sections, const struct hw_dwarf_sections *skeletons)
{
	sections->addr = skeletons->addr;
	sections->ranges = skeletons->ranges;
	sections->line = skeletons->line;
	sections->line_str = skeletons->line_str;
	memset(sections->unpacked, 0, sizeof sections->unpacked); /* owned elsewhere */
}

/* Bases a split unit does not give: those of its skeleton, and where headers end. */
static void inherit(struct hw_dwarf_unit *unit, const struct hw_dwarf_unit *skeleton)
{
	const bool is_wide = unit->encoding.offset_size == 8;

	unit->addr_base = skeleton->addr_base;
	unit->ranges_base = skeleton->gnu_ranges_base;
	unit->low_pc_svma = skeleton->low_pc_svma;
	if (unit->encoding.version >= 5) {
		unit->str_offsets_base = is_wide ? 16 : 8;
		unit->rnglists_base = is_wide ? 20 : 12;
	}
}

/* Look for the skeleton's unit in the sections at hand. */
static bool find_unit(struct hw_dwarf_split *split, const struct hw_dwarf_unit *skeleton,
		      struct hw_dwarf_abbrev_cache *cache)
{
	share(&split->sections, skeleton->home->sections);
	hw_dwarf_units_init(&split->units, &split->sections, skeleton->home->alt);
	for (size_t i = 0; i < split->units.list.count; i++) {
		struct hw_dwarf_unit *unit = &split->units.list.at[i];

		inherit(unit, skeleton);
		hw_dwarf_unit_read_root(unit, cache);
		if (unit->tag == DW_TAG_compile_unit && unit->has_dwo_id &&
		    unit->dwo_id == skeleton->dwo_id) {
			split->unit = unit;
			return true;
		}
	}
	hw_dwarf_units_fini(&split->units);
	return false;
}

/* Texts and tables of a file that is closed must not be taken for those of the next at the same place. */
static void close_file(struct hw_dwarf_split *split, struct hw_dwarf_abbrev_cache *cache)
{
	hw_dwarf_units_fini(&split->units);
	hw_dwarf_sections_close(&split->file);
	hw_elf_close(split->elf);
	split->elf = NULL;
	hw_dwarf_abbrev_cache_fini(cache);
}

bool hw_dwarf_split_open(struct hw_dwarf_split *split, const struct hw_dwarf_unit *skeleton,
			 const struct hw_dwarf_sections *dwp, const struct hw_debug_files *files,
			 struct hw_dwarf_abbrev_cache *cache)
{
	unsigned attempt = 0;

	*split = (struct hw_dwarf_split){ 0 };
	if (!skeleton->has_dwo_id)
		return false;
	if (hw_dwarf_index_slice(&split->sections, dwp, skeleton->dwo_id) &&
	    find_unit(split, skeleton, cache))
		return true;
	if (!skeleton->dwo_name)
		return false;
	while ((split->elf =
			hw_debug_files_open_dwo(files, skeleton->dwo_name, skeleton->comp_dir, &attempt))) {
		if (hw_dwarf_sections_open(&split->file, split->elf, HW_DWARF_SPLIT)) {
			split->sections = split->file;
			if (find_unit(split, skeleton, cache))
				return true;
		}
		close_file(split, cache);
	}
	return false;
}

void hw_dwarf_split_close(struct hw_dwarf_split *split, struct hw_dwarf_abbrev_cache *cache)
{
	if (split->elf)
		close_file(split, cache);
	hw_dwarf_units_fini(&split->units);
	*split = (struct hw_dwarf_split){ 0 };
}
