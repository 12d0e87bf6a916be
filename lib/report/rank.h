/* The order rows are shown in. */
#ifndef HW_REPORT_RANK_H
#define HW_REPORT_RANK_H

#include "report/rows.h"

/* One thing to be sorted. Carries its keys, so that sorting needs no context and jumps about less in memory. */
struct hw_rank {
	int64_t first, second;	  /* values that decide, in this order */
	const struct hw_row *row; /* decides between equal values; NULL sorts last */
	uint32_t id;		  /* the caller's */
};

/* Sort: larger magnitudes first (in a difference: the largest changes), positive before negative, then by
 * hw_row_compare. */
void hw_rank_sort(struct hw_rank *ranks, size_t count);

#endif
