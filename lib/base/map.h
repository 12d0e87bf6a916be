/* An index from 64-bit hashes to 32-bit ids, for interning: the map holds no keys, the caller compares.
 *
 *	for (slot = hw_map_first(&map, hash); (id = hw_map_id(&map, slot)) != HW_MAP_NONE;
 *	     slot = hw_map_next(&map, slot, hash))
 *		if (same(things[id], thing))
 *			return id;
 *	hw_map_insert(&map, hash, new_id);
 *
 * Open addressing, linear probing, at most half full. Zeroed is empty. Ids below HW_MAP_NONE. */
#ifndef HW_BASE_MAP_H
#define HW_BASE_MAP_H

#include <stddef.h>
#include <stdint.h>

#define HW_MAP_NONE UINT32_MAX

struct hw_map_entry {
	uint64_t hash;
	uint32_t id; /* HW_MAP_NONE in an empty slot */
};

struct hw_map {
	struct hw_map_entry *entries;
	size_t mask; /* capacity - 1 while there are entries */
	size_t count;
};

void hw_map_fini(struct hw_map *map);

/* Add (hash, id); an equal pair may be there already. May move everything: slots are invalid afterwards. */
void hw_map_insert(struct hw_map *map, uint64_t hash, uint32_t id);

static inline size_t hw_map_probe(const struct hw_map *map, size_t slot, uint64_t hash)
{
	while (map->entries[slot].id != HW_MAP_NONE && map->entries[slot].hash != hash)
		slot = (slot + 1) & map->mask;
	return slot;
}

static inline size_t hw_map_first(const struct hw_map *map, uint64_t hash)
{
	return map->entries ? hw_map_probe(map, (size_t)hash & map->mask, hash) : 0;
}

static inline size_t hw_map_next(const struct hw_map *map, size_t slot, uint64_t hash)
{
	return hw_map_probe(map, (slot + 1) & map->mask, hash);
}

static inline uint32_t hw_map_id(const struct hw_map *map, size_t slot)
{
	return map->entries ? map->entries[slot].id : HW_MAP_NONE;
}

/* Mix a word into a hash (the finaliser of splitmix64, Steele et al. 2014). */
static inline uint64_t hw_hash_mix(uint64_t hash, uint64_t word)
{
	uint64_t z = hash ^ (word + UINT64_C(0x9e3779b97f4a7c15) + (hash << 6) + (hash >> 2));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

uint64_t hw_hash_bytes(const void *data, size_t size);

#endif
