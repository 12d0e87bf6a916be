/* Totals as a table of text. */
#ifndef HW_REPORT_TABLE_H
#define HW_REPORT_TABLE_H

#include "report/row_metrics.h"
#include "report/style.h"

struct hw_table_limits {
	uint64_t row_count; /* at most; 0 = all */
	double min_share;   /* rows below this share of the total (by flat, or cum) are not shown */
};

/* How many of the rows are within the limits. */
size_t hw_table_row_count(const struct hw_totals *totals, const struct hw_view *view,
			  const struct hw_table_limits *limits);

/* One row each, best first, with columns for every event of the sides and every metric, and lines that say which rows
 * and, where the terminal is too narrow, which columns are left out. */
void hw_table_print(struct hw_buf *out, const struct hw_sides *sides, const struct hw_row_metrics *metrics,
		    const struct hw_table_limits *limits, const struct hw_style *style);

/* The file a row comes from, short enough for a column: "libc.so.6", "[kernel]". */
void hw_table_dso(struct hw_buf *out, const struct hw_row *row);

/* Say which columns a narrow terminal has no room for; nothing for "". */
void hw_table_left_out(struct hw_buf *out, const char *names, const struct hw_style *style);

/* "No sample of EVENT", and why. */
void hw_table_nothing(struct hw_buf *out, const struct hw_view *view, const char *why);

/* However narrow the terminal, so much of a name is shown: columns that leave less are left out. */
#define HW_LABEL_WIDTH_MIN 16

/* A row's label within the width left, kernel code in its colour, the source file behind it where there is room. */
void hw_table_label(struct hw_buf *out, const struct hw_rows *rows, const struct hw_row *row,
		    const struct hw_style *style, size_t used_columns);

#endif
