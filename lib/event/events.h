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
	uint32_t whole_count; /* events that have parts, likewise */
};

/* Append the events of one -e text: events with commas between them, groups "{cycles,instructions}:u" whose modifiers
 * go to each member, names of the catalogue's presets and events (catalogue may be NULL). A generic hardware event, cache
 * event, raw code or sysfs's name without a PMU becomes, on a hybrid CPU, one event for each core PMU that has it, and a
 * group with such members a group for each.
 *
 * A name is looked up as: a hardware or software event of the kernel; a preset; an event of the catalogue; a cache event of
 * the kernel (so that "branch" is the preset and "branch-loads" the cache event); what else hw_event_resolve knows.
 * Modifiers behind a preset or an event of the catalogue add to those of its text, and its rates win over them.
 * Texts of the catalogue are not looked up among presets, nor an event's text in the catalogue again.
 *
 * On failure nothing is appended; errors as hw_event_resolve, and HW_ERR_USAGE for what no group can be. */
int hw_events_add(struct hw_events *events, const char *text, const struct hw_event_defaults *defaults,
		  const struct hw_catalogue *catalogue, struct hw_err *err) HW_CHECKED;

/* The same with the kernel's lists elsewhere, for tests. */
int hw_events_add_in(struct hw_events *events, const char *text, const struct hw_event_defaults *defaults,
		     const struct hw_catalogue *catalogue, const struct hw_event_roots *roots,
		     struct hw_err *err) HW_CHECKED;

/* Could a catalogue matter to this text: is there a name in it other than the kernel's hardware and software events and
 * PMU/terms/? hwprof then works without its tables, and reads no file for -e cycles. */
bool hw_events_need_catalogue(const char *text);

/* Make the names unique, as sample types must be: events that share one ("cycles" of cycles:u and cycles:k) are
 * called by their whole text, and those of different groups that share even that by text and group
 * ("instructions#2"). A part's whole is named like that, too, and all parts of one event agree on it.
 * -1 with HW_ERR_USAGE when one is given twice in a group or without one. */
int hw_events_set_names(struct hw_event *events, size_t count, struct hw_err *err) HW_CHECKED;

void hw_events_fini(struct hw_events *events);

#endif
