/* The namespaces and classes that DIEs of a unit stand in, and the functions around those, for names where DWARF has no
 * linkage name. */
#ifndef HW_DSO_DIE_SCOPE_H
#define HW_DSO_DIE_SCOPE_H

#include "base/buf.h"
#include "dso/dwarf_unit.h"

struct hw_die_scope {
	const uint8_t *start, *limit; /* its DIE, and the end of what is below it */
	uint32_t parent;	      /* index, or UINT32_MAX */
	bool is_function;
};

struct hw_die_scopes {
	HW_VEC(struct hw_die_scope) list; /* by start */
};

/* The scopes of a unit, found by the first call for it and kept with it. Threads may ask at the same time. */
const struct hw_die_scopes *hw_die_scopes_get(const struct hw_dwarf_unit *unit,
					      struct hw_dwarf_abbrev_cache *cache);
void hw_die_scopes_free(struct hw_die_scopes *scopes);

/* Append "ns::(anonymous namespace)::Class::" for a DIE of that unit; nothing when it is declared at the top. A class in
 * a function has its name in front, without parameters, so that lambdas are told apart: "ns::sum::{unnamed}::". */
void hw_die_qualify(struct hw_buf *name, const struct hw_dwarf_unit *unit, const uint8_t *die,
		    struct hw_dwarf_abbrev_cache *cache);

#endif
