#include "dso/inlines.h"

#include <dwarf.h>

#define DEPTH_MAX 128

struct walk {
	struct hw_inlines *inlines;
	struct hw_debug_info *info;
	const struct hw_query *queries;
	size_t count;
};

/* Where the walk is: the node and the scope around it. */
struct surroundings {
	uint32_t node;
	uint32_t scope;
	unsigned depth;
};

static void walk_children(struct walk *walk, Dwarf_Die *die, struct surroundings around);

/* Index of the first query at or after an address. */
static size_t first_query(const struct walk *walk, uint64_t svma)
{
	size_t low = 0, high = walk->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (walk->queries[middle].svma < svma)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Make the DIE the innermost function of every address that it covers and that its parent covers; its node, or
 * HW_INLINE_NONE when there is no such address. */
static uint32_t match(struct walk *walk, Dwarf_Die *die, uint32_t parent)
{
	struct hw_inlines *inlines = walk->inlines;
	const uint32_t node = (uint32_t)inlines->nodes.count;
	uint64_t start_svma, limit_svma;
	ptrdiff_t offset = 0;
	bool any = false;

	while (hw_debug_info_range(walk->info, die, &offset, &start_svma, &limit_svma))
		for (size_t i = first_query(walk, start_svma);
		     i < walk->count && walk->queries[i].svma < limit_svma; i++)
			if (inlines->innermost.at[i] == parent) {
				inlines->innermost.at[i] = node;
				any = true;
			}
	if (!any)
		return HW_INLINE_NONE;
	hw_vec_push(&inlines->nodes,
		    (struct hw_inline_node){ .die = *die, .parent = parent, .function = HW_INLINE_NONE });
	return node;
}

static uint32_t open_scope(struct walk *walk, Dwarf_Die *die, uint32_t parent)
{
	hw_vec_push(&walk->inlines->scopes,
		    (struct hw_inline_scope){ .start = die->addr, .parent = parent, .die = *die });
	return (uint32_t)walk->inlines->scopes.count - 1;
}

/* One DIE and what is below it. Functions no address lies in are entered too, for functions declared inside them
 * (members of local classes, nested functions), but the calls inlined into them are not. */
static void visit(struct walk *walk, Dwarf_Die *die, struct surroundings around)
{
	switch (dwarf_tag(die)) {
	case DW_TAG_subprogram:
		around.node = match(walk, die, HW_INLINE_NONE);
		break;
	case DW_TAG_inlined_subroutine:
		if (around.node != HW_INLINE_NONE)
			around.node = match(walk, die, around.node);
		if (around.node == HW_INLINE_NONE)
			return;
		break;
	case DW_TAG_lexical_block:
	case DW_TAG_try_block:
	case DW_TAG_catch_block:
	case DW_TAG_with_stmt:
		break;
	case DW_TAG_namespace:
	case DW_TAG_class_type:
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
	case DW_TAG_enumeration_type: /* Rust's have methods */
	case DW_TAG_interface_type:
	case DW_TAG_module:
		around.node = HW_INLINE_NONE;
		around.scope = open_scope(walk, die, around.scope);
		break;
	default:
		return;
	}
	walk_children(walk, die, around);
}

static void walk_children(struct walk *walk, Dwarf_Die *die, struct surroundings around)
{
	Dwarf_Die child;

	if (++around.depth > DEPTH_MAX || dwarf_child(die, &child) != 0)
		return;
	for (;;) {
		const size_t scope = walk->inlines->scopes.count;
		const void *start = child.addr;

		visit(walk, &child, around);
		if (!hw_die_next(&child))
			return;
		/* The DIE visited, if it was a scope, ends where its sibling starts. */
		if (scope < walk->inlines->scopes.count && walk->inlines->scopes.at[scope].start == start)
			walk->inlines->scopes.at[scope].limit = child.addr;
	}
}

void hw_inlines_find(struct hw_inlines *inlines, struct hw_debug_info *info, uint32_t unit,
		     const struct hw_query *queries, size_t count)
{
	struct walk walk = { .inlines = inlines, .info = info, .queries = queries, .count = count };
	const struct surroundings top = { .node = HW_INLINE_NONE, .scope = HW_INLINE_NONE };

	inlines->innermost.count = 0;
	inlines->nodes.count = 0;
	inlines->scopes.count = 0;
	for (size_t i = 0; i < count; i++)
		hw_vec_push(&inlines->innermost, HW_INLINE_NONE);
	walk_children(&walk, &info->units.at[unit].die, top);
}

void hw_inlines_fini(struct hw_inlines *inlines)
{
	hw_vec_fini(&inlines->innermost);
	hw_vec_fini(&inlines->nodes);
	hw_vec_fini(&inlines->scopes);
}

/* Does the scope hold the DIE at that address? */
static bool holds(const struct hw_inlines *inlines, uint32_t scope, const uint8_t *at)
{
	for (; scope != HW_INLINE_NONE; scope = inlines->scopes.at[scope].parent) {
		const struct hw_inline_scope *s = &inlines->scopes.at[scope];

		if (at <= s->start)
			return false;
		if (s->limit)
			return at < s->limit;
	}
	return true;
}

static void add_scope(struct hw_buf *name, const struct hw_inlines *inlines, uint32_t scope)
{
	struct hw_inline_scope *s;
	const char *text;

	if (scope == HW_INLINE_NONE)
		return;
	s = &inlines->scopes.at[scope];
	add_scope(name, inlines, s->parent); /* not deeper than the walk */
	text = dwarf_diename(&s->die);
	if (!text)
		text = dwarf_tag(&s->die) == DW_TAG_namespace ? "(anonymous namespace)" : "{unnamed}";
	hw_buf_text(name, text);
	hw_buf_text(name, "::");
}

void hw_inlines_qualify(struct hw_buf *name, const struct hw_inlines *inlines, const Dwarf_Die *die)
{
	const uint8_t *at = die->addr;
	size_t low = 0, high = inlines->scopes.count;
	uint32_t scope;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (inlines->scopes.at[middle].start < at)
			low = middle + 1;
		else
			high = middle;
	}
	scope = low ? (uint32_t)low - 1 : HW_INLINE_NONE;
	while (scope != HW_INLINE_NONE && !holds(inlines, scope, at))
		scope = inlines->scopes.at[scope].parent;
	add_scope(name, inlines, scope);
}
