/* Metrics of what was counted: formulas over events that ran together. */
#ifndef HW_STAT_DERIVED_H
#define HW_STAT_DERIVED_H

#include "event/catalogue.h"
#include "stat/sheet.h"

#define HW_DERIVED_VARIABLES_MAX 64

/* One metric over certain rows: there is one for each set of levels (cycles:u with instructions:u) and each core PMU. */
struct hw_derived_metric {
	const struct hw_metric *metric; /* borrowed from the catalogue */
	char *name;			/* "ipc", "ipc:u", "ipc (cpu_core)"; owned */
	uint32_t *rows;			/* of each variable of the formula; owned */
	struct hw_series value;		/* of each run */
	char *refusal; /* why it cannot be stated, a sentence without full stop; NULL = it can; owned */
};

struct hw_derived {
	HW_VEC(struct hw_derived_metric) list;
};

/* Find the metrics whose variables are all among the sheet's rows, which stay as they are from now on. only: names of
 * metrics, NULL = all of the catalogue. */
void hw_derived_init(struct hw_derived *derived, const struct hw_sheet *sheet,
		     const struct hw_catalogue *catalogue, const char *const *only, size_t only_count);
void hw_derived_fini(struct hw_derived *derived);

/* Take in the run that was added to the sheet last. A metric is computed when its events were in one group, or all had
 * their counters all the time; else it is refused from then on. */
void hw_derived_add(struct hw_derived *derived, const struct hw_sheet *sheet);

/* Would it be refused when hardware events take turns? */
bool hw_derived_is_at_risk(const struct hw_derived_metric *metric, const struct hw_sheet *sheet);

/* Forget the runs, for the next interval. */
void hw_derived_clear(struct hw_derived *derived);

#endif
