/* Reports as comma-separated values (RFC 4180, lines end with CR LF), for spreadsheets: a line of column names, then
 * one line per row. Values are plain numbers in the event's unit, shares fractions of 1. */
#ifndef HW_REPORT_REPORT_CSV_H
#define HW_REPORT_REPORT_CSV_H

#include "report/totals.h"

/* A table's first row_count rows. */
void hw_report_csv_table(struct hw_buf *out, const struct hw_view *view, const struct hw_rows *rows,
			 const struct hw_totals *totals, size_t row_count);

#endif
