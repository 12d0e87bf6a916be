/* An event as asked for -> the perf_event_attr to open. */
#ifndef HW_EVENT_ATTR_H
#define HW_EVENT_ATTR_H

#include "base/buf.h"
#include "base/err.h"

#include <linux/perf_event.h>
#include <stdbool.h>

/* What the whole command line asks of every event; an event's own modifiers win. */
struct hw_event_defaults {
	uint64_t freq_hz;	/* 0 = by period */
	uint64_t period_events; /* 0 = by frequency */
	bool user_only;		/* -u */
	bool kernel_only;	/* -k */
};

/* An event ready to be opened; attr holds type, config, exclude_*, precise_ip, freq and sample_period/freq. */
struct hw_event {
	char *text;	  /* as typed; owned */
	char *name;	  /* without modifiers: the sample type's name; owned */
	const char *unit; /* "nanoseconds" for clocks, "count" else; static */
	struct perf_event_attr attr;
	uint8_t precise_asked;
	bool is_default; /* nobody asked for it by name */
};

void hw_event_fini(struct hw_event *event);

/* Resolve one -e text: generic perf names (cycles, instructions, cache-misses, ..., cpu-clock, page-faults),
 * raw rNNN, PMU terms of sysfs (cpu/event=0x3c,umask=0x0/), tracepoints (sched:sched_switch), libpfm4 names
 * (skl::INST_RETIRED:ANY_P, perf::...), each with modifiers (:u :k :h, :p :pp :ppp, :period=N, :freq=N).
 * Unknown: HW_ERR_EVENT with the nearest names as hint. Does not open anything. */
int hw_event_resolve(struct hw_event *event, const char *text, const struct hw_event_defaults *defaults,
		     struct hw_err *err) HW_CHECKED;

/* What a sample shall carry. */
struct hw_sampling {
	uint32_t stack_size_bytes; /* of user stack copied, multiple of 8; 0 = none */
	uint64_t user_regs_mask;   /* attr.sample_regs_user; 0 = none */
	bool callchain;		   /* the kernel's callchain */
	bool callchain_user;	   /* its user half too (frame pointers) */
	uint32_t wakeup_bytes;	   /* attr.wakeup_watermark */
};

/* Add to an event's attr what sampling needs: sample_type, sample_id_all, read_format, clock, callchains, registers,
 * stack, watermark, inherit, disabled. sideband: this event also reports mmap, comm, fork and exit (one event per
 * ring does). */
void hw_attr_set_sampling(struct perf_event_attr *attr, const struct hw_sampling *sampling, bool sideband);

/* The attr as text, one "field = value" a line, fields that are zero left out: --dry-run. */
void hw_attr_print(struct hw_buf *buf, const struct perf_event_attr *attr);

#endif
