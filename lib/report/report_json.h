/* Reports as JSON, for programs. The format is documented in hwprof-report(1) and kept stable: keys are added, never
 * changed or taken away. */
#ifndef HW_REPORT_REPORT_JSON_H
#define HW_REPORT_REPORT_JSON_H

#include "base/json.h"
#include "report/callers_text.h"
#include "report/tree.h"

/* The whole document for a table: its rows within the limits, with the values of every event that has columns, when
 * there are several, and with every metric. */
void hw_report_json_table(struct hw_buf *out, const struct hw_sides *sides,
			  const struct hw_row_metrics *metrics, const struct hw_table_limits *limits);

/* For a tree: one row per node and one for each node's small children, each with its parent's place in rows. */
void hw_report_json_tree(struct hw_buf *out, const struct hw_view *view, const struct hw_rows *rows,
			 const struct hw_tree *tree, double min_share);

/* For callers or callees: one row per row that matched, its neighbours within the limits inside. */
void hw_report_json_callers(struct hw_buf *out, const struct hw_view *view, const struct hw_rows *rows,
			    const struct hw_callers *callers, const struct hw_table_limits *limits);

#endif
