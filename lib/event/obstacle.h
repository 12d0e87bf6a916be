/* Why an event does not open, told apart: the errno alone does not say. For errors, hwprof list and hwprof doctor. */
#ifndef HW_EVENT_OBSTACLE_H
#define HW_EVENT_OBSTACLE_H

#include "base/buf.h"
#include "event/attr.h"

#include <sys/types.h>

enum hw_obstacle_kind {
	HW_OBSTACLE_NONE,
	HW_OBSTACLE_PARANOID, /* perf_event_paranoid forbids this to users without CAP_PERFMON */
	HW_OBSTACLE_SECCOMP,  /* a filter on system calls (a container's) refuses perf_event_open */
	HW_OBSTACLE_CAPABILITY, /* a capability is missing, or is one of a user namespace, which does not count */
	HW_OBSTACLE_OTHER_USER,	    /* the thread is another user's */
	HW_OBSTACLE_VM_WITHOUT_PMU, /* no CPU PMU in the kernel, and a hypervisor beneath */
	HW_OBSTACLE_NO_PMU,	    /* no CPU PMU in the kernel */
	HW_OBSTACLE_HYBRID,	    /* the event is one core type's, asked for on another */
	HW_OBSTACLE_NOT_SUPPORTED,  /* there is a PMU, without this event (or precise level, or interrupt) */
	HW_OBSTACLE_BUSY,	    /* another user holds the counters */
	HW_OBSTACLE_LIMIT,	    /* open files */
	HW_OBSTACLE_TARGET_GONE,
	HW_OBSTACLE_SETTINGS, /* the kernel does not take the attr (EINVAL, E2BIG) */
	HW_OBSTACLE_OTHER,
};

struct hw_obstacle {
	enum hw_obstacle_kind kind;
	char cause
		[256]; /* a sentence without full stop: "the kernel exposes no CPU PMU, though the CPU has one (...)" */
	char fix[256]; /* the exact command or setting that mends it; "" when nothing does */
};

/* Why opening event on tid (-1: whole CPUs) and cpu failed with this errno. Looks at /proc and sysfs. */
void hw_obstacle_find(struct hw_obstacle *obstacle, const struct hw_event *event, pid_t tid, int cpu,
		      int open_errno);

/* "paranoid", "seccomp", ...: for JSON. */
const char *hw_obstacle_name(enum hw_obstacle_kind kind);

#endif
