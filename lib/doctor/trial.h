/* Trying: the only way to know what a kernel, a filter or a hypervisor really allows. */
#ifndef HW_DOCTOR_TRIAL_H
#define HW_DOCTOR_TRIAL_H

#include "event/attr.h"

#include <sys/types.h>

/* Open an attr, disabled, and close it again: 0, or the errno. */
int hw_trial_open(const struct perf_event_attr *attr, pid_t tid, int cpu);

/* What came of sampling ourselves for a moment. */
enum hw_trial_result {
	HW_TRIAL_SAMPLES, /* a sample arrived */
	HW_TRIAL_SILENT,  /* it opens, but no sample came in 50 ms of work */
	HW_TRIAL_REFUSED, /* it does not open; errno tells */
	HW_TRIAL_NO_RING, /* it opens, but its smallest ring cannot be mapped: locked memory; errno tells */
};

/* Sample the calling thread, which spins until a sample is in the ring. The attr needs a period. */
enum hw_trial_result hw_trial_sample(const struct perf_event_attr *attr);

/* hw_host_syscall_errno in a child of its own, which a filter may end: *killed then. */
int hw_trial_syscall(bool *killed);

#endif
