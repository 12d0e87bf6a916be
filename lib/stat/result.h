/* What hwprof stat shows, in its three forms. */
#ifndef HW_STAT_RESULT_H
#define HW_STAT_RESULT_H

#include "base/buf.h"
#include "stat/derived.h"

#define HW_RESULT_PROBABILITY 0.95 /* of every interval shown */

struct hw_result {
	const struct hw_sheet *sheet;
	const struct hw_derived *derived;
	const char *what; /* the command line, "process 12 (app)": for people; may hold any bytes */
	double end_s;	  /* of the interval, since counting began; NaN when there are no intervals */
	unsigned width;	  /* columns of the text */
};

/* Append a table for people, at most `width` columns wide as far as names allow. */
void hw_result_print_text(struct hw_buf *out, const struct hw_result *result);

/* The same of one interval: a line each. first: with a heading. */
void hw_result_print_interval(struct hw_buf *out, const struct hw_result *result, bool first);

/* Append one JSON object (RFC 8259) and a newline; of an interval on one line (hwprof-stat(1) has the fields). */
void hw_result_print_json(struct hw_buf *out, const struct hw_result *result);

/* Append CSV (RFC 4180): the heading when `first`, and a record for each event, metric and time. */
void hw_result_print_csv(struct hw_buf *out, const struct hw_result *result, bool first);

/* Append a number with three or four significant digits and commas between thousands: "1,234,567", "12.34", "0.00123". */
void hw_result_print_number(struct hw_buf *out, double value);

#endif
