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

/* The same in steps, for those who add many: first the hash, then the stack. */
uint32_t hw_stacks_hash(const uint32_t *locations, uint32_t count);
struct hw_stack_id hw_stacks_add_hashed(struct hw_stacks *stacks, const uint32_t *locations, uint32_t count,
					uint32_t hash);

/* Ask the memory for what hw_stacks_guess reads. */
static inline void hw_stacks_expect(const struct hw_stacks *stacks, uint32_t hash)
{
	if (stacks->slots)
		__builtin_prefetch(&stacks->slots[hash & stacks->slot_mask]);
}

/* The id that a stack with that hash has, unless it is new or another one took its slot; UINT32_MAX when it is new. */
static inline uint32_t hw_stacks_guess(const struct hw_stacks *stacks, uint32_t hash)
{
	return stacks->slots ? stacks->slots[hash & stacks->slot_mask] : UINT32_MAX;
}

/* The locations of a stack, leaf first; borrowed until the next add. */
static inline const uint32_t *hw_stacks_locations(const struct hw_stacks *stacks, struct hw_stack_id id,
						  uint32_t *count)
{
	const struct hw_stack *stack = &stacks->list.at[id.index];

	*count = stack->count;
	return stacks->frames.at + stack->first;
}

#endif
