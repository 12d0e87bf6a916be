/* The DWARF of one file: its units, and an index from addresses to them. */
#ifndef HW_DSO_DEBUG_INFO_H
#define HW_DSO_DEBUG_INFO_H

#include "dso/dwarf_ranges.h"
#include "dso/dwarf_unit.h"

#define HW_UNIT_NONE UINT32_MAX

struct hw_unit_range {
	uint64_t start_svma;
	uint64_t limit_svma;
	uint64_t reach_svma; /* the highest limit of this and all ranges before it */
	uint32_t unit;	     /* index in units.list */
};

struct hw_debug_info {
	struct hw_dwarf_sections sections, alt_sections;
	struct hw_dwarf_sections dwp_sections; /* of split units packed together; empty when there are none */
	struct hw_dwarf_units units, alt_units;
	/* Of the first section of code: lower ranges belong to functions the linker left out. */
	uint64_t code_start_svma;
	/* Ranges that may still be read: a small file can refer to a long list often. */
	uint64_t range_budget;
	/* Bytes of line tables that may still be read: many units can name the same table. */
	_Atomic uint64_t line_bytes_left;
	/* Bytes of texts that may still be copied: many functions can be called by the same long one. */
	_Atomic uint64_t copy_bytes_left;
	HW_VEC(struct hw_unit_range) ranges; /* by start */
};

/* Open the DWARF of a file and index its units by the ranges in their DIEs, not by .debug_aranges, which clang does
 * not write. alt is the dwz file, dwp the one with packed split units, or NULL. All are borrowed and must outlive it;
 * info must not be moved. False when there is none. Finish with hw_debug_info_close either way. */
bool hw_debug_info_open(struct hw_debug_info *info, const struct hw_elf *elf, const struct hw_elf *alt,
			const struct hw_elf *dwp);
void hw_debug_info_close(struct hw_debug_info *info);

/* May so many bytes of line tables be read? Takes them off line_bytes_left; once they are more, nothing further may be.
 * Threads may ask at the same time. */
bool hw_debug_info_afford_lines(struct hw_debug_info *info, uint64_t size_bytes);

/* May so many bytes of its texts be copied? Likewise, of copy_bytes_left. */
bool hw_debug_info_afford_copy(struct hw_debug_info *info, uint64_t size_bytes);

/* The unit an address belongs to, or HW_UNIT_NONE. */
uint32_t hw_debug_info_unit(const struct hw_debug_info *info, uint64_t svma);

#endif
