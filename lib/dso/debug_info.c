#include "dso/debug_info.h"

#include <dwarf.h>
#include <elf.h>

#define RANGE_BUDGET UINT64_C(100000000)
#define SECTIONS_MAX_BYTES (UINT64_C(8) << 30)
/* zlib packs at most 1,032 to 1. */
#define RATIO_MAX 1100
/* Ranges of different units hardly ever overlap. */
#define OVERLAP_MAX 64

/* A dwz file for when the real one is missing: without any, libdw would look for it itself, and open whatever the
 * link names. It has one section of DWARF with nothing in it that a reference could mean. */
struct no_alt {
	Elf64_Ehdr ehdr;
	Elf64_Shdr shdrs[3];
	char names[24];
	uint8_t info[8];
};

static const struct no_alt no_alt_image = {
	.ehdr = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_EXEC,
		.e_version = EV_CURRENT,
		.e_shoff = offsetof(struct no_alt, shdrs),
		.e_ehsize = sizeof(Elf64_Ehdr),
		.e_shentsize = sizeof(Elf64_Shdr),
		.e_shnum = 3,
		.e_shstrndx = 1,
	},
	.shdrs = {
		{ 0 },
		{ .sh_name = 1, .sh_type = SHT_STRTAB, .sh_offset = offsetof(struct no_alt, names),
		  .sh_size = sizeof no_alt_image.names, .sh_addralign = 1 },
		{ .sh_name = 11, .sh_type = SHT_PROGBITS, .sh_offset = offsetof(struct no_alt, info),
		  .sh_size = sizeof no_alt_image.info, .sh_addralign = 1 },
	},
	.names = "\0.shstrtab\0.debug_info",
};

/* Do the compressed sections claim sizes their bytes can give? They are unpacked in one piece on first use. */
static bool sizes_are_sane(const struct hw_elf *elf)
{
	uint64_t total = 0;

	for (size_t i = 0; i < elf->section_count; i++) {
		const struct hw_elf_section *s = &elf->sections[i];
		struct hw_bytes bytes = hw_elf_section_bytes(elf, s);
		uint64_t size = 0;

		if (s->flags & SHF_COMPRESSED) {
			(void)hw_bytes_u64(&bytes); /* ch_type, ch_reserved */
			size = hw_bytes_u64(&bytes);
		} else if (strncmp(s->name, ".zdebug_", 8) == 0) {
			(void)hw_bytes_u32(&bytes); /* "ZLIB" */
			size = __builtin_bswap64(hw_bytes_u64(&bytes));
		}
		if (size / RATIO_MAX > s->size || __builtin_add_overflow(total, size, &total) ||
		    total > SECTIONS_MAX_BYTES)
			return false;
	}
	return true;
}

static uint64_t code_start(const struct hw_elf *elf)
{
	uint64_t start = UINT64_MAX;

	for (size_t i = 0; i < elf->section_count; i++)
		if ((elf->sections[i].flags & SHF_EXECINSTR) && elf->sections[i].vaddr_svma < start)
			start = elf->sections[i].vaddr_svma;
	return start == UINT64_MAX ? 0 : start;
}

bool hw_die_next(Dwarf_Die *die)
{
	Dwarf_Die next;

	if (dwarf_siblingof(die, &next) != 0 || next.addr <= die->addr)
		return false;
	*die = next;
	return true;
}

bool hw_debug_info_range(struct hw_debug_info *info, Dwarf_Die *die, ptrdiff_t *offset, uint64_t *start_svma,
			 uint64_t *limit_svma)
{
	Dwarf_Addr base;

	while (info->range_budget) {
		info->range_budget--;
		*offset = dwarf_ranges(die, *offset, &base, start_svma, limit_svma);
		if (*offset <= 0)
			return false;
		if (*start_svma >= info->code_start_svma && *start_svma < *limit_svma)
			return true;
	}
	return false;
}

/* Keep the ranges of a DIE as the unit's; true when it has any attribute that could give some. */
static bool add_ranges(struct hw_debug_info *info, Dwarf_Die *die, uint32_t unit)
{
	struct hw_unit_range range = { .unit = unit };
	ptrdiff_t offset = 0;

	while (hw_debug_info_range(info, die, &offset, &range.start_svma, &range.limit_svma))
		hw_vec_push(&info->ranges, range);
	return dwarf_hasattr(die, DW_AT_ranges) || dwarf_hasattr(die, DW_AT_high_pc);
}

