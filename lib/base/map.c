#include "base/map.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 64

void hw_map_fini(struct hw_map *map)
{
	free(map->entries);
	*map = (struct hw_map){ 0 };
}

static void place(struct hw_map *map, uint64_t hash, uint32_t id)
{
	size_t slot = (size_t)hash & map->mask;

	while (map->entries[slot].id != HW_MAP_NONE)
		slot = (slot + 1) & map->mask;
	map->entries[slot] = (struct hw_map_entry){ hash, id };
}

static void grow(struct hw_map *map)
{
	const size_t old_capacity = map->entries ? map->mask + 1 : 0;
	const size_t capacity = old_capacity ? old_capacity * 2 : FIRST_CAPACITY;
	struct hw_map_entry *old = map->entries;

	map->entries = hw_realloc(NULL, capacity, sizeof *map->entries);
	memset(map->entries, 0xff, capacity * sizeof *map->entries);
	map->mask = capacity - 1;
	for (size_t i = 0; i < old_capacity; i++)
		if (old[i].id != HW_MAP_NONE)
			place(map, old[i].hash, old[i].id);
	free(old);
}

void hw_map_insert(struct hw_map *map, uint64_t hash, uint32_t id)
{
	if (!map->entries || map->count * 2 > map->mask)
		grow(map);
	place(map, hash, id);
	map->count++;
}

uint64_t hw_hash_bytes(const void *data, size_t size)
{
	const unsigned char *p = data;
	uint64_t hash = size;
	uint64_t word;

	for (; size >= sizeof word; size -= sizeof word, p += sizeof word) {
		memcpy(&word, p, sizeof word);
		hash = hw_hash_mix(hash, word);
	}
	word = 0;
	if (size)
		memcpy(&word, p, size);
	return hw_hash_mix(hash, word);
}
