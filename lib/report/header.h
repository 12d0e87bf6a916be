/* What stands above a report: what was profiled, where, when, which events, and how good the numbers are. */
#ifndef HW_REPORT_HEADER_H
#define HW_REPORT_HEADER_H

#include "report/row_metrics.h"
#include "report/style.h"
#include "report/view.h"
#include "report/warnings.h"

/* Columns of the words on the left. */
#define HW_LABEL_WIDTH 10

struct hw_header {
	const struct hw_view *view;
	const char *path;	      /* the file's name */
	const struct hw_sides *sides; /* of a table; else NULL */
	const struct hw_row_metrics *metrics;
	bool with_quality; /* in full, also when nothing is wrong */
};

/* The header as text, ending with an empty line. */
void hw_header_print(struct hw_buf *out, const struct hw_header *header, const struct hw_style *style);

/* A time in ns since the epoch, UTC: with_fraction "2026-11-22T21:06:37.000000001Z" (RFC 3339), else
 * "2026-11-22 21:06:37 UTC". */
void hw_header_time(struct hw_buf *out, int64_t time_ns, bool with_fraction);

#endif
