/* What a reader of a profile must know before trusting its numbers. */
#ifndef HW_REPORT_WARNINGS_H
#define HW_REPORT_WARNINGS_H

#include "report/quality_block.h"
#include "report/sides.h"

/* Sentences; owned. */
struct hw_warnings {
	HW_VEC(char *) list;
	bool of_events; /* some are about single events */
};

/* All that is wrong with the samples behind a view, and behind the sides shown beside it (NULL = none): loss, throttling,
 * stacks that do not reach the root, functions without names, too few samples, events that never counted. Worst first. */
void hw_warnings_init(struct hw_warnings *warnings, const struct hw_view *view, const struct hw_sides *sides,
		      const struct hw_quality_facts *facts);
void hw_warnings_fini(struct hw_warnings *warnings);

#endif
