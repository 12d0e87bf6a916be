/* Open addressing with removal that leaves no tombstones: a recording sees millions of ids pass by. */
#include "process/pid_map.h"

#include "base/alloc.h"
#include "base/map.h"

#include <stdlib.h>

void hw_pid_map_fini(struct hw_pid_map *map)
{
	free(map->slots);
	*map = (struct hw_pid_map){ 0 };
}

static size_t home_of(const struct hw_pid_map *map, uint32_t id)
{
	return (size_t)hw_hash_mix(0, id) & (map->capacity - 1);
}

/* The slot of an id, or the empty one where it belongs. */
static size_t probe(const struct hw_pid_map *map, uint32_t id)
{
	size_t slot = home_of(map, id);

	while (map->slots[slot].value && map->slots[slot].id != id)
		slot = (slot + 1) & (map->capacity - 1);
	return slot;
}

void *hw_pid_map_find(const struct hw_pid_map *map, uint32_t id)
{
	return map->count ? map->slots[probe(map, id)].value : NULL;
}

static void grow(struct hw_pid_map *map)
{
	const struct hw_pid_map old = *map;

	map->capacity = old.capacity ? old.capacity * 2 : 64;
	map->slots = hw_alloc(map->capacity, sizeof *map->slots);
	for (size_t i = 0; i < old.capacity; i++)
		if (old.slots[i].value)
			map->slots[probe(map, old.slots[i].id)] = old.slots[i];
	free(old.slots);
}

void hw_pid_map_set(struct hw_pid_map *map, uint32_t id, void *value)
{
	size_t slot;

	if ((map->count + 1) * 2 > map->capacity)
		grow(map);
	slot = probe(map, id);
	if (!map->slots[slot].value)
		map->count++;
	map->slots[slot] = (struct hw_pid_slot){ .id = id, .value = value };
}

/* Close the gap: move back every following entry of the run that may stand as far down as the gap (Knuth,
 * The Art of Computer Programming 3, section 6.4, algorithm R). */
static void close_gap(struct hw_pid_map *map, size_t gap)
{
	const size_t mask = map->capacity - 1;

	for (size_t slot = (gap + 1) & mask; map->slots[slot].value; slot = (slot + 1) & mask) {
		const size_t home = home_of(map, map->slots[slot].id);

		if (((slot - home) & mask) < ((slot - gap) & mask))
			continue;
		map->slots[gap] = map->slots[slot];
		gap = slot;
	}
	map->slots[gap] = (struct hw_pid_slot){ 0 };
}

void hw_pid_map_remove(struct hw_pid_map *map, uint32_t id)
{
	size_t slot;

	if (!map->count)
		return;
	slot = probe(map, id);
	if (!map->slots[slot].value)
		return;
	map->count--;
	close_gap(map, slot);
}
