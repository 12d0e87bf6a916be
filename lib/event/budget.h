/* How many events can count at once: asked of the kernel, which knows about fixed counters, the NMI watchdog and other
 * users of the PMU. */
#ifndef HW_EVENT_BUDGET_H
#define HW_EVENT_BUDGET_H

#include "event/attr.h"

/* Which groups (an event without a group is one of its own) get counters at the same time: fits[i] is set for each
 * event. Taken in order, pinned ones (D) first, as the kernel does; one that does not fit is passed over. Found by
 * opening pinned copies on the calling thread for a moment (a pinned event that gets no counter reads as end of file,
 * perf_event_open(2)). -1 with err when an event does not open at all. */
int hw_budget_fit(const struct hw_event *events, size_t count, bool *fits, struct hw_err *err) HW_CHECKED;

/* General counters that are free now on the core PMU: how many copies of the event (as instructions, say) fit. 0 when
 * the event does not open. */
unsigned hw_budget_counters(const struct hw_event *event);

#endif
