/* /proc/PID/maps text: every line is read or refused, and none twice. */
#include "process/map_name.h"
#include "process/proc_maps.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hw_bytes text = hw_bytes_of(data, size);
	struct hw_proc_map *map = hw_alloc(1, sizeof *map);
	size_t left = hw_bytes_left(&text);
	int got;

	while ((got = hw_proc_map_next(&text, map, NULL)) != 0) {
		if (hw_bytes_left(&text) >= left)
			abort(); /* it did not move on */
		left = hw_bytes_left(&text);
		if (got < 0)
			continue;
		if (map->start_avma >= map->limit_avma || strlen(map->path) >= sizeof map->path)
			abort();
		if (hw_map_name_length(map->path) > strlen(map->path))
			abort();
		hw_map_name_kind(map->path);
	}
	free(map);
	return 0;
}
