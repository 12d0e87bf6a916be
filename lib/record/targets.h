/* Whom a recording is about: threads, or whole CPUs, with the descriptors that are open on each, and births among them. */
#ifndef HW_RECORD_TARGETS_H
#define HW_RECORD_TARGETS_H

#include "record/births.h"
#include "record/cpu_rings.h"
#include "record/recorder.h"
#include "record/settle.h"
#include "record/variant.h"

/* One open descriptor: an event on a thread and a CPU. */
struct hw_opened {
	int fd;		  /* -1 = closed again */
	uint32_t event;	  /* settling.event_count: the tracker */
	uint32_t variant; /* 0 for trackers and twins, which stay the same */
	bool is_twin;	  /* counts beside the sampling event, without a ring */
	uint32_t clock;	  /* index of the tracker on this thread and CPU, or UINT32_MAX */
	bool leads;	  /* to be enabled; other members of its group follow */
	uint64_t id;	  /* the kernel's, in every record */
	uint64_t told;	  /* by LOST records; they carry the id of the next one written, whatever was lost */
	uint64_t unwritten; /* by LOST_SAMPLES records: lost before the ring */
	uint64_t throttles;
	uint64_t base_ns; /* a tracker's running time when the events were enabled */
};

/* A thread that was opened, and when its sampling events were. */
struct hw_target {
	pid_t tid;
	size_t first, count; /* in hw_targets.opened */
	uint64_t from_ns, to_ns;
	bool closed;
};

struct hw_targets {
	struct hw_settling *settling; /* borrowed; has settled */
	struct hw_cpu_rings *rings;   /* borrowed; of settling's CPUs */
	struct hw_variants variants;  /* of settling's events; owned */
	char *missing;		      /* why there are fewer than asked for; NULL = no reason; owned */
	uint32_t variant;	      /* the one in force */
	bool only_some_cpus;	      /* not all that are online */
	HW_VEC(struct hw_opened) opened;
	size_t open_count; /* of these, not closed again */
	HW_VEC(struct hw_target) list;
	struct hw_map by_id;  /* hash of the kernel's id -> opened */
	struct hw_map by_tid; /* hash of the thread's -> list */
	struct hw_births births;
	size_t births_checked;
	/* record/enabling.h */
	uint64_t enabled_ns;   /* CLOCK_MONOTONIC */
	uint32_t repeats_left; /* of enabling */
	bool is_stopped;
};

void hw_targets_fini(struct hw_targets *targets);

/* See that one more target's descriptors, and the rings', are within the limit on open files; what can be done without
 * (other variants than the first, then twins) is given up for it. -1 with HW_ERR_LIMIT. */
int hw_targets_make_room(struct hw_targets *targets, struct hw_err *err) HW_CHECKED;

/* hw_recorder_open, _has and _close_torn. */
int hw_targets_open(struct hw_targets *targets, pid_t tid, struct hw_err *err) HW_CHECKED;
bool hw_targets_have(const struct hw_targets *targets, pid_t tid);
size_t hw_targets_close_torn(struct hw_targets *targets);

/* The descriptor of the kernel's id; NULL when there is none. Borrowed until the next target is opened. */
struct hw_opened *hw_targets_find_opened(const struct hw_targets *targets, uint64_t id);

/* Is it the tracker (settle.h)? */
bool hw_targets_is_tracker(const struct hw_targets *targets, const struct hw_opened *opened);

/* What was opened: an event as of its variant, or the tracker. */
const struct hw_event *hw_targets_event(const struct hw_targets *targets, const struct hw_opened *opened);

/* Read one descriptor. 0, or -1 with a zeroed count when it is closed or gives nothing. */
int hw_targets_read_opened(const struct hw_targets *targets, const struct hw_opened *opened,
			   struct hw_count *count) HW_CHECKED;

/* Read all descriptors: of_event[i] (NULL = not wanted) gets what belongs to event i; *lost and *descriptors are those
 * of all events and the tracker. */
void hw_targets_read(const struct hw_targets *targets, struct hw_recorder_event_stats *of_event,
		     uint64_t *lost, size_t *descriptors);

#endif
