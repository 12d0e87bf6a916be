#include "dso/debug_info.h"

#include "dso/dwarf_walk.h"

#include <dwarf.h>
#include <elf.h>
#include <stdatomic.h>

/* Of 32 bytes each: more than the largest programs have. */
#define RANGE_BUDGET (UINT64_C(8) << 20)
/* Each unit has a line table of its own, but for what was compiled to assembly at once: what such units may read of one
 * that they share, besides all tables a few times. */
#define LINE_BYTES_SPARE (UINT64_C(64) << 20)
/* Names and paths put together from texts of the file. */
#define COPY_BYTES (UINT64_C(256) << 20)
/* Ranges of different units hardly ever overlap. */
#define OVERLAP_MAX 64
/* Pages of root DIEs are let go of in steps: units are small, and so the roots lie in all of the section. */
#define RELEASE_STEP_BYTES ((size_t)8 << 20)

static uint64_t code_start(const struct hw_elf *elf)
{
	uint64_t start = UINT64_MAX;

	for (size_t i = 0; i < elf->section_count; i++)
		if ((elf->sections[i].flags & SHF_EXECINSTR) && elf->sections[i].vaddr_svma < start)
			start = elf->sections[i].vaddr_svma;
	return start == UINT64_MAX ? 0 : start;
}

/* Keep some ranges as the unit's. */
static void add_ranges(struct hw_debug_info *info, uint32_t unit, const struct hw_dwarf_code *code)
{
	struct hw_unit_range range = { .unit = unit };
	struct hw_dwarf_ranges ranges;

	hw_dwarf_ranges_open(&ranges, &info->units.list.at[unit], code);
	while (info->range_budget && hw_dwarf_ranges_next(&ranges, &range.start_svma, &range.limit_svma)) {
		info->range_budget--;
		if (range.start_svma >= info->code_start_svma && range.start_svma < range.limit_svma)
			hw_vec_push(&info->ranges, range);
	}
}

/* A unit need not say where its code is (DWARF 5 section 3.1.1 has it as optional): its functions do. */
static void add_functions(struct hw_debug_info *info, uint32_t index, struct hw_dwarf_abbrev_cache *cache)
{
	const struct hw_dwarf_unit *unit = &info->units.list.at[index];
	struct hw_dwarf_walk walk;

	hw_dwarf_walk_open(&walk, unit, cache);
	while (hw_dwarf_walk_next(&walk)) {
		struct hw_dwarf_code code = { 0 };

		if (walk.abbrev->tag == DW_TAG_subprogram && walk.abbrev->has_code) {
			struct hw_die die = hw_dwarf_walk_die(&walk);

			hw_dwarf_code_read(&code, &die);
			add_ranges(info, index, &code);
		}
		hw_dwarf_walk_over(&walk);
	}
}

static void add_unit(struct hw_debug_info *info, uint32_t index, struct hw_dwarf_abbrev_cache *cache)
{
	struct hw_dwarf_unit *unit = &info->units.list.at[index];
	const struct hw_dwarf_code *code = &unit->code;

	hw_dwarf_unit_read_root(unit, cache);
	if (unit->tag != DW_TAG_compile_unit && unit->tag != DW_TAG_skeleton_unit)
		return;
	if (code->ranges.kind != HW_DWARF_NONE || code->high_pc.kind != HW_DWARF_NONE)
		add_ranges(info, index, code);
	else
		add_functions(info, index, cache);
}

static int compare_ranges(const void *left, const void *right)
{
	const struct hw_unit_range *a = left;
	const struct hw_unit_range *b = right;

	if (a->start_svma != b->start_svma)
		return a->start_svma < b->start_svma ? -1 : 1;
	return a->unit < b->unit ? -1 : a->unit > b->unit;
}

static void sort_ranges(struct hw_debug_info *info)
{
	uint64_t reach_svma = 0;

	if (info->ranges.count)
		qsort(info->ranges.at, info->ranges.count, sizeof *info->ranges.at, compare_ranges);
	for (size_t i = 0; i < info->ranges.count; i++) {
		if (info->ranges.at[i].limit_svma > reach_svma)
			reach_svma = info->ranges.at[i].limit_svma;
		info->ranges.at[i].reach_svma = reach_svma;
	}
}

