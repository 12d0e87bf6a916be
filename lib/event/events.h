/* The events of a command line: every -e taken apart into events, groups, presets and the parts of hybrid CPUs. */
#ifndef HW_EVENT_EVENTS_H
#define HW_EVENT_EVENTS_H

#include "base/vec.h"
#include "event/attr.h"

struct hw_catalogue;
struct hw_event_roots;

struct hw_events {
	HW_VEC(struct hw_event) list;
	uint32_t group_count; /* groups are numbered 1 .. group_count */
};

/* Append the events of one -e text: events with commas between them, groups "{cycles,instructions}:u" whose modifiers
 * go to each member, names of the catalogue's presets and events (catalogue may be NULL). A generic hardware event of a
 * hybrid CPU becomes one event for each core PMU, and so does a group of them. On failure nothing is appended; errors
 * as hw_event_resolve. */
int hw_events_add(struct hw_events *events, const char *text, const struct hw_event_defaults *defaults,
		  const struct hw_catalogue *catalogue, struct hw_err *err) HW_CHECKED;

/* The same with the kernel's lists elsewhere, for tests. */
int hw_events_add_in(struct hw_events *events, const char *text, const struct hw_event_defaults *defaults,
		     const struct hw_catalogue *catalogue, const struct hw_event_roots *roots,
		     struct hw_err *err) HW_CHECKED;

void hw_events_fini(struct hw_events *events);

#endif
