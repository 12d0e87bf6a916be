/* An event as asked for -> the perf_event_attr to open. */
#ifndef HW_EVENT_ATTR_H
#define HW_EVENT_ATTR_H

#include "base/buf.h"
#include "base/err.h"

#include <linux/perf_event.h>
#include <stdbool.h>
#include <stddef.h>

#ifndef PERF_FORMAT_LOST /* linux/perf_event.h before 6.0 */
#define PERF_FORMAT_LOST (1U << 4)
#endif

/* The kernel takes no period with the highest bit set (kernel/events/core.c, perf_event_open). */
#define HW_EVENT_PERIOD_MAX ((uint64_t)INT64_MAX)

/* What the whole command line asks of every event; an event's own modifiers win. */
struct hw_event_defaults {
	uint64_t freq_hz;	/* 0 = by period */
	uint64_t period_events; /* 0 = by frequency */
	bool user_only;		/* -u */
	bool kernel_only;	/* -k */
	bool freq_is_default; /* nobody typed freq_hz: events that are better counted one by one may ignore it */
};

/* The kernel's timer does not run faster, but would still say that each sample stands for the period asked for
 * (kernel/events/core.c, perf_swevent_start_hrtimer). */
#define HW_CLOCK_PERIOD_MIN_NS 10000

/* An event ready to be opened; attr holds type, config, exclude_*, precise_ip, freq and sample_period/freq. */
struct hw_event {
	char *text;	  /* as typed; owned */
	char *name;	  /* without modifiers: the sample type's name; owned */
	const char *unit; /* "nanoseconds" for clocks, "count" else; static, or the text in unit_text */
	char *unit_text;  /* what sysfs calls the unit ("Joules"); NULL = nothing; owned */
	double scale;	  /* a count times this is in unit (sysfs's .scale); 1 for all but few */
	struct perf_event_attr attr;
	uint8_t precise_asked; /* attr.precise_ip as resolved */
	bool precise_max;      /* :P: the highest level that opens is what was asked for */
	bool guest_asked;      /* :G or :H: exclude_guest and exclude_host are as asked */
	bool is_default;       /* nobody asked for it by name */

	/* Events of the same group, other than 0, stand side by side in their list, the leader first: they are opened
	 * as one group and so count at the same moments, or not at all (perf_event_open(2), group_fd). */
	uint32_t group;
	/* A hybrid CPU has several core PMUs, and a generic event is opened on each: these are its parts. */
	char *pmu;	   /* which PMU counts this part ("cpu_core"); NULL = the event has no parts; owned */
	char *whole;	   /* name of the event the parts add up to ("cycles"); NULL = no parts; owned */
	uint32_t whole_id; /* the same number for all parts of one event; 0 = no parts */
	bool any_core;	   /* a generic hardware event or raw code, which each core PMU has in its own way */
};

/* Is this event the first of its group, or in none? */
static inline bool hw_event_leads(const struct hw_event *events, size_t index)
{
	return !events[index].group || index == 0 || events[index - 1].group != events[index].group;
}

/* The index behind the last event of the group, or of the event alone, that begins at `first`. */
size_t hw_event_group_end(const struct hw_event *events, size_t count, size_t first);

/* Do two attrs name the same event, at whatever levels (user, kernel, ...)? At the same levels, whatever event? Both:
 * the same is counted; rates and what samples carry may differ. */
bool hw_attr_same_event(const struct perf_event_attr *a, const struct perf_event_attr *b);
bool hw_attr_same_levels(const struct perf_event_attr *a, const struct perf_event_attr *b);
bool hw_attr_counts_same(const struct perf_event_attr *a, const struct perf_event_attr *b);

/* Is it one of the kernel's clocks (cpu-clock, task-clock), which count nanoseconds and are sampled by a timer? */
bool hw_attr_is_clock(const struct perf_event_attr *attr);

/* Does a PMU count the event, so that it may have to wait for a counter? Software events and tracepoints never do. */
bool hw_attr_needs_counter(const struct perf_event_attr *attr);

/* Is the event's count that of its samples? A clock's timer passes over samples outside the code asked for (:u, :k), but
 * its count is all of the time (perf_swevent_hrtimer() in kernel/events/core.c). */
bool hw_attr_counts_what_it_samples(const struct perf_event_attr *attr);

void hw_event_fini(struct hw_event *event);

/* A copy with texts of its own. */
void hw_event_copy(struct hw_event *to, const struct hw_event *from);

/* What --dry-run says of an event in front of its attr: "event cycles:u", and as "field = value" its group, whose part
 * it is and on which PMU, unit and scale, each only where there is something to say. leads: it is the first of its
 * group. */
void hw_event_print(struct hw_buf *buf, const struct hw_event *event, bool leads);

/* Resolve one -e text, but no group (events.h): generic perf names (cycles, instructions, cache-misses, ..., cpu-clock,
 * page-faults), raw rNNN, PMU terms of sysfs (cpu/event=0x3c,umask=0x0/), tracepoints (sched:sched_switch), libpfm4
 * names (skl::INST_RETIRED:ANY_P, perf::...), each with modifiers (:u :k :h, :p :pp :ppp, :period=N, :freq=N); spec.h has
 * the grammar. On failure *event is untouched. Unknown: HW_ERR_EVENT with the nearest names as hint; contradictions
 * (period and freq, :k and -u) and malformed texts: HW_ERR_USAGE. Does not open anything.
 * Without a rate in the text or the defaults, the attr counts (sample_period 0), but each tracepoint is taken, and each
 * of the rarer software events (context switches, migrations, major faults). */
int hw_event_resolve(struct hw_event *event, const char *text, const struct hw_event_defaults *defaults,
		     struct hw_err *err) HW_CHECKED;

/* What a sample shall carry. */
struct hw_sampling {
	uint32_t stack_size_bytes; /* of user stack copied, multiple of 8; 0 = none */
	uint64_t user_regs_mask;   /* attr.sample_regs_user; 0 = none */
	bool callchain;		   /* the kernel's callchain */
	bool callchain_user;	   /* its user half too (frame pointers) */
};

/* Add to an event's attr what sampling needs: sample_type, sample_id_all, read_format, clock, callchains, registers,
 * stack, inherit, disabled, and a watermark in bytes, which the recorder sets. sideband: this event also reports mmap,
 * comm, fork and exit (one event per ring does). PERF_SAMPLE_PERIOD is left out where it would make the kernel ignore
 * the period: a sample then stands for attr.sample_period events. */
void hw_attr_set_sampling(struct perf_event_attr *attr, const struct hw_sampling *sampling, bool sideband);

/* The attr as text for --dry-run: one "field = value" a line, type and config always, others unless they are zero. */
void hw_attr_print(struct hw_buf *buf, const struct perf_event_attr *attr);

#endif