static void index_units(struct hw_debug_info *info)
{
	/* Each table is read once, or a few times where units that share some take turns. */
	struct hw_dwarf_abbrev_cache cache = { .extra_bytes = 4 * hw_bytes_left(&info->sections.abbrev) };
	const uint8_t *released = info->sections.info.at;

	for (size_t i = 0; i < info->units.list.count; i++) {
		const struct hw_dwarf_unit *unit = &info->units.list.at[i];

		if (unit->type == DW_UT_compile || unit->type == DW_UT_skeleton)
			add_unit(info, (uint32_t)i, &cache);
		if ((size_t)(unit->dies.end - released) >= RELEASE_STEP_BYTES) {
			hw_dwarf_sections_release(&info->sections, released, unit->dies.end);
			released = unit->dies.end;
		}
	}
	hw_dwarf_abbrev_cache_fini(&cache);
	sort_ranges(info);
}

bool hw_debug_info_open(struct hw_debug_info *info, const struct hw_elf *elf, const struct hw_elf *alt,
			const struct hw_elf *dwp)
{
	*info = (struct hw_debug_info){ .range_budget = RANGE_BUDGET };
	if (!hw_dwarf_sections_open(&info->sections, elf, HW_DWARF_WHOLE))
		return false;
	if (alt) { /* it may have nothing but strings */
		(void)hw_dwarf_sections_open(&info->alt_sections, alt, HW_DWARF_WHOLE);
		info->sections.alt = &info->alt_sections;
		hw_dwarf_units_init(&info->alt_units, &info->alt_sections, NULL);
	}
	if (dwp)
		(void)hw_dwarf_sections_open(&info->dwp_sections, dwp, HW_DWARF_SPLIT);
	hw_dwarf_units_init(&info->units, &info->sections, alt ? &info->alt_units : NULL);
	info->code_start_svma = code_start(elf);
	info->copy_bytes_left = COPY_BYTES;
	info->line_bytes_left = LINE_BYTES_SPARE + 4 * (uint64_t)hw_bytes_left(&info->sections.line);
	index_units(info);
	return true;
}

void hw_debug_info_close(struct hw_debug_info *info)
{
	hw_dwarf_units_fini(&info->units);
	hw_dwarf_units_fini(&info->alt_units);
	hw_dwarf_sections_close(&info->sections);
	hw_dwarf_sections_close(&info->alt_sections);
	hw_dwarf_sections_close(&info->dwp_sections);
	hw_vec_fini(&info->ranges);
	*info = (struct hw_debug_info){ 0 };
}

static bool afford(_Atomic uint64_t *bytes_left, uint64_t size_bytes)
{
	uint64_t left = atomic_load(bytes_left);

	while (size_bytes <= left)
		if (atomic_compare_exchange_weak(bytes_left, &left, left - size_bytes))
			return true;
	atomic_store(bytes_left, 0);
	return false;
}

bool hw_debug_info_afford_lines(struct hw_debug_info *info, uint64_t size_bytes)
{
	return afford(&info->line_bytes_left, size_bytes);
}

bool hw_debug_info_afford_copy(struct hw_debug_info *info, uint64_t size_bytes)
{
	return afford(&info->copy_bytes_left, size_bytes);
}

uint32_t hw_debug_info_unit(const struct hw_debug_info *info, uint64_t svma)
{
	size_t low = 0, high = info->ranges.count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (info->ranges.at[middle].start_svma <= svma)
			low = middle + 1;
		else
			high = middle;
	}
	for (size_t steps = 0; low > 0 && steps < OVERLAP_MAX; low--, steps++) {
		const struct hw_unit_range *range = &info->ranges.at[low - 1];

		if (svma < range->limit_svma)
			return range->unit;
		if (svma >= range->reach_svma)
			break;
	}
	return HW_UNIT_NONE;
}
