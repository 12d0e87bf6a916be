/* What a recording says about itself: who and where, and how far its numbers can be trusted. Travels inside the
 * profile (format/pprof.c), so that a copied file still knows. */
#ifndef HW_PROFILE_QUALITY_H
#define HW_PROFILE_QUALITY_H

#include "base/vec.h"

#include <stdbool.h>
#include <stdint.h>

/* Texts are owned, NULL when unknown. */
struct hw_recording {
	char *version; /* of hwprof */
	char *command; /* what was run or attached to, as typed */
	char *hostname;
	char *kernel; /* "6.1.0-18-amd64" */
	char *cpu;    /* model name */
	uint32_t cpu_count;
	uint32_t pid; /* of the command or the first target; 0 system-wide */
};

/* One event: what was asked for, what the kernel gave. */
struct hw_event_quality {
	char *asked;	  /* as typed; "" when it was the default */
	char *opened;	  /* name of what is really counted */
	uint64_t freq_hz; /* 0 when a period was asked for */
	uint64_t period;  /* 0 when a frequency was asked for */
	uint32_t precise_asked, precise_obtained;
	uint64_t samples;   /* records of this event used in the profile */
	uint64_t events;    /* sum of their periods */
	uint64_t lost;	    /* samples of it the kernel lost */
	uint64_t throttles; /* times the kernel paused it */
	uint32_t group;	    /* events of one group, other than 0, ran at the same moments */
	char *pmu;	    /* of a part of a hybrid CPU's event, which PMU counts it; NULL = no part */
	char *whole;	    /* and the sample type that the parts add up to; NULL = no part */
	uint64_t exact_ips; /* samples whose address is the very instruction's (PERF_RECORD_MISC_EXACT_IP) */
	/* How long the sampling event was wanted and how long it had a counter; less means multiplexing. */
	uint64_t time_enabled_ns, time_running_ns;
	/* What a counting event beside it counted, over the same time; all 0 when there was none. */
	uint64_t counted, counted_enabled_ns, counted_running_ns;
	bool counted_itself; /* no counter was free for another: these are the sampling event's own, while it ran */
};

/* The sum of the samples' periods over what was counted meanwhile (scaled up when the counting event itself had a
 * counter for a part of the time only): 1 when the samples stand for everything that happened. NaN when nothing was
 * counted. */
double hw_event_sum_check(const struct hw_event_quality *event);

/* Share of the time it was wanted that the event had a counter, 0 to 1: below 1 it was multiplexed. NaN when no time
 * is known. */
double hw_event_running_share(const struct hw_event_quality *event);

/* A cause and how often: why stacks ended, why records were dropped. */
struct hw_cause_count {
	char *cause;
	uint64_t count;
};

/* Code of one file that stayed without names, and what would help (profile/unnamed.h has how much it is). Texts are owned
 * and never NULL. */
struct hw_unnamed_help {
	char *dso, *build_id; /* as the profile's mappings have them */
	char *cause;	      /* why there are no names; "" = nobody knows */
	char *fix;	      /* what to do, a command where there is one; "" = nothing */
};

/* Stacks that do not reach their root: why, and in which file they stopped. */
struct hw_end_count {
	char *cause;
	char *dso; /* path; "" when it was in none, or in various */
	uint64_t count;
};

struct hw_quality {
	bool present;
	uint64_t records_read;	/* = samples + records_other + the sum of dropped */
	uint64_t samples;	/* sample records used */
	uint64_t records_other; /* mmap, comm, fork, ... */
	uint64_t samples_lost;	/* never written, by the kernel's own count */
	uint64_t throttles;
	HW_VEC(struct hw_cause_count) dropped;			   /* records read and not used, by cause */
	uint64_t stacks_complete, stacks_truncated, stacks_broken; /* of samples; kernel-only is complete */
	uint64_t stacks_stitched; /* of the complete ones: cut by the copy, and completed from others */
	HW_VEC(struct hw_cause_count) stack_ends;
	HW_VEC(struct hw_end_count) ends_by_dso; /* of stacks truncated and broken; the most frequent first */
	HW_VEC(struct hw_cause_count) frame_origins; /* of all frames: "CFI", "kernel", ... */
	uint64_t frames, frames_unknown;	     /* frames of all samples; those in no mapping */
	uint32_t stack_size_bytes;   /* of the copy each sample has of the user stack, at the start */
	uint32_t stack_raised_bytes; /* and from when too many were cut short; 0 = as at the start */
	uint64_t stack_raised_after; /* samples with a user stack */
	uint32_t ring_size_bytes;    /* per CPU */
	HW_VEC(struct hw_event_quality) events;
	HW_VEC(struct hw_unnamed_help) unnamed;
	HW_VEC(char *) notes; /* every step down, in words; owned */
};

void hw_recording_fini(struct hw_recording *recording);
void hw_quality_fini(struct hw_quality *quality);

/* Keep a sentence; a copy is made. Equal notes are kept once. */
void hw_quality_note(struct hw_quality *quality, const char *note);

/* Add to the count of stacks that ended for this cause in this file. */
void hw_quality_count_end(struct hw_quality *quality, const char *cause, const char *dso, uint64_t n);

/* Add to the count of a cause in a list of hw_cause_count (dropped, stack_ends or frame_origins). */
#define hw_quality_count(list, cause_text, n) \
	hw_cause_add(&(list)->at, &(list)->count, &(list)->capacity, cause_text, n)
void hw_cause_add(struct hw_cause_count **at, size_t *count, size_t *capacity, const char *cause, uint64_t n);

#endif
