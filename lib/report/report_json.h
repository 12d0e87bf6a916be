/* Reports as JSON, for programs. The format is documented in hwprof-report(1) and kept stable: keys are added, never
 * changed or taken away. */
#ifndef HW_REPORT_REPORT_JSON_H
#define HW_REPORT_REPORT_JSON_H

#include "base/json.h"
#include "report/totals.h"

/* The whole document for a table, with its first row_count rows. */
void hw_report_json_table(struct hw_buf *out, const struct hw_view *view, const struct hw_rows *rows,
			  const struct hw_totals *totals, size_t row_count);

#endif
