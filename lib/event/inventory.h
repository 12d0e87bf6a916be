/* Everything -e takes on this machine, with what it means and whether it opens: what `hwprof list` shows. */
#ifndef HW_EVENT_INVENTORY_H
#define HW_EVENT_INVENTORY_H

#include "base/arena.h"
#include "base/err.h"
#include "event/pmus.h"
#include "event/probe.h"

struct hw_catalogue;
struct hw_event_roots;
struct hw_metric;
struct hw_preset;

/* In the order they are listed. */
enum hw_inventory_kind {
	HW_INVENTORY_HARDWARE,
	HW_INVENTORY_CACHE,
	HW_INVENTORY_SOFTWARE,
	HW_INVENTORY_PRESET,
	HW_INVENTORY_METRIC,
	HW_INVENTORY_EVENT, /* of the catalogue */
	HW_INVENTORY_PMU,
	HW_INVENTORY_PFM,
	HW_INVENTORY_RAW,
	HW_INVENTORY_TRACEPOINT,
	HW_INVENTORY_KIND_COUNT,
};

/* "hw", "cache", ...: what a pattern calls it. */
const char *hw_inventory_kind_word(enum hw_inventory_kind kind);

struct hw_inventory_detail {
	const char *label; /* "unit mask" */
	const char *text;
};

/* All texts belong to the inventory, or are static. Of numbers and answers, those that hw_inventory_examine fills are
 * marked so. */
struct hw_inventory_entry {
	enum hw_inventory_kind kind;
	const char *name; /* as -e takes it; of metrics, as stat -M does */
	HW_VEC(const char *) aliases;
	const char *description; /* a sentence without full stop; "" when nobody knows */
	const char *unit;	 /* of count x scale: "count", "nanoseconds", "Joules" */
	double scale;
	/* Who has it: a PMU, a table of libpfm4, a family of the catalogue; NULL = the kernel. */
	const char *source;
	bool is_default; /* the unit mask that its event has without one */

	bool examined, detailed;
	bool encoded; /* examined: what follows is known */
	uint32_t type;
	uint64_t config, config1, config2;
	const char *encoding; /* examined: as hw_pmus_print_encoding; NULL when it has no such form */
	/* Examined: of what stands for several events, each with its encoding; else NULL. */
	const char *parts;
	struct hw_probe probe;			    /* examined */
	HW_VEC(struct hw_inventory_detail) details; /* examined with details */

	const struct hw_preset *preset; /* borrowed from the catalogue; NULL for other kinds */
	const struct hw_metric *metric;
	int pfm_index; /* of libpfm4, for its kind */
};

/* What is missing, and why: "no tracepoints: tracefs is not mounted". */
struct hw_inventory_note {
	enum hw_inventory_kind kind;
	const char *text;
};

struct hw_inventory {
	HW_VEC(struct hw_inventory_entry) entries; /* by kind, then in their source's order */
	struct hw_pmus pmus;
	HW_VEC(struct hw_inventory_note) notes;

	const struct hw_event_roots *roots;   /* borrowed */
	const struct hw_catalogue *catalogue; /* borrowed; NULL = none */
	struct hw_probe tracepoints;	      /* the answer of one of them, once examined */
	bool tracepoints_known;
	struct hw_host host;
	struct hw_obstacle_facts facts; /* borrow host: the inventory does not move */
	struct hw_arena arena;
};

/* List what there is: names and descriptions. roots and catalogue (may be NULL) stay valid as long as the inventory. */
void hw_inventory_init(struct hw_inventory *inventory, const struct hw_event_roots *roots,
		       const struct hw_catalogue *catalogue);
void hw_inventory_fini(struct hw_inventory *inventory);

/* Note that a kind is missing: what, and the error with its hint. */
void hw_inventory_note_missing(struct hw_inventory *inventory, enum hw_inventory_kind kind, const char *what,
			       const struct hw_err *err);

/* How thorough to be: opening one tracepoint takes the kernel tens of milliseconds. */
struct hw_inventory_care {
	bool details;
	bool each_tracepoint; /* open every one; else the first one's answer holds for all */
};

/* Fill what is marked so: look up the encoding, open it for a moment. Once; with details a second time. */
void hw_inventory_examine(struct hw_inventory *inventory, struct hw_inventory_entry *entry,
			  const struct hw_inventory_care *care);

/* Append an event that stands in no list but that -e takes: a raw code, terms of a PMU, a name with modifiers. -1 with
 * err as hw_event_resolve. */
int hw_inventory_add(struct hw_inventory *inventory, const char *text, struct hw_err *err) HW_CHECKED;

/* Is it what the pattern asks for? A word of hw_inventory_kind_word means all of that kind; a shell glob (* ? [) is held
 * against the whole of its name, an alias or its description, anything else against their parts. Case does not count.
 * exact (may be NULL): whether the pattern is its name or an alias. */
bool hw_inventory_matches(const struct hw_inventory_entry *entry, const char *pattern, bool *exact);

/* The kind that a pattern asks for, by our word or perf's; HW_INVENTORY_KIND_COUNT when it asks for none. */
enum hw_inventory_kind hw_inventory_kind_asked(const char *pattern);

#endif
