#include "dso/inlines.h"

#include "dso/dwarf_ranges.h"
#include "dso/dwarf_walk.h"

#include <dwarf.h>

/* Steps over ranges, and over the addresses in them, for each byte of the unit and for each address. A DIE with code
 * takes 10 bytes and seldom has more than 20 ranges; calls are seldom inlined more than 20 deep. */
#define STEPS_PER_BYTE 16
#define STEPS_PER_ADDRESS 512

enum role {
	ROLE_OTHER,
	ROLE_FUNCTION,
	ROLE_INLINED,
	ROLE_BLOCK, /* in a function */
	ROLE_SPACE, /* holds functions */
	ROLE_TYPE,  /* may hold functions, as Rust's do; others only declare them */
};

struct search {
	struct hw_inlines *inlines;
	struct hw_dwarf_walk walk;
	uint64_t code_start_svma;
	const uint64_t *svmas;
	size_t count;
	uint64_t steps_left;
	/* Go everywhere: functions no address lies in may hold others (members of local classes, nested functions). */
	bool is_thorough;
	uint32_t node_at[HW_DWARF_DEPTH_MAX + 1]; /* what the DIEs at each depth are in */
};

static enum role role_of(unsigned tag)
{
	switch (tag) {
	case DW_TAG_subprogram:
		return ROLE_FUNCTION;
	case DW_TAG_inlined_subroutine:
		return ROLE_INLINED;
	case DW_TAG_lexical_block:
	case DW_TAG_try_block:
	case DW_TAG_catch_block:
	case DW_TAG_with_stmt:
		return ROLE_BLOCK;
	case DW_TAG_namespace:
	case DW_TAG_module:
		return ROLE_SPACE;
	case DW_TAG_class_type:
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
	case DW_TAG_enumeration_type:
	case DW_TAG_interface_type:
		return ROLE_TYPE;
	default:
		return ROLE_OTHER;
	}
}

