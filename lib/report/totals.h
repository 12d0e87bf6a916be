/* Self and total per row: flat (the row is the innermost frame) and cum (the row is anywhere in the stack). */
#ifndef HW_REPORT_TOTALS_H
#define HW_REPORT_TOTALS_H

#include "report/rows.h"
#include "report/view.h"

/* Sums over the samples of a view. A stack counts once for cum, however often the row recurs in it. Samples are 0
 * in profiles that do not count them. */
struct hw_row_sum {
	int64_t flat, cum;
	int64_t flat_samples, cum_samples;
};

struct hw_totals {
	struct hw_row_sum *sums; /* by row id */
	uint32_t *order;	 /* ids of the rows that have any value, best first */
	size_t order_count;
	bool by_cum;
};

/* Sum a view up in one pass, and sort by flat, or by cum; ties by the other, then by name. */
void hw_totals_init(struct hw_totals *totals, const struct hw_view *view, const struct hw_rows *rows,
		    bool by_cum);
void hw_totals_fini(struct hw_totals *totals);

#endif
