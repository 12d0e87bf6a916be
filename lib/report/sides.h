/* The events of a profile side by side: the one a report is of, and the others beside it, summed over the same rows. */
#ifndef HW_REPORT_SIDES_H
#define HW_REPORT_SIDES_H

#include "report/totals.h"

struct hw_side {
	struct hw_view view; /* borrows from the first's */
	struct hw_totals totals;
	bool is_part;	/* counted by one core PMU of several, and in another event's value too */
	bool is_hidden; /* summed for a metric only: has no columns of its own */
};

struct hw_sides {
	const struct hw_view *view; /* borrowed */
	const struct hw_rows *rows; /* borrowed */
	bool by_cum;
	HW_VEC(struct hw_side) list; /* [0] is the event of the report, which decides the order of the rows */
};

/* Sum the event of a view and, with_others, every other of its profile: in the file's order, the parts of a hybrid CPU's
 * events behind all others. Rows that have a value of other events only follow the first's own in its order. */
void hw_sides_init(struct hw_sides *sides, const struct hw_view *view, const struct hw_rows *rows,
		   bool by_cum, bool with_others);
void hw_sides_fini(struct hw_sides *sides);

/* The place of an event (an index into sample_types) in list; it is summed, hidden, when it was not there. */
size_t hw_sides_find(struct hw_sides *sides, uint32_t type);

/* How many have columns. */
size_t hw_sides_shown(const struct hw_sides *sides);

#endif
