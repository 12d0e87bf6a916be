/* What hwprof stat is asked to do: its options, and what they come to. */
#ifndef HW_CMD_STAT_PLAN_H
#define HW_CMD_STAT_PLAN_H

#include "event/catalogue.h"
#include "event/events.h"
#include "options.h"
#include "targets.h"

/* As typed. */
struct stat_options {
	struct target_options targets;
	struct hw_texts events, metrics;
	const char *repeat, *interval, *delay, *output;
	uint64_t duration_ns;
	bool user_only, kernel_only, no_inherit, no_multiplex;
	bool json, csv, quiet, dry_run;
};

enum stat_form { STAT_TEXT, STAT_JSON, STAT_CSV };

/* As it will be done. */
struct stat_plan {
	const struct stat_options *options; /* borrowed */
	struct hw_catalogue catalogue;
	char *no_metrics;	/* why there are none: the tables cannot be read; else NULL; owned */
	HW_VEC(char *) metrics; /* names asked for, each once; owned */
	struct hw_events events;
	char **command; /* borrowed; NULL = none */
	char *what;	/* the command line or the targets, for people; owned */
	struct targets targets;
	bool has_targets; /* -p, -t, -n or -a: the command, if any, only says how long */
	enum stat_form form;
	uint64_t repeats;
	uint64_t interval_ns, delay_ns; /* 0 = none */
};

/* Validate; find the targets and the events. Finalise in any case. -1 with err. */
int stat_plan_init(struct stat_plan *plan, const struct stat_options *options, int operand_count,
		   char **operands, struct hw_err *err) HW_CHECKED;
void stat_plan_fini(struct stat_plan *plan);

#endif
