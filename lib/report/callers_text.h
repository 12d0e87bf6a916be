/* Callers and callees as text. */
#ifndef HW_REPORT_CALLERS_TEXT_H
#define HW_REPORT_CALLERS_TEXT_H

#include "report/callers.h"
#include "report/table.h"

/* One block per row that matched: the row, then its neighbours with their shares of it and of the whole. Both lists
 * are cut at the limits, and say so. */
void hw_callers_print(struct hw_buf *out, const struct hw_view *view, const struct hw_rows *rows,
		      const struct hw_callers *callers, const struct hw_table_limits *limits,
		      const struct hw_style *style);

/* How many of a block's neighbours are within the limits. */
size_t hw_callers_shown(const struct hw_callers *callers, const struct hw_caller_block *block,
			const struct hw_view *view, const struct hw_table_limits *limits);

#endif
