/* Which functions an address is in: the physical one and those inlined into it, from one sweep over the DIEs of its
 * unit for all addresses at once. */
#ifndef HW_DSO_INLINES_H
#define HW_DSO_INLINES_H

#include "base/vec.h"
#include "dso/dwarf_unit.h"

#define HW_INLINE_NONE UINT32_MAX

/* A function, or a call of one that was inlined, that covers some of the addresses. */
struct hw_inline_node {
	const uint8_t *die;
	struct hw_dwarf_value origin; /* DW_AT_abstract_origin */
	uint64_t entry_svma;	      /* DW_AT_entry_pc, or where its first range starts */
	uint32_t parent;	      /* node it is inlined into; HW_INLINE_NONE for a physical function */
	uint32_t call_file, call_line, call_column; /* where it was called; 0 unknown */
	bool has_call_file;
};

struct hw_inlines {
	HW_VEC(uint32_t) innermost; /* node of each address; HW_INLINE_NONE = in no function */
	HW_VEC(struct hw_inline_node) nodes;
};

/* Find the functions of addresses (ascending) that lie in one unit. What was found before is forgotten. Ranges that
 * start below code_start_svma are of functions the linker left out. Where broken or strange DIEs overlap, the
 * first wins. The work is bounded by the unit's size and the number of addresses: beyond what compilers make, the rest
 * of the ranges is left unread. */
void hw_inlines_find(struct hw_inlines *inlines, const struct hw_dwarf_unit *unit, uint64_t code_start_svma,
		     const uint64_t *svmas, size_t count, struct hw_dwarf_abbrev_cache *cache);
void hw_inlines_fini(struct hw_inlines *inlines);

#endif
