/* Why an event does not open, told apart: the errno alone does not say. For errors, hwprof list and hwprof doctor. */
#ifndef HW_EVENT_OBSTACLE_H
#define HW_EVENT_OBSTACLE_H

#include "base/buf.h"
#include "event/attr.h"
#include "event/host.h"

#include <sys/types.h>

enum hw_obstacle_kind {
	HW_OBSTACLE_NONE,
	HW_OBSTACLE_PARANOID, /* perf_event_paranoid forbids this to users without CAP_PERFMON */
	HW_OBSTACLE_SECCOMP,  /* a filter on system calls (a container's) refuses perf_event_open */
	HW_OBSTACLE_CAPABILITY, /* a capability is missing, or is one of a user namespace, which does not count */
	HW_OBSTACLE_OTHER_USER,	    /* the thread is another user's, or closed to its own */
	HW_OBSTACLE_VM_WITHOUT_PMU, /* no CPU PMU in the kernel, and a hypervisor beneath */
	HW_OBSTACLE_NO_PMU,	    /* no CPU PMU in the kernel */
	HW_OBSTACLE_HYBRID,	    /* the event is one core type's, asked for on another */
	HW_OBSTACLE_NOT_SUPPORTED,  /* there is a PMU, without this event (or precise level, or interrupt) */
	HW_OBSTACLE_BUSY,	    /* another user holds the counters */
	HW_OBSTACLE_TOO_MANY,	    /* a group of more events than the PMU counts at once */
	HW_OBSTACLE_LIMIT,	    /* open files, samples per second */
	HW_OBSTACLE_TARGET_GONE,
	HW_OBSTACLE_SETTINGS, /* the kernel does not take the attr (EINVAL, E2BIG) */
	HW_OBSTACLE_OTHER,
};

struct hw_obstacle {
	enum hw_obstacle_kind kind;
	/* Without full stop: "perf_event_paranoid is 3, which forbids ..."; "" when the errno says it. */
	char cause[320];
	char fix[320]; /* the exact command or setting that mends it; "" when nothing does */
};

/* Why opening event on tid (-1: whole CPUs; 0: ourselves) and cpu failed with this errno. Looks at /proc and sysfs, and
 * may try to open simpler forms of the event. */
void hw_obstacle_find(struct hw_obstacle *obstacle, const struct hw_event *event, pid_t tid, int cpu,
		      int open_errno);

/* What is known beside the errno. */
struct hw_obstacle_facts {
	const struct hw_host *host; /* borrowed */
	int syscall_errno;	    /* hw_host_syscall_errno */
	bool counts;		    /* it opens when it shall count only */
	bool opens_alone;	    /* it opens outside of its group */
	bool opens_imprecise;	    /* it opens without a precise level */
	uint64_t max_freq_hz;	    /* perf_event_max_sample_rate; 0 = unknown */
	bool target_is_closed;	    /* we may not look into the thread: ptrace(2), PTRACE_MODE_READ */
	bool target_is_other_users; /* it has other user ids than we, */
	unsigned target_uid;	    /* such as this one */
};

/* The same from facts, for tests. */
void hw_obstacle_judge(struct hw_obstacle *obstacle, const struct hw_event *event, pid_t tid, int cpu,
		       int open_errno, const struct hw_obstacle_facts *facts);

/* perf_event_paranoid must be at most this for a user to open the attr on tid. */
int hw_obstacle_paranoid_needed(const struct perf_event_attr *attr, pid_t tid);

/* Append how this hwprof gets privileges: as root, or by the command that gives its file capabilities
 * ("cap_perfmon,cap_sys_ptrace", and more when more is not NULL: ",cap_ipc_lock"). Where neither counts, in a user
 * namespace or with no_new_privs, what to do instead. */
void hw_obstacle_print_privileges(struct hw_buf *out, const struct hw_host *host, const char *more);

/* How this machine's hypervisor gives a guest a PMU. Static. */
const char *hw_obstacle_vm_fix(const struct hw_host *host);

/* "paranoid", "seccomp", ...: for JSON. */
const char *hw_obstacle_name(enum hw_obstacle_kind kind);

#endif
