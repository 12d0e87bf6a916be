/* From a pid or tid to what is known about it. Ids come, go and come again, so entries can be removed. */
#ifndef HW_PROCESS_PID_MAP_H
#define HW_PROCESS_PID_MAP_H

#include <stddef.h>
#include <stdint.h>

struct hw_pid_slot {
	uint32_t id;
	void *value; /* NULL in an empty slot */
};

/* Open addressing, linear probing, at most half full. Zeroed is empty. Values are borrowed. */
struct hw_pid_map {
	struct hw_pid_slot *slots;
	size_t capacity; /* a power of two, or 0 */
	size_t count;
};

void hw_pid_map_fini(struct hw_pid_map *map);
/* The value of an id, or NULL. */
void *hw_pid_map_find(const struct hw_pid_map *map, uint32_t id);
/* Set the value (not NULL) of an id. */
void hw_pid_map_set(struct hw_pid_map *map, uint32_t id, void *value);
/* Forget an id; nothing happens when it is unknown. */
void hw_pid_map_remove(struct hw_pid_map *map, uint32_t id);

#endif