/* Index of the first address at or after another. */
static size_t first_address(const struct search *search, uint64_t svma)
{
	size_t low = 0, high = search->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (search->svmas[middle] < svma)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Give the addresses in a range that are the parent's to a node; true when there are any. */
static bool take_addresses(struct search *search, uint64_t start_svma, uint64_t limit_svma, uint32_t parent,
			   uint32_t node)
{
	uint32_t *innermost = search->inlines->innermost.at;
	bool any = false;

	if (start_svma > search->svmas[search->count - 1] || limit_svma <= search->svmas[0])
		return false;
	for (size_t i = first_address(search, start_svma); i < search->count && search->svmas[i] < limit_svma;
	     i++) {
		if (!search->steps_left)
			break;
		search->steps_left--;
		if (innermost[i] == parent) {
			innermost[i] = node;
			any = true;
		}
	}
	return any;
}

static uint32_t number(const struct hw_dwarf_value *value)
{
	return value->kind == HW_DWARF_NUMBER && value->number <= INT32_MAX ? (uint32_t)value->number : 0;
}

static void read_node(struct hw_inline_node *node, struct hw_dwarf_code *code,
		      struct hw_dwarf_value *entry_pc, struct hw_die *die)
{
	struct hw_dwarf_value value;
	unsigned name;

	while (hw_die_next_attribute(die, &name, &value)) {
		switch (name) {
		case DW_AT_abstract_origin:
			node->origin = value;
			break;
		case DW_AT_call_file:
			node->has_call_file = true;
			node->call_file = number(&value);
			break;
		case DW_AT_call_line:
			node->call_line = number(&value);
			break;
		case DW_AT_call_column:
			node->call_column = number(&value);
			break;
		case DW_AT_entry_pc:
			*entry_pc = value;
			break;
		default:
			hw_dwarf_code_keep(code, name, &value);
			break;
		}
	}
}

/* Make the DIE at hand the innermost function of every address that it covers and that its parent covers; its node, or
 * HW_INLINE_NONE when there is no such address. */
static uint32_t match(struct search *search, uint32_t parent)
{
	const struct hw_dwarf_unit *unit = search->walk.unit;
	const uint32_t index = (uint32_t)search->inlines->nodes.count;
	struct hw_inline_node node = { .die = search->walk.start, .parent = parent };
	struct hw_die die = hw_dwarf_walk_die(&search->walk);
	struct hw_dwarf_value entry_pc = { 0 };
	struct hw_dwarf_code code = { 0 };
	uint64_t start_svma, limit_svma;
	struct hw_dwarf_ranges ranges;
	bool is_first = true, any = false;

	read_node(&node, &code, &entry_pc, &die);
	if (die.rest.overrun)
		return HW_INLINE_NONE;
	hw_dwarf_ranges_open(&ranges, unit, &code);
	while (search->steps_left && hw_dwarf_ranges_next(&ranges, &start_svma, &limit_svma)) {
		search->steps_left--;
		if (start_svma < search->code_start_svma || start_svma >= limit_svma)
			continue;
		if (is_first)
			node.entry_svma = start_svma;
		is_first = false;
		any |= take_addresses(search, start_svma, limit_svma, parent, index);
	}
	if (!any)
		return HW_INLINE_NONE;
	(void)hw_dwarf_unit_address(unit, &entry_pc, &node.entry_svma);
	hw_vec_push(&search->inlines->nodes, node);
	return index;
}

/* Whether to go below the DIE at hand, and in which node what is there stands. */
static bool visit(struct search *search, uint32_t *node)
{
	const struct hw_dwarf_abbrev *abbrev = search->walk.abbrev;

	switch (role_of(abbrev->tag)) {
	case ROLE_FUNCTION:
		*node = abbrev->has_code ? match(search, HW_INLINE_NONE) : HW_INLINE_NONE;
		return *node != HW_INLINE_NONE || search->is_thorough;
	case ROLE_INLINED:
		if (*node != HW_INLINE_NONE && abbrev->has_code)
			*node = match(search, *node);
		else
			*node = HW_INLINE_NONE;
		return *node != HW_INLINE_NONE;
	case ROLE_BLOCK:
		return *node != HW_INLINE_NONE || search->is_thorough;
	case ROLE_SPACE:
		*node = HW_INLINE_NONE;
		return true;
	case ROLE_TYPE:
		*node = HW_INLINE_NONE;
		return search->is_thorough;
	case ROLE_OTHER:
		break;
	}
	return false;
}

static void sweep(struct search *search, const struct hw_dwarf_unit *unit,
		  struct hw_dwarf_abbrev_cache *cache)
{
	struct hw_dwarf_walk *walk = &search->walk;

	hw_dwarf_walk_open(walk, unit, cache);
	search->node_at[0] = HW_INLINE_NONE;
	while (hw_dwarf_walk_next(walk)) {
		uint32_t node = search->node_at[walk->depth];

		if (visit(search, &node)) {
			search->node_at[walk->depth + 1] = node;
			hw_dwarf_walk_enter(walk);
		} else {
			hw_dwarf_walk_over(walk);
		}
	}
}

static bool all_found(const struct hw_inlines *inlines)
{
	for (size_t i = 0; i < inlines->innermost.count; i++)
		if (inlines->innermost.at[i] == HW_INLINE_NONE)
			return false;
	return true;
}

void hw_inlines_find(struct hw_inlines *inlines, const struct hw_dwarf_unit *unit, uint64_t code_start_svma,
		     const uint64_t *svmas, size_t count, struct hw_dwarf_abbrev_cache *cache)
{
	struct search search = {
		.inlines = inlines,
		.code_start_svma = code_start_svma,
		.svmas = svmas,
		.count = count,
		.steps_left = (uint64_t)(unit->dies.end - unit->dies.at) * STEPS_PER_BYTE +
			      (uint64_t)count * STEPS_PER_ADDRESS,
	};

	inlines->innermost.count = 0;
	inlines->nodes.count = 0;
	hw_vec_reserve(&inlines->innermost, count);
	for (size_t i = 0; i < count; i++)
		hw_vec_push(&inlines->innermost, HW_INLINE_NONE);
	if (!count)
		return;
	sweep(&search, unit, cache);
	if (all_found(inlines))
		return;
	search.is_thorough = true;
	sweep(&search, unit, cache);
}

void hw_inlines_fini(struct hw_inlines *inlines)
{
	hw_vec_fini(&inlines->innermost);
	hw_vec_fini(&inlines->nodes);
}
