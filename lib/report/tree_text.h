/* The call tree as text. */
#ifndef HW_REPORT_TREE_TEXT_H
#define HW_REPORT_TREE_TEXT_H

#include "report/style.h"
#include "report/tree.h"

/* One line per node, children below their parent. A line is indented only where its parent has several: a chain of
 * single calls stays in one column, so that deep stacks fit a terminal. */
void hw_tree_print(struct hw_buf *out, const struct hw_view *view, const struct hw_rows *rows,
		   const struct hw_tree *tree, const struct hw_style *style);

#endif
