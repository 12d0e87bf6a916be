/* Open counters: perf_event_open(2) with errors that name the obstacle. */
#ifndef HW_EVENT_COUNTER_H
#define HW_EVENT_COUNTER_H

#include "base/err.h"
#include "event/attr.h"

#include <sys/types.h>

/* What a counter read: the value, the times it was enabled and really counting, and what it lost. */
struct hw_count {
	uint64_t value;
	uint64_t time_enabled_ns;
	uint64_t time_running_ns;
	uint64_t id;
	uint64_t lost; /* records the ring had no room for; 0 where the kernel does not say (before 6.0) */
};

/* Open an event on a thread (tid, with those it creates when attr.inherit) and a CPU; -1 stands for all of either.
 * group_fd: the leader of its group, -1 for one that leads or is in none.
 * Returns a close-on-exec descriptor, or -1 with err (kind HW_ERR_EVENT, _PERMISSION, _TARGET or _LIMIT; sys_errno
 * tells for hw_event_step_down). */
int hw_counter_open(const struct hw_event *event, pid_t tid, int cpu, int group_fd, struct hw_err *err)
	HW_CHECKED;

/* Read a counter opened with attr. */
int hw_counter_read(struct hw_count *count, int fd, const struct perf_event_attr *attr, struct hw_err *err)
	HW_CHECKED;

/* Allow as many descriptors as the hard limit says, when `needed` is more than the soft limit. -1 with HW_ERR_LIMIT
 * when the hard limit is too low, naming what is needed. */
int hw_counter_raise_limit(uint64_t needed, struct hw_err *err) HW_CHECKED;

#endif
