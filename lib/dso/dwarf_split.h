/* Split units: the DIEs of a skeleton, in a .dwo file of their own or packed with others into a .dwp (DWARF 5 sections
 * 3.1.3 and 7.3.5; GNU's DebugFission and DebugFissionDWP for DWARF 4). */
#ifndef HW_DSO_DWARF_SPLIT_H
#define HW_DSO_DWARF_SPLIT_H

#include "dso/debug_file.h"
#include "dso/dwarf_unit.h"

struct hw_dwarf_split {
	struct hw_elf *elf;	       /* of the .dwo; owned. NULL when the unit is in the .dwp */
	struct hw_dwarf_sections file; /* of the .dwo */
	struct hw_dwarf_sections
		sections; /* the unit's parts of them, and what it shares with its skeleton */
	struct hw_dwarf_units units;
	const struct hw_dwarf_unit *unit; /* the one that belongs to the skeleton */
};

/* Find the unit that belongs to a skeleton: in the .dwp, whose sections may be empty; then in the files of its name. False
 * when there is none with its dwo_id. All are borrowed and must outlive it; split must not be moved. Finish with
 * hw_dwarf_split_close either way. */
bool hw_dwarf_split_open(struct hw_dwarf_split *split, const struct hw_dwarf_unit *skeleton,
			 const struct hw_dwarf_sections *dwp, const struct hw_debug_files *files,
			 struct hw_dwarf_abbrev_cache *cache);
void hw_dwarf_split_close(struct hw_dwarf_split *split, struct hw_dwarf_abbrev_cache *cache);

/* Cut the sections of a .dwp down to what belongs to one unit; false when its index does not have it. */
bool hw_dwarf_index_slice(struct hw_dwarf_sections *slice, const struct hw_dwarf_sections *dwp,
			  uint64_t dwo_id);

#endif
