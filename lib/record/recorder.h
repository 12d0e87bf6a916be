/* A running recording: counters open on threads and CPUs, one ring per CPU, records out in time order. */
#ifndef HW_RECORD_RECORDER_H
#define HW_RECORD_RECORDER_H

#include "event/attr.h"
#include "event/counter.h"
#include "record/decode.h"
#include "record/variant.h"

#include <sys/types.h>

#define HW_RECORDER_UNKNOWN_EVENT UINT32_MAX

struct hw_recorder_config {
	struct hw_event *events; /* borrowed; what this machine lacks is stepped down in place */
	size_t event_count;
	struct hw_sampling sampling;
	const struct hw_variant *
		variants; /* the first is in force until another is selected; borrowed during hw_recorder_new */
	size_t variant_count; /* 0 = one, as sampling says */
	const int *cpus;      /* ascending; NULL = all that are online; borrowed during hw_recorder_new */
	size_t cpu_count;
	size_t ring_size_bytes; /* of each CPU's ring; 0 = by frequency and stack size */
	bool enable_on_exec;	/* counters wait for the thread's next execve; else for hw_recorder_start */
};

struct hw_recorder_stats {
	uint64_t records_read;	  /* every record taken from a ring */
	uint64_t records_corrupt; /* of those, not decodable */
	uint64_t records_late;	  /* of those, out of order (delivered all the same) */
	uint64_t rings_corrupt;	  /* times a ring's bytes made no sense and were skipped */
	uint64_t lost;		  /* records the kernel had no room for, by its own count */
	uint64_t throttles;
	size_t ring_size_bytes;
	size_t ring_wanted_bytes; /* what it would be without the limit on locked memory */
	size_t descriptors;
};

/* Of one event. The times are those the target ran on CPUs where the event counts; enabled over running is more than 1
 * when it had to wait for a counter. */
struct hw_recorder_event_stats {
	uint64_t lost;
	uint64_t throttles;
	struct hw_count own;  /* what the sampling event itself counted; value and times */
	bool has_twin;	      /* a counting event stood beside it */
	struct hw_count twin; /* and counted this */
};

struct hw_recorder; /* lib/record/recorder.c */

/* Check what CPUs there are; opens nothing yet. */
struct hw_recorder *hw_recorder_new(const struct hw_recorder_config *config, struct hw_err *err) HW_CHECKED;
void hw_recorder_free(struct hw_recorder *recorder);

/* Open every event on every CPU for a thread and those it will create (-1: everything that runs on the CPUs), groups as
 * groups, and beside each a counting event that costs no other event its counter. The first call settles what the
 * machine can do (record/settle.h), and maps the rings. -1 with HW_ERR_TARGET when the thread is gone, which the caller
 * may take lightly. */
int hw_recorder_open(struct hw_recorder *recorder, pid_t tid, struct hw_err *err) HW_CHECKED;

/* Is this thread open, or was it, by a FORK record read so far, born from one that was? */
bool hw_recorder_has(const struct hw_recorder *recorder, pid_t tid);

/* A thread born while its parent was being opened has some of the counters, and not the others. Such parents are closed
 * again, with what their children inherited: hw_recorder_has says false for all of them then. To be called a
 * millisecond after the last hw_recorder_open, and after a drain, so that what was born meanwhile is known. Returns how
 * many were closed. */
size_t hw_recorder_close_torn(struct hw_recorder *recorder);

/* All that shall be recorded is open. What does not wait for an execve counts from now on. */
void hw_recorder_start(struct hw_recorder *recorder);

/* How many of the variants are there to select: fewer than asked for when the machine had no room for them, or they
 * would not differ. After the first hw_recorder_open. */
size_t hw_recorder_variants(const struct hw_recorder *recorder);

/* Why the machine had no room for them; NULL when it had. Borrowed. */
const char *hw_recorder_variants_missing(const struct hw_recorder *recorder);

/* Sample by this variant from now on. In each thread what it does within some microseconds is not sampled, and what it had
 * done since its last sample stands in the old variant's next one, should that be selected again: a switch and back loses
 * nothing more. Ignored when there is no such variant. */
void hw_recorder_select(struct hw_recorder *recorder, uint32_t variant);

/* When (CLOCK_MONOTONIC) the next drain is wanted, for what the recorder has to do by itself; UINT64_MAX = any time. */
uint64_t hw_recorder_due_ns(const struct hw_recorder *recorder);

/* Readable (poll) when a ring is filled to its watermark. */
int hw_recorder_fd(const struct hw_recorder *recorder);

/* Stop counting. What the rings hold can still be read. */
void hw_recorder_stop(struct hw_recorder *recorder);

/* See what the rings have got, and how far records may go in order: what is a few milliseconds old. The bytes stay in the
 * rings until hw_recorder_next has given them out. `last`: the recording is stopped, nothing will come after. */
void hw_recorder_drain(struct hw_recorder *recorder, bool last);

/* Next record in time order. 1 with *record (borrowed from the ring until the next call) and the index of its event, or
 * HW_RECORDER_UNKNOWN_EVENT, which is no sample's unless its event is really unknown; 0 when a new drain is needed. To be
 * called until it says so, for the kernel needs the room. Records that cannot be decoded are counted and skipped. */
int hw_recorder_next(struct hw_recorder *recorder, struct hw_record *record, uint32_t *event_index)
	HW_CHECKED;

/* Numbers up to now; they are complete once stopped. of_event: event_count entries, may be NULL. */
void hw_recorder_stats(const struct hw_recorder *recorder, struct hw_recorder_stats *stats,
		       struct hw_recorder_event_stats *of_event);

/* What was stepped down, a sentence each; borrowed. */
size_t hw_recorder_notes(const struct hw_recorder *recorder, char *const **notes);

#endif
