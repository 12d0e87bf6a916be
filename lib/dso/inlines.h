/* Which functions an address is in: the physical one and those inlined into it, from one sweep over the DIEs of its
 * unit for all addresses at once. */
#ifndef HW_DSO_INLINES_H
#define HW_DSO_INLINES_H

#include "base/buf.h"
#include "base/vec.h"
#include "dso/debug_info.h"

#include <stdint.h>

#define HW_INLINE_NONE UINT32_MAX

/* An address asked for. */
struct hw_query {
	uint64_t svma;
	uint32_t position; /* the caller's */
	uint32_t unit;	   /* HW_UNIT_NONE = in none */
};

/* A function, or a call of one that was inlined, that covers some of the addresses. */
struct hw_inline_node {
	Dwarf_Die die;
	uint32_t parent;   /* node it is inlined into; HW_INLINE_NONE for a physical function */
	uint32_t function; /* the caller's: its name, once looked up; HW_INLINE_NONE at first */
};

/* A namespace or class that functions are declared in. */
struct hw_inline_scope {
	const uint8_t *start, *limit; /* its DIEs; limit NULL = as far as its parent */
	uint32_t parent;
	Dwarf_Die die;
};

struct hw_inlines {
	HW_VEC(uint32_t) innermost; /* node of each query; HW_INLINE_NONE = in no function */
	HW_VEC(struct hw_inline_node) nodes;
	HW_VEC(struct hw_inline_scope) scopes; /* by start */
};

/* Find the functions of addresses (ascending) that lie in one unit. What was found before is forgotten. Where broken
 * or strange DIEs overlap, the first wins; nesting is followed 128 levels deep. */
void hw_inlines_find(struct hw_inlines *inlines, struct hw_debug_info *info, uint32_t unit,
		     const struct hw_query *queries, size_t count);
void hw_inlines_fini(struct hw_inlines *inlines);

/* Append "ns::(anonymous namespace)::Class::" for a DIE of that unit; nothing when it is declared at the top. */
void hw_inlines_qualify(struct hw_buf *name, const struct hw_inlines *inlines, const Dwarf_Die *die);

#endif
