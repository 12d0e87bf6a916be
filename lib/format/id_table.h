/* From the ids a file gives its things to our indices. Usually they are 1..n in order; others are looked up. */
#ifndef HW_FORMAT_ID_TABLE_H
#define HW_FORMAT_ID_TABLE_H

#include "base/alloc.h"
#include "base/err.h"
#include "base/map.h"
#include "base/vec.h"

#include <stdint.h>

#define HW_ID_NONE UINT32_MAX

/* Zeroed is empty. */
struct hw_id_table {
	uint32_t plain; /* the ids 1..plain have the indices 0..plain - 1, as nearly all files have it */
	HW_VEC(uint32_t) indices; /* in the order of the file */
	HW_VEC(uint64_t) ids;	  /* the same; empty while ids are 1..n */
	struct hw_map map;	  /* from the hash of an id to its place in the arrays; empty as long */
};

void hw_id_table_fini(struct hw_id_table *table);

/* Enter an id. HW_ERR_FORMAT when it is 0 or there already; what names the kind of thing ("location"). */
int hw_id_table_add(struct hw_id_table *table, uint64_t id, uint32_t index, const char *what,
		    struct hw_err *err) HW_CHECKED;

/* The index that was entered with an id that is not plain, or HW_ID_NONE. */
uint32_t hw_id_table_find_other(const struct hw_id_table *table, uint64_t id);

/* The index that was entered with an id, or HW_ID_NONE. */
static inline uint32_t hw_id_table_find(const struct hw_id_table *table, uint64_t id)
{
	return id - 1 < table->plain ? (uint32_t)(id - 1) : hw_id_table_find_other(table, id);
}

#endif
