/* Before the first run of hwprof stat: what opens, and what fits the counters. */
#ifndef HW_CMD_STAT_SETUP_H
#define HW_CMD_STAT_SETUP_H

#include "stat/derived.h"
#include "stat/support.h"
#include "stat_plan.h"

struct stat_setup {
	struct hw_support support;
	struct hw_event *opened; /* those of the plan's events that open; what they point to is borrowed */
	uint32_t *opened_at;	 /* their indices in the plan */
	size_t opened_count;
	struct hw_sheet sheet;
	struct hw_derived derived;
	char *warning; /* the events take turns: which, and what is lost; NULL = all fit; owned */
};

/* Try the plan's events on a thread, or a CPU with tid -1. Groups of the default events and of presets that could never
 * count are taken apart. Finalise in any case. -1 with err when an event that was asked for does not open, a group could
 * never count, or with --no-multiplex the events do not fit. */
int stat_setup_init(struct stat_setup *setup, struct stat_plan *plan, pid_t tid, int cpu, struct hw_err *err)
	HW_CHECKED;
void stat_setup_fini(struct stat_setup *setup);

#endif
