/* What was counted: a row for each event, over one run or several. */
#ifndef HW_STAT_SHEET_H
#define HW_STAT_SHEET_H

#include "base/notes.h"
#include "base/stats.h"
#include "base/vec.h"
#include "event/attr.h"
#include "event/counting.h"

#define HW_SHEET_NONE UINT32_MAX

enum hw_sheet_state {
	HW_SHEET_COUNTED,
	HW_SHEET_NOT_COUNTED,	/* it never had a counter */
	HW_SHEET_NOT_SUPPORTED, /* it does not open here */
};

struct hw_sheet_row {
	const char *name; /* the event's, of a part the PMU's, of the sum of parts the event's; borrowed */
	const char *unit; /* "nanoseconds", "count", "Joules"; borrowed */
	double scale;	  /* a count times this is in unit */
	uint32_t event;	  /* index into the sheet's events; HW_SHEET_NONE for the sum of parts */
	uint32_t whole;	  /* the row this is a part of, or HW_SHEET_NONE */
	enum hw_sheet_state state;
	const char *reason; /* why it is not supported, a sentence without full stop; else NULL; borrowed */
	struct hw_count count;	/* sums over all runs */
	struct hw_series value; /* of each run: the estimate of the full count, in unit */
	/* The run that was added last: */
	double run_value; /* NaN when it had no counter */
	double run_share; /* of the time it was enabled, 0 to 1 */
};

/* How long the runs took; CPU times are those of the command and the children it waited for. */
struct hw_sheet_times {
	double elapsed_s;
	bool has_cpu_times;
	double user_s, system_s;
};

struct hw_sheet {
	const struct hw_event *events; /* borrowed */
	size_t event_count;
	bool whole_cpus;		  /* counted on CPUs, not threads */
	HW_VEC(struct hw_sheet_row) rows; /* in the order of the events; parts follow their sum */
	struct hw_series elapsed_s, user_s, system_s;
	double run_elapsed_s; /* of the run that was added last */
	uint64_t run_count;
	struct hw_notes notes; /* what a reader has to know */
};

/* Rows for the events. reasons[i]: why event i is not supported, NULL = it is; reasons may be NULL. Borrowed. */
void hw_sheet_init(struct hw_sheet *sheet, const struct hw_event *events, size_t event_count,
		   const char *const *reasons, bool whole_cpus);
void hw_sheet_fini(struct hw_sheet *sheet);

/* Take in the counts of a run (of each event; those that are not supported are not looked at) and its times. */
void hw_sheet_add(struct hw_sheet *sheet, const struct hw_count *counts, const struct hw_sheet_times *times);

/* Forget the runs, for the next interval. */
void hw_sheet_clear(struct hw_sheet *sheet);

/* A note on hardware events that read zero although they were counted: nothing happened, or nothing counts. */
void hw_sheet_note_zeros(struct hw_sheet *sheet);

/* The share of the time enabled that the row was counted, over all runs. */
double hw_sheet_share(const struct hw_sheet_row *row);

/* A row as value per time: unit is "/s", or "GHz" for cycles and "CPUs" for clocks. The time of "/s" and "GHz" is that of
 * the task or CPU clock in the sheet. False when there is none, or the row has no value. */
struct hw_rate {
	double value;
	const char *unit; /* static */
};
bool hw_sheet_rate(const struct hw_sheet *sheet, const struct hw_sheet_row *row, struct hw_rate *rate);

#endif
