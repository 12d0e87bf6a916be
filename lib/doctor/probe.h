/* Trying: the only way to know what a kernel, a filter or a hypervisor really allows. */
#ifndef HW_DOCTOR_PROBE_H
#define HW_DOCTOR_PROBE_H

#include "event/attr.h"

#include <sys/types.h>

/* Open an attr, disabled, and close it again: 0, or the errno. */
int hw_probe_open(const struct perf_event_attr *attr, pid_t tid, int cpu);

/* What came of sampling ourselves for a moment. */
enum hw_probe_result {
	HW_PROBE_SAMPLES, /* a sample arrived */
	HW_PROBE_SILENT,  /* it opens, but no sample came in 50 ms of work */
	HW_PROBE_REFUSED, /* it does not open; errno tells */
	HW_PROBE_NO_RING, /* it opens, but its smallest ring cannot be mapped: locked memory; errno tells */
};

/* Sample the calling thread, which spins until a sample is in the ring. The attr needs a period. */
enum hw_probe_result hw_probe_sample(const struct perf_event_attr *attr);

/* hw_host_syscall_errno in a child of its own, which a filter may end: *killed then. */
int hw_probe_syscall(bool *killed);

#endif
