#include "format/id_table.h"

#include <inttypes.h>

void hw_id_table_fini(struct hw_id_table *table)
{
	hw_vec_fini(&table->indices);
	hw_vec_fini(&table->ids);
	hw_map_fini(&table->map);
	table->plain = 0;
}

uint32_t hw_id_table_find_other(const struct hw_id_table *table, uint64_t id)
{
	const uint64_t hash = hw_hash_mix(0, id);
	uint32_t place;

	if (!table->map.entries)
		return id - 1 < table->indices.count ? table->indices.at[id - 1] : HW_ID_NONE;
	for (size_t slot = hw_map_first(&table->map, hash);
	     (place = hw_map_id(&table->map, slot)) != HW_MAP_NONE;
	     slot = hw_map_next(&table->map, slot, hash))
		if (table->ids.at[place] == id)
			return table->indices.at[place];
	return HW_ID_NONE;
}

static void map_id(struct hw_id_table *table, uint64_t id, uint32_t place)
{
	hw_vec_push(&table->ids, id);
	hw_map_insert(&table->map, hw_hash_mix(0, id), place);
}

int hw_id_table_add(struct hw_id_table *table, uint64_t id, uint32_t index, const char *what,
		    struct hw_err *err)
{
	const uint32_t place = (uint32_t)table->indices.count;

	if (id == 0)
		return hw_err_set(err, HW_ERR_FORMAT, "%s %" PRIu32 " has the reserved id 0", what, place);
	if (hw_id_table_find(table, id) != HW_ID_NONE)
		return hw_err_set(err, HW_ERR_FORMAT, "two %ss have the id %" PRIu64, what, id);
	if (!table->map.entries &&
	    id != place + UINT64_C(1)) /* the first out of order: enter those before it */
		for (uint32_t i = 0; i < place; i++)
			map_id(table, i + UINT64_C(1), i);
	if (table->map.entries || id != place + UINT64_C(1))
		map_id(table, id, place);
	if (table->plain == place && index == place && id == place + UINT64_C(1))
		table->plain++;
	hw_vec_push(&table->indices, index);
	return 0;
}
