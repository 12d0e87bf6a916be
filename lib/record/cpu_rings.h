/* One ring for each CPU, which belong to the recording and not to any thread in it. */
#ifndef HW_RECORD_CPU_RINGS_H
#define HW_RECORD_CPU_RINGS_H

#include "record/ring.h"

#include <linux/perf_event.h>

#define HW_RING_MIN_BYTES ((size_t)64 << 10)

struct hw_cpu_ring {
	int cpu;
	int fd; /* where events on this CPU are directed to (PERF_EVENT_IOC_SET_OUTPUT); -1 before it is open */
	struct hw_ring ring;
};

struct hw_cpu_rings {
	struct hw_cpu_ring *at; /* in the order of the CPUs given; owned */
	size_t count;
	size_t size_bytes; /* of each */
	int epoll_fd;	   /* readable when one of them is filled to a quarter */
};

/* Make room for the rings of these CPUs; opens none yet. -1 with err. */
int hw_cpu_rings_init(struct hw_cpu_rings *rings, const int *cpus, size_t count, struct hw_err *err)
	HW_CHECKED;

/* Map a ring of size_bytes (a power of two) for each CPU, through a dummy event on ourselves: threads of the target may
 * exit, the rings stay. Events whose clock is that of `model` can be directed to them. When the limit on locked memory
 * is hit, all are made smaller (rings->size_bytes tells). -1 with err. */
int hw_cpu_rings_open(struct hw_cpu_rings *rings, size_t size_bytes, const struct perf_event_attr *model,
		      struct hw_err *err) HW_CHECKED;

static inline bool hw_cpu_rings_are_open(const struct hw_cpu_rings *rings)
{
	return rings->count && rings->at[0].fd >= 0;
}

/* Closes everything. A zeroed object, or one whose init failed, is fine. */
void hw_cpu_rings_fini(struct hw_cpu_rings *rings);

#endif
