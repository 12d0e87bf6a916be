#include "profile/stack.h"

#include "base/map.h"

#define NO_STACK UINT32_MAX
#define FIRST_SLOTS 256

void hw_stacks_fini(struct hw_stacks *stacks)
{
	hw_vec_fini(&stacks->list);
	hw_vec_fini(&stacks->frames);
	free(stacks->slots);
	*stacks = (struct hw_stacks){ 0 };
}

/* Two locations per round: one multiplication deep, where hw_hash_bytes is two; stacks are long and many. */
uint32_t hw_stacks_hash(const uint32_t *locations, uint32_t count)
{
	uint64_t hash = count;
	uint32_t i;

	for (i = 0; i + 2 <= count; i += 2) {
		hash = (hash ^ (locations[i] | (uint64_t)locations[i + 1] << 32)) *
		       UINT64_C(0x9fb21c651e98df25);
		hash ^= hash >> 32;
	}
	hash = hw_hash_mix(hash, i < count ? locations[i] : 0);
	return (uint32_t)(hash ^ hash >> 32);
}

/* The slot of the stack when it is there, else the free slot where it belongs. */
static size_t find_slot(const struct hw_stacks *stacks, const uint32_t *locations, uint32_t count,
			uint32_t hash)
{
	size_t slot = hash & stacks->slot_mask;

	for (; stacks->slots[slot] != NO_STACK; slot = (slot + 1) & stacks->slot_mask) {
		const struct hw_stack *stack = &stacks->list.at[stacks->slots[slot]];

		if (stack->hash == hash && stack->count == count &&
		    (count == 0 ||
		     memcmp(stacks->frames.at + stack->first, locations, count * sizeof *locations) == 0))
			return slot;
	}
	return slot;
}

static void resize_slots(struct hw_stacks *stacks, size_t slot_count)
{
	free(stacks->slots);
	stacks->slots = hw_realloc(NULL, slot_count, sizeof *stacks->slots);
	memset(stacks->slots, 0xff, slot_count * sizeof *stacks->slots);
	stacks->slot_mask = slot_count - 1;
	for (size_t i = 0; i < stacks->list.count; i++) {
		size_t slot = stacks->list.at[i].hash & stacks->slot_mask;

		while (stacks->slots[slot] != NO_STACK)
			slot = (slot + 1) & stacks->slot_mask;
		stacks->slots[slot] = (uint32_t)i;
	}
}

void hw_stacks_reserve(struct hw_stacks *stacks, size_t stack_count)
{
	size_t slot_count = stacks->slots ? stacks->slot_mask + 1 : FIRST_SLOTS;

	while (slot_count / 2 < stack_count)
		slot_count *= 2;
	if (!stacks->slots || slot_count != stacks->slot_mask + 1)
		resize_slots(stacks, slot_count);
}

struct hw_stack_id hw_stacks_add(struct hw_stacks *stacks, const uint32_t *locations, uint32_t count)
{
	return hw_stacks_add_hashed(stacks, locations, count, hw_stacks_hash(locations, count));
}

struct hw_stack_id hw_stacks_add_hashed(struct hw_stacks *stacks, const uint32_t *locations, uint32_t count,
					uint32_t hash)
{
	struct hw_stack_id id;
	size_t slot;

	if (!stacks->slots)
		hw_stacks_reserve(stacks, 1);
	slot = find_slot(stacks, locations, count, hash);
	if (stacks->slots[slot] != NO_STACK)
		return (struct hw_stack_id){ stacks->slots[slot] };

	if (stacks->list.count >= (stacks->slot_mask + 1) / 2) {
		hw_stacks_reserve(stacks, stacks->list.count + 1);
		slot = find_slot(stacks, locations, count, hash);
	}
	id.index = (uint32_t)stacks->list.count;
	hw_vec_push(&stacks->list,
		    (struct hw_stack){ .first = stacks->frames.count, .count = count, .hash = hash });
	/* Never leave frames.at NULL: hw_stacks_locations adds to it, also for the empty stack. */
	hw_vec_reserve(&stacks->frames, (size_t)count + 1);
	if (count)
		memcpy(stacks->frames.at + stacks->frames.count, locations, count * sizeof *locations);
	stacks->frames.count += count;
	stacks->slots[slot] = id.index;
	return id;
}
