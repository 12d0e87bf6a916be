#include "dso/die_scope.h"

#include "dso/die_name.h"
#include "dso/dwarf_walk.h"

#include <dwarf.h>
#include <stdatomic.h>

#define NO_SCOPE UINT32_MAX
#define QUALIFIED_MAX_BYTES ((size_t)64 << 10)

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

/* Close the scopes at that depth and deeper: the DIE at hand is behind them. */
static void close_scopes(struct hw_die_scopes *scopes, uint32_t *open, unsigned *depth_open, unsigned depth,
			 const uint8_t *limit)
{
	while (*depth_open > depth) {
		const uint32_t scope = open[--*depth_open];

		if (scope != NO_SCOPE && !scopes->list.at[scope].limit)
			scopes->list.at[scope].limit = limit;
	}
}

/* The innermost scope around what is below `depth` open DIEs. */
static uint32_t innermost(const uint32_t *open, unsigned depth)
{
	while (depth > 0)
		if (open[--depth] != NO_SCOPE)
			return open[depth];
	return NO_SCOPE;
}

static struct hw_die_scopes *find_scopes(const struct hw_dwarf_unit *unit,
					 struct hw_dwarf_abbrev_cache *cache)
{
	struct hw_die_scopes *scopes = hw_alloc(1, sizeof *scopes);
	uint32_t open[HW_DWARF_DEPTH_MAX + 1];
	unsigned depth_open = 0;
	struct hw_dwarf_walk walk;

	hw_dwarf_walk_open(&walk, unit, cache);
	while (hw_dwarf_walk_next(&walk)) {
		const bool opens = walk.abbrev->has_children && is_scope(walk.abbrev->tag);

		close_scopes(scopes, open, &depth_open, walk.depth, walk.start);
		while (depth_open < walk.depth)
			open[depth_open++] = NO_SCOPE;
		if (opens) {
			const uint32_t parent = innermost(open, depth_open);

			open[depth_open++] = (uint32_t)scopes->list.count;
			hw_vec_push(&scopes->list,
				    (struct hw_die_scope){ .start = walk.start, .parent = parent });
		}
		hw_dwarf_walk_enter(&walk);
	}
	close_scopes(scopes, open, &depth_open, 0, unit->dies.end);
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

static void add_scope(struct hw_buf *name, const struct hw_dwarf_unit *unit,
		      const struct hw_die_scopes *scopes, uint32_t index, struct hw_dwarf_abbrev_cache *cache)
{
	const struct hw_die_scope *scope;
	struct hw_die die;
	const char *text;

	if (index == NO_SCOPE)
		return;
	scope = &scopes->list.at[index];
	add_scope(name, unit, scopes, scope->parent, cache); /* not deeper than the walk */
	if (name->size > QUALIFIED_MAX_BYTES || !hw_die_open(&die, unit, scope->start, cache))
		return;
	text = hw_die_text(&die, DW_AT_name);
	if (!text)
		text = die.abbrev->tag == DW_TAG_namespace ? "(anonymous namespace)" : "{unnamed}";
	hw_buf_text(name, text);
	hw_buf_text(name, "::");
}

void hw_die_qualify(struct hw_buf *name, const struct hw_dwarf_unit *unit, const uint8_t *die,
		    struct hw_dwarf_abbrev_cache *cache)
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
	while (scope != NO_SCOPE && die >= scopes->list.at[scope].limit)
		scope = scopes->list.at[scope].parent;
	add_scope(name, unit, scopes, scope, cache);
}
