/* Text that claims to be a /tmp/perf-PID.map, and addresses looked up in it. */
#include "dso/perf_map.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The sweep's answer is the last entry that covers the address. */
static void check_address(const struct hw_perf_map *map, const struct hw_code_sweep *sweep, uint64_t avma)
{
	uint32_t index = (uint32_t)map->entries.count;

	while (index > 0) {
		const struct hw_code_range *range = &map->entries.at[--index].range;

		if (range->start_avma <= avma && avma < range->limit_avma) {
			if (hw_code_sweep_before(sweep, sweep->count) != index)
				abort();
			return;
		}
	}
	if (hw_code_sweep_before(sweep, sweep->count) != HW_CODE_NONE)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hw_code_sweep sweep;
	struct hw_perf_map map;
	struct hw_buf text = { 0 };

	hw_buf_add(&text, data, size);
	hw_perf_map_parse(&map, &text);
	hw_code_sweep_init(&sweep, map.entries.at, sizeof *map.entries.at, map.entries.count);
	for (uint32_t i = 0; i < map.entries.count; i++) {
		const struct hw_perf_map_entry *entry = &map.entries.at[i];
		const char *name = hw_perf_map_name(&map, i);

		if (!*name || strlen(name) > size || entry->range.start_avma >= entry->range.limit_avma)
			abort();
	}
	for (uint64_t avma = 0; avma < 512; avma++) {
		hw_code_sweep_to(&sweep, avma);
		check_address(&map, &sweep, avma);
	}
	hw_code_sweep_fini(&sweep);
	hw_perf_map_fini(&map);
	return 0;
}