static bool is_cplusplus(Dwarf_Die *die)
{
	switch (dwarf_srclang(die)) {
	case DW_LANG_C_plus_plus:
	case DW_LANG_C_plus_plus_03:
	case DW_LANG_C_plus_plus_11:
	case DW_LANG_C_plus_plus_14:
	case 0x2b: /* DW_LANG_C_plus_plus_17: given out after DWARF 5 */
	case 0x3a: /* DW_LANG_C_plus_plus_20 */
		return true;
	default:
		return false;
	}
}

static void add_unit(struct hw_debug_info *info, Dwarf_Die *die)
{
	const uint32_t unit = (uint32_t)info->units.count;
	Dwarf_Die child;

	hw_vec_push(&info->units, (struct hw_unit){ .die = *die, .is_cplusplus = is_cplusplus(die) });
	if (add_ranges(info, die, unit) || dwarf_child(die, &child) != 0)
		return;
	/* A unit need not say where its code is (DWARF 5 section 3.1.1 has it as optional): its functions do. */
	do {
		if (dwarf_tag(&child) == DW_TAG_subprogram)
			(void)add_ranges(info, &child, unit);
	} while (hw_die_next(&child));
}

static int compare_ranges(const void *left, const void *right)
{
	const struct hw_unit_range *a = left;
	const struct hw_unit_range *b = right;

	if (a->start_svma != b->start_svma)
		return a->start_svma < b->start_svma ? -1 : 1;
	return a->unit < b->unit ? -1 : a->unit > b->unit;
}

static void index_units(struct hw_debug_info *info)
{
	Dwarf_CU *unit = NULL;
	Dwarf_Half version;
	uint8_t type;
	Dwarf_Die die;
	uint64_t reach_svma = 0;

	/* No split unit is asked for: libdw would open whatever file DW_AT_dwo_name names. */
	while (dwarf_get_units(info->dwarf, unit, &unit, &version, &type, &die, NULL) == 0)
		if (dwarf_tag(&die) == DW_TAG_compile_unit || dwarf_tag(&die) == DW_TAG_skeleton_unit)
			add_unit(info, &die);
	if (info->ranges.count)
		qsort(info->ranges.at, info->ranges.count, sizeof *info->ranges.at, compare_ranges);
	for (size_t i = 0; i < info->ranges.count; i++) {
		if (info->ranges.at[i].limit_svma > reach_svma)
			reach_svma = info->ranges.at[i].limit_svma;
		info->ranges.at[i].reach_svma = reach_svma;
	}
}

bool hw_debug_info_open(struct hw_debug_info *info, const struct hw_elf *elf, const struct hw_elf *alt)
{
	*info = (struct hw_debug_info){ .range_budget = RANGE_BUDGET };
	if (!sizes_are_sane(elf) || (alt && !sizes_are_sane(alt)))
		return false;
	info->elf = hw_elf_handle(elf);
	info->alt_elf =
		alt ? hw_elf_handle(alt) : elf_memory((char *)(uintptr_t)&no_alt_image, sizeof no_alt_image);
	info->dwarf = dwarf_begin_elf(info->elf, DWARF_C_READ, NULL);
	info->alt_dwarf = dwarf_begin_elf(info->alt_elf, DWARF_C_READ, NULL);
	if (!info->dwarf || !info->alt_dwarf) {
		hw_debug_info_close(info);
		return false;
	}
	dwarf_setalt(info->dwarf, info->alt_dwarf);
	info->code_start_svma = code_start(elf);
	index_units(info);
	return true;
}

void hw_debug_info_close(struct hw_debug_info *info)
{
	(void)dwarf_end(info->dwarf);
	(void)dwarf_end(info->alt_dwarf);
	(void)elf_end(info->elf);
	(void)elf_end(info->alt_elf);
	hw_vec_fini(&info->units);
	hw_vec_fini(&info->ranges);
	*info = (struct hw_debug_info){ 0 };
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
