/* Counting without sampling: events on threads and CPUs, their counts summed. */
#ifndef HW_EVENT_COUNTING_H
#define HW_EVENT_COUNTING_H

#include "event/attr.h"
#include "event/counter.h"

#include <sys/types.h>

struct hw_counting_config {
	const struct hw_event *events; /* borrowed; sampling settings in their attrs are ignored */
	size_t event_count;
	/* Ascending: what hw_counting_open_cpus counts, and where threads are counted; NULL = all. */
	const int *cpus;
	size_t cpu_count;
	bool enable_on_exec; /* wait for the thread's next execve; else for hw_counting_start */
	bool no_inherit;     /* threads and children to come do not count */
};

struct hw_counting; /* lib/event/counting.c */

struct hw_counting *hw_counting_new(const struct hw_counting_config *config);
void hw_counting_free(struct hw_counting *counting);

/* Open every event, groups as groups, for a thread and those it will create, on all CPUs (or each of config.cpus); raises
 * the limit on descriptors as needed. -1 with err as hw_counter_open, and with HW_ERR_EVENT for a group with more events
 * than the PMU has counters; nothing of this call stays open then. */
int hw_counting_open(struct hw_counting *counting, pid_t tid, struct hw_err *err) HW_CHECKED;

/* The same for everything that runs on the CPUs; once. An event whose PMU is that of some cores or of a package is
 * opened where it counts (event/pmu_cpus.h). */
int hw_counting_open_cpus(struct hw_counting *counting, struct hw_err *err) HW_CHECKED;

/* What happens from now on counts; with enable_on_exec, what happens from the exec on does, and this changes nothing. */
void hw_counting_start(struct hw_counting *counting);

/* counts[i]: the sums of event i over all threads and CPUs since the start; 0 before it. At any time. */
int hw_counting_read(struct hw_counting *counting, struct hw_count *counts, struct hw_err *err) HW_CHECKED;

/* Descriptors that one more thread needs. */
size_t hw_counting_descriptors(const struct hw_counting *counting);

/* Take back what was opened for the thread itself; copies that it had inherited stay, copies that others inherited from
 * it go. */
void hw_counting_close(struct hw_counting *counting, pid_t tid);

/* Make an attr count: nothing is sampled, no precise level, disabled; which event and which levels stay. */
void hw_attr_set_counting(struct perf_event_attr *attr);

/* The estimate of the full count when the event had a counter for a part of the time only (value x enabled / running);
 * NaN when it never had one. A thread's part of a hybrid event is not to be scaled: it waits while the thread runs on
 * cores of the other type. */
double hw_count_scaled(const struct hw_count *count);

/* Share of the time enabled that it was counted, 0 to 1; 1 when it was never enabled. */
double hw_count_share(const struct hw_count *count);

#endif
