/* Interned call stacks: equal stacks get equal ids.
 *
 * A stack is a run of location ids in one long array, leaf first, found again by a hash of the whole run. (A
 * tree of (parent, frame) nodes would share prefixes but costs one dependent cache miss per frame to intern and
 * one to walk; ARCHITECTURE.md has the measurement.) */
#ifndef HW_PROFILE_STACK_H
#define HW_PROFILE_STACK_H

#include "base/vec.h"

#include <stdint.h>

struct hw_stack_id {
	uint32_t index;
};

struct hw_stack {
	uint64_t first; /* index into frames */
	uint32_t count;
	uint32_t hash; /* of the locations: growing the index need not walk them again */
};

struct hw_stacks {
	HW_VEC(struct hw_stack) list; /* by id */
	HW_VEC(uint32_t) frames;      /* location ids */
	uint32_t *slots;	      /* open addressing: stack id or UINT32_MAX */
	size_t slot_mask;
};

void hw_stacks_fini(struct hw_stacks *stacks);

/* Make the index large enough for stack_count stacks in all, so that adding them does not grow it step by step. */
void hw_stacks_reserve(struct hw_stacks *stacks, size_t stack_count);

/* Id of the stack of these locations, leaf first, added when new. Allocates only then (amortised).
 * An empty stack is a stack. */
struct hw_stack_id hw_stacks_add(struct hw_stacks *stacks, const uint32_t *locations, uint32_t count);

/* The locations of a stack, leaf first; borrowed until the next add. */
static inline const uint32_t *hw_stacks_locations(const struct hw_stacks *stacks, struct hw_stack_id id,
						  uint32_t *count)
{
	const struct hw_stack *stack = &stacks->list.at[id.index];

	*count = stack->count;
	return stacks->frames.at + stack->first;
}

#endif
