/* The DWARF of one file: opened with libdw, and an index from addresses to compilation units. */
#ifndef HW_DSO_DEBUG_INFO_H
#define HW_DSO_DEBUG_INFO_H

#include "base/vec.h"
#include "dso/elf.h"

#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stdint.h>

#define HW_UNIT_NONE UINT32_MAX

struct hw_unit {
	Dwarf_Die die; /* DW_TAG_compile_unit */
	bool is_cplusplus;
};

struct hw_unit_range {
	uint64_t start_svma;
	uint64_t limit_svma;
	uint64_t reach_svma; /* the highest limit of this and all ranges before it */
	uint32_t unit;
};

struct hw_debug_info {
	Elf *elf, *alt_elf; /* handles of our own: those of struct hw_elf may be in use elsewhere */
	Dwarf *dwarf, *alt_dwarf;
	uint64_t
		code_start_svma; /* of the first section of code: lower ranges belong to functions the linker left out */
	uint64_t
		range_budget; /* ranges that may still be read: a small file can refer to a long list often */
	HW_VEC(struct hw_unit) units;
	HW_VEC(struct hw_unit_range) ranges; /* by start */
};

/* Open the DWARF of a file and index its units by the ranges in their DIEs, not by .debug_aranges, which clang does
 * not write. alt is the dwz file, or NULL. Both are borrowed and must outlive it. False when there is none, when
 * libdw refuses it, or when its compressed sections claim to be unreasonably large. */
bool hw_debug_info_open(struct hw_debug_info *info, const struct hw_elf *elf, const struct hw_elf *alt);
void hw_debug_info_close(struct hw_debug_info *info);

/* The unit an address belongs to, or HW_UNIT_NONE. */
uint32_t hw_debug_info_unit(const struct hw_debug_info *info, uint64_t svma);

/* Cursor over a DIE's address ranges, for `offset` starting at 0: true with the next one. */
bool hw_debug_info_range(struct hw_debug_info *info, Dwarf_Die *die, ptrdiff_t *offset, uint64_t *start_svma,
			 uint64_t *limit_svma);

/* Go to the next sibling in place; false at the end and when a broken link leads backwards. */
bool hw_die_next(Dwarf_Die *die);

#endif
