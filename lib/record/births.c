#include "record/births.h"

static uint64_t hash_tid(pid_t tid)
{
	return hw_hash_mix(0, (uint64_t)tid);
}

void hw_births_add(struct hw_births *births, const struct hw_birth *birth)
{
	hw_map_insert(&births->by_tid, hash_tid(birth->tid), (uint32_t)births->list.count);
	hw_vec_push(&births->list, *birth);
}

void hw_births_fini(struct hw_births *births)
{
	hw_vec_fini(&births->list);
	hw_map_fini(&births->by_tid);
}

const struct hw_birth *hw_births_find(const struct hw_births *births, pid_t tid)
{
	const struct hw_birth *found = NULL;
	const uint64_t hash = hash_tid(tid);
	uint32_t index;

	/* Ids come again after thousands of births: the last one counts. */
	for (size_t slot = hw_map_first(&births->by_tid, hash);
	     births->list.count && (index = hw_map_id(&births->by_tid, slot)) != HW_MAP_NONE;
	     slot = hw_map_next(&births->by_tid, slot, hash))
		if (births->list.at[index].tid == tid && (!found || &births->list.at[index] > found))
			found = &births->list.at[index];
	return found;
}
