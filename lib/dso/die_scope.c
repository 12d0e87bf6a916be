#include "dso/die_scope.h"

#include "dso/die_name.h"
#include "dso/dwarf_walk.h"

#include <dwarf.h>
#include <stdatomic.h>

#define NO_SCOPE UINT32_MAX
#define QUALIFIED_MAX_BYTES ((size_t)64 << 10)
/* Classes in functions in classes in functions: a circle of references would not end. */
#define FUNCTIONS_MAX 8

static bool is_scope(unsigned tag)
{
	switch (tag) {
	case DW_TAG_namespace:
	case DW_TAG_class_type:
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
	case DW_TAG_enumeration_type: /* Rust's have methods */
	case DW_TAG_interface_type:
	case DW_TAG_module:
		return true;
	default:
		return false;
	}
}

/* A DIE that was entered: a scope, a function that becomes one when there is a scope in it, or anything else. */
struct entered {
	uint32_t scope; /* or NO_SCOPE */
	const uint8_t *function;
};

/* The DIEs around the one at hand. */
struct path {
	struct entered at[HW_DWARF_DEPTH_MAX + 1];
	unsigned depth;
};

/* Leave the DIEs at that depth and deeper: the one at hand is behind them. */
static void leave(struct hw_die_scopes *scopes, struct path *path, unsigned depth, const uint8_t *limit)
{
	while (path->depth > depth) {
		const uint32_t scope = path->at[--path->depth].scope;

		if (scope != NO_SCOPE)
			scopes->list.at[scope].limit = limit;
	}
}

/* Add a scope, and the functions around it that are none yet; their DIEs stand in front of it, and behind all others. */
static void add_scopes(struct hw_die_scopes *scopes, struct path *path, const uint8_t *start)
{
	uint32_t parent = NO_SCOPE;

	for (unsigned i = 0; i < path->depth; i++) {
		struct entered *entered = &path->at[i];

		if (entered->function && entered->scope == NO_SCOPE) {
			entered->scope = (uint32_t)scopes->list.count;
			hw_vec_push(&scopes->list, (struct hw_die_scope){ .start = entered->function,
									  .parent = parent,
									  .is_function = true });
		}
		if (entered->scope != NO_SCOPE)
			parent = entered->scope;
	}
	path->at[path->depth++].scope = (uint32_t)scopes->list.count;
	hw_vec_push(&scopes->list, (struct hw_die_scope){ .start = start, .parent = parent });
}

static struct hw_die_scopes *find_scopes(const struct hw_dwarf_unit *unit,
					 struct hw_dwarf_abbrev_cache *cache)
{
	struct hw_die_scopes *scopes = hw_alloc(1, sizeof *scopes);
	struct path path = { .depth = 0 };
	struct hw_dwarf_walk walk;

	hw_dwarf_walk_open(&walk, unit, cache);
	while (hw_dwarf_walk_next(&walk)) {
		leave(scopes, &path, walk.depth, walk.start);
		while (path.depth < walk.depth)
			path.at[path.depth++] = (struct entered){ .scope = NO_SCOPE };
		if (walk.abbrev->has_children && walk.abbrev->tag == DW_TAG_subprogram) {
			path.at[path.depth++] = (struct entered){ .scope = NO_SCOPE, .function = walk.start };
		} else if (walk.abbrev->has_children && is_scope(walk.abbrev->tag)) {
			path.at[path.depth].function = NULL;
			add_scopes(scopes, &path, walk.start);
		}
		hw_dwarf_walk_enter(&walk);
	}
	leave(scopes, &path, 0, unit->dies.end);
	return scopes;
}

void hw_die_scopes_free(struct hw_die_scopes *scopes)
{
	if (!scopes)
		return;
	hw_vec_fini(&scopes->list);
	free(scopes);
}

const struct hw_die_scopes *hw_die_scopes_get(const struct hw_dwarf_unit *unit,
					      struct hw_dwarf_abbrev_cache *cache)
{
	_Atomic(struct hw_die_scopes *) *at = &unit->home->scopes[unit - unit->home->list.at];
	struct hw_die_scopes *there = atomic_load(at);
	struct hw_die_scopes *mine;

	if (there)
		return there;
	mine = find_scopes(unit, cache);
	if (atomic_compare_exchange_strong(at, &there, mine))
		return mine;
	hw_die_scopes_free(mine); /* another thread was faster */
	return there;
}

static void qualify(struct hw_buf *name, const struct hw_dwarf_unit *unit, const uint8_t *die,
		    unsigned functions, struct hw_dwarf_abbrev_cache *cache);

/* Append the name of a function that holds a class, with what it is declared in. */
static void add_function(struct hw_buf *name, const struct hw_dwarf_unit *unit, const uint8_t *die,
			 unsigned functions, struct hw_dwarf_abbrev_cache *cache)
{
	struct hw_die_name function;

	hw_die_name_read(&function, unit, die, cache);
	if (!function.name)
		return;
	qualify(name, function.unit, function.declared, functions + 1, cache);
	hw_buf_text(name, function.name);
	hw_buf_text(name, "::");
}

static void add_scope(struct hw_buf *name, const struct hw_dwarf_unit *unit,
		      const struct hw_die_scopes *scopes, uint32_t index, unsigned functions,
		      struct hw_dwarf_abbrev_cache *cache)
{
	const struct hw_die_scope *scope;
	struct hw_die die;
	const char *text;

	if (index == NO_SCOPE || name->size > QUALIFIED_MAX_BYTES)
		return;
	scope = &scopes->list.at[index];
	if (scope->is_function) {
		if (functions < FUNCTIONS_MAX)
			add_function(name, unit, scope->start, functions, cache);
		return;
	}
	add_scope(name, unit, scopes, scope->parent, functions, cache); /* not deeper than the walk */
	if (name->size > QUALIFIED_MAX_BYTES || !hw_die_open(&die, unit, scope->start, cache))
		return;
	text = hw_die_text(&die, DW_AT_name);
	if (!text)
		text = die.abbrev->tag == DW_TAG_namespace ? "(anonymous namespace)" : "{unnamed}";
	hw_buf_text(name, text);
	hw_buf_text(name, "::");
}

/* functions: how many were gone through on the way here. */
static void qualify(struct hw_buf *name, const struct hw_dwarf_unit *unit, const uint8_t *die,
		    unsigned functions, struct hw_dwarf_abbrev_cache *cache)
{
	const struct hw_die_scopes *scopes = hw_die_scopes_get(unit, cache);
	size_t low = 0, high = scopes->list.count;
	uint32_t scope;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (scopes->list.at[middle].start < die)
			low = middle + 1;
		else
			high = middle;
	}
	scope = low ? (uint32_t)low - 1 : NO_SCOPE;
	/* What is only declared in a function, without a class around it, is not named after it. */
	while (scope != NO_SCOPE &&
	       (die >= scopes->list.at[scope].limit || scopes->list.at[scope].is_function))
		scope = scopes->list.at[scope].parent;
	add_scope(name, unit, scopes, scope, functions, cache);
}

void hw_die_qualify(struct hw_buf *name, const struct hw_dwarf_unit *unit, const uint8_t *die,
		    struct hw_dwarf_abbrev_cache *cache)
{
	qualify(name, unit, die, 0, cache);
}
