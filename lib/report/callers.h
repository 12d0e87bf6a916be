/* Who called a function, or what it called, with shares: one step up or down from each row that matches. */
#ifndef HW_REPORT_CALLERS_H
#define HW_REPORT_CALLERS_H

#include "report/totals.h"

enum hw_caller_side { HW_CALLERS, HW_CALLEES };

/* One neighbour of a row. */
struct hw_caller {
	uint32_t row; /* HW_NONE: it was called by nobody (a root), or called nobody (its own flat) */
	int64_t value, samples;
};

/* One row that matches, and its neighbours: list[first .. first + count), largest first. Their values add up to the
 * row's cum: each stack counts for one neighbour, in recursion for the caller of the outermost call, or the callee of
 * the innermost. */
struct hw_caller_block {
	uint32_t row;
	struct hw_row_sum sum;
	size_t first, count;
};

struct hw_callers {
	enum hw_caller_side side;
	HW_VEC(struct hw_caller_block) blocks; /* largest cum first; only rows with a value */
	size_t match_count; /* rows that match and have a value: blocks and those over the limit */
	HW_VEC(struct hw_caller) list;
};

/* The neighbours of the rows named exactly `name` or, when there are none, of those that match it as an extended
 * regular expression: of the block_count largest (0 = all; memory grows with their pairs). totals must be of the
 * same view and rows. -1 with HW_ERR_USAGE for a bad expression or one that
 * nothing matches. */
int hw_callers_init(struct hw_callers *callers, const struct hw_view *view, const struct hw_rows *rows,
		    const struct hw_totals *totals, enum hw_caller_side side, const char *name,
		    uint64_t block_count, struct hw_err *err) HW_CHECKED;
void hw_callers_fini(struct hw_callers *callers);

#endif
