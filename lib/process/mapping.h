/* Which DSO lies where in one process, at the moment the records have reached. */
#ifndef HW_PROCESS_MAPPING_H
#define HW_PROCESS_MAPPING_H

#include "base/vec.h"
#include "dso/dso.h"

#define HW_MAPPING_NO_TAG UINT32_MAX

struct hw_mapping {
	uint64_t start_avma;
	uint64_t limit_avma; /* first address after it */
	uint64_t file_foff;  /* of start_avma */
	uint32_t prot;
	struct hw_dso *dso; /* borrowed from the recording's table */
	uint64_t
		id; /* equal for equal start, file and place in it, whatever the process; set by hw_mappings_add */
	uint32_t tag;	 /* the pipeline's, to find its profile mapping again; HW_MAPPING_NO_TAG at first */
	bool load_tried; /* hw_dso_load was called for this process */
};

/* Sorted by start, never overlapping. Zeroed is empty. */
struct hw_mappings {
	HW_VEC(struct hw_mapping) list;
	size_t last_hit; /* index found last: neighbours in a stack often share it */
};

void hw_mappings_fini(struct hw_mappings *mappings);
/* Replace `to` with a copy (fork). */
void hw_mappings_copy(struct hw_mappings *to, const struct hw_mappings *from);
/* Add a mapping; what it covers is cut away from older ones, as mmap(2) with MAP_FIXED does. */
void hw_mappings_add(struct hw_mappings *mappings, const struct hw_mapping *mapping);
/* The mapping that covers an address, or NULL. Borrowed until the next add. No allocation. */
struct hw_mapping *hw_mappings_find(struct hw_mappings *mappings, uint64_t avma);

/* Offset in the DSO's file of an address inside the mapping. */
static inline uint64_t hw_mapping_foff(const struct hw_mapping *mapping, uint64_t avma)
{
	return avma - mapping->start_avma + mapping->file_foff;
}

#endif
