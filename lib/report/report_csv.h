/* Reports as comma-separated values (RFC 4180, lines end with CR LF), for spreadsheets: a line of column names, then
 * one line per row. Values are plain numbers in the event's unit, shares fractions of 1. */
#ifndef HW_REPORT_REPORT_CSV_H
#define HW_REPORT_REPORT_CSV_H

#include "report/callers_text.h"
#include "report/tree.h"

/* A table's rows within the limits. Behind the columns of its event stand those of the others, "EVENT:flat" and so on,
 * and for each metric "METRIC", "METRIC:low" and "METRIC:high". */
void hw_report_csv_table(struct hw_buf *out, const struct hw_sides *sides,
			 const struct hw_row_metrics *metrics, const struct hw_table_limits *limits);

/* A tree: rows of small children have "[other]" for a name, the root "[all]". */
void hw_report_csv_tree(struct hw_buf *out, const struct hw_view *view, const struct hw_rows *rows,
			const struct hw_tree *tree);

/* Callers or callees: one line per pair; no caller is "[root]", no callee "[self]". */
void hw_report_csv_callers(struct hw_buf *out, const struct hw_view *view, const struct hw_rows *rows,
			   const struct hw_callers *callers, const struct hw_table_limits *limits);

#endif
