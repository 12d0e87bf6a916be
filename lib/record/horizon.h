/* Up to which time the rings are known to be complete.
 *
 * The kernel stamps a record first and finishes it a little later: within microseconds, unless interrupts come between
 * or a hypervisor takes the CPU away. Who looks at all rings once therefore knows every record up to some time before
 * the look. Where records are stamped with our own clock, that time is the look's; on another clock it is held against
 * the newest record: that one was stamped before the look had ended. */
#ifndef HW_RECORD_HORIZON_H
#define HW_RECORD_HORIZON_H

#include <stdbool.h>
#include <stdint.h>

struct hw_horizon {
	bool clock_is_ours; /* records are stamped with CLOCK_MONOTONIC */
	bool is_known;	    /* ahead_ns is set */
	int64_t ahead_ns;   /* the records' clock is at least so far ahead of ours, */
	uint64_t at_ns;	    /* as seen then by ours */
};

/* A look at all rings from begin_ns to end_ns of CLOCK_MONOTONIC, and the newest record it found or any before it. */
struct hw_horizon_look {
	uint64_t begin_ns, end_ns;
	uint64_t newest_ns; /* on the records' clock */
};

/* Every record up to the time returned (on the records' clock) has been seen, if the kernel finishes one within
 * finish_ns of its time. */
uint64_t hw_horizon_after(struct hw_horizon *horizon, const struct hw_horizon_look *look, uint64_t finish_ns);

#endif
