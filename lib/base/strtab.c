#include "base/strtab.h"

void hw_strtab_init(struct hw_strtab *strtab)
{
	*strtab = (struct hw_strtab){ 0 };
	(void)hw_strtab_add(strtab, "");
}

void hw_strtab_fini(struct hw_strtab *strtab)
{
	hw_vec_fini(&strtab->texts);
	hw_vec_fini(&strtab->lengths);
	hw_map_fini(&strtab->index);
	hw_arena_fini(&strtab->arena);
}

static uint32_t find_hashed(const struct hw_strtab *strtab, const char *text, size_t length, uint64_t hash)
{
	uint32_t id;

	for (size_t slot = hw_map_first(&strtab->index, hash);
	     (id = hw_map_id(&strtab->index, slot)) != HW_MAP_NONE;
	     slot = hw_map_next(&strtab->index, slot, hash))
		if (strtab->lengths.at[id] == length && memcmp(strtab->texts.at[id], text, length) == 0)
			return id;
	return HW_MAP_NONE;
}

uint32_t hw_strtab_add_sized(struct hw_strtab *strtab, const char *text, size_t length)
{
	const uint64_t hash = hw_hash_bytes(text, length);
	uint32_t id = find_hashed(strtab, text, length, hash);

	if (id != HW_MAP_NONE)
		return id;
	id = (uint32_t)strtab->texts.count;
	hw_vec_push(&strtab->texts, hw_arena_text(&strtab->arena, text, length));
	hw_vec_push(&strtab->lengths, (uint32_t)length);
	hw_map_insert(&strtab->index, hash, id);
	return id;
}

uint32_t hw_strtab_add(struct hw_strtab *strtab, const char *text)
{
	return hw_strtab_add_sized(strtab, text, strlen(text));
}

uint32_t hw_strtab_find(const struct hw_strtab *strtab, const char *text)
{
	const size_t length = strlen(text);

	return find_hashed(strtab, text, length, hw_hash_bytes(text, length));
}
