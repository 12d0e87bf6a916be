/* What this machine can do of what was asked: events and their groups are opened on trial, and weakened one thing at a
 * time until they open. */
#ifndef HW_RECORD_SETTLE_H
#define HW_RECORD_SETTLE_H

#include "base/notes.h"
#include "event/attr.h"

#include <stdbool.h>
#include <sys/types.h>

/* CPUs an event is opened on, ascending: those recorded that its PMU counts on. */
struct hw_event_cpus {
	int *numbers; /* owned */
	size_t count;
};

struct hw_settling {
	struct hw_event *events; /* borrowed; changed in place */
	size_t event_count;
	const struct hw_sampling *sampling; /* borrowed */
	const int *cpus;		    /* that are recorded; ascending; borrowed */
	size_t cpu_count;
	pid_t tid;	     /* whom to try on; -1 = whole CPUs */
	bool enable_on_exec; /* for tid >= 0 */
	bool want_tracker;

	/* The results. */
	struct hw_event_cpus *cpus_of; /* of each event; owned by the caller: hw_settling_fini */
	/* A dummy event that costs no counter and always runs. It reports mmap, comm, fork and exit in the place of an
	 * event that may have no counter for a while or is not on every CPU, and its time is what theirs is compared
	 * with. Used where want_tracker asks for it or a PMU counts an event. */
	struct hw_event tracker;
	bool has_tracker;
	/* Events that a counting one (hw_attr_set_counting) may stand beside, to check their samples: not those that
	 * would then have to share a counter, nor clocks of user or kernel code only, which count all the same. */
	bool *twins; /* of each event; owned likewise */
	bool has_twins;
	struct hw_notes notes; /* what was stepped down */
};

/* Set the attrs to what is asked for first, without opening anything (--dry-run). Needs events, sampling, tid,
 * enable_on_exec and want_tracker. */
void hw_settling_ask(struct hw_settling *settling);

/* Settle everything. Afterwards each attr is what will be opened, but for the watermark: members of groups follow their
 * leader, all write records of one form. A group that the PMU cannot hold at once is taken apart, with a note; what was
 * asked for by name and is not there is an error as of hw_counter_open. */
int hw_settle(struct hw_settling *settling, struct hw_err *err) HW_CHECKED;
void hw_settling_fini(struct hw_settling *settling);

/* No counting events at all. */
void hw_settling_drop_twins(struct hw_settling *settling);

#endif
