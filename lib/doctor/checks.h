/* What the doctor looks at, part by part. Each adds its findings. */
#ifndef HW_DOCTOR_CHECKS_H
#define HW_DOCTOR_CHECKS_H

#include "doctor/doctor.h"
#include "doctor/trial.h"
#include "event/obstacle.h"

/* Shared by the checks: facts first, then what earlier checks found. */
struct hw_checkup {
	const struct hw_doctor_config *config; /* borrowed */
	struct hw_findings *findings;	       /* borrowed */
	struct hw_host host;
	size_t cpu_count; /* online */
	int syscall_errno;
	bool syscall_kills; /* a filter ends who calls perf_event_open: nothing may be tried */

	/* Sampling our own threads: by a timer, by the CPU's cycles; at least user code. */
	bool timer_samples, counter_samples;
	bool kernel_code; /* kernel code, too */
	bool whole_cpus;
	struct hw_obstacle timer_obstacle, counter_obstacle; /* when not */
};

/* The timer first: whether anything works at all. Then doctor/check_*.c, in the order they are shown. */
void hw_check_timer(struct hw_checkup *checkup);
void hw_check_counters(struct hw_checkup *checkup);
void hw_check_kernel_events(struct hw_checkup *checkup);
void hw_check_privileges(struct hw_checkup *checkup);
void hw_check_target(struct hw_checkup *checkup);
void hw_check_limits(struct hw_checkup *checkup);
void hw_check_kernel(struct hw_checkup *checkup);
void hw_check_debug_info(struct hw_checkup *checkup);

/* An attr for trying: our own user code, and the kernel's, which hw_checkup_open takes away where it may not be had. */
struct perf_event_attr hw_checkup_attr(uint32_t type, uint64_t config, uint64_t period_events);

/* Try it on ourselves; without the kernel when it is that which is refused (and attr changed). 0, or the errno. */
int hw_checkup_open(const struct hw_checkup *checkup, struct perf_event_attr *attr);

/* Why it failed with this errno. */
void hw_checkup_explain(const struct hw_checkup *checkup, struct hw_obstacle *obstacle, const char *name,
			const struct perf_event_attr *attr, pid_t tid, int open_errno);

/* The finding has this obstacle, its cause and its fix. */
void hw_finding_obstacle(struct hw_finding *finding, enum hw_finding_state state,
			 const struct hw_obstacle *obstacle, int open_errno);

/* The fix is privileges: hw_obstacle_print_privileges. */
void hw_finding_privileges(struct hw_finding *finding, const struct hw_host *host, const char *more);

/* A number in the first line of a file under /proc/sys/kernel; false when there is none. */
bool hw_sysctl_read(int64_t *value, const char *name);

#endif
