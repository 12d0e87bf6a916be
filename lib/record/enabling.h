/* Which of the open events count, and from when to when.
 *
 * To enable an event enables the copies that threads inherited, but a thread that is being born at that moment may have
 * looked at its parent's copy before, and then keeps a disabled one; and since the kernel swaps the events of two threads
 * with the same ones when one runs after the other (perf_event_context_sched_out() in kernel/events/core.c), so may all
 * that its parent starts from then on. (Seen on 6.18: one attachment in 200 to a process that starts threads all the time
 * missed 3 to 40 % of the events.) So what is done to all copies is repeated when those births are over: the kernel
 * passes over what is enabled already. */
#ifndef HW_RECORD_ENABLING_H
#define HW_RECORD_ENABLING_H

#include "record/targets.h"

/* hw_recorder_start and hw_recorder_stop. Starting takes a millisecond. */
void hw_targets_start(struct hw_targets *targets);
void hw_targets_stop(struct hw_targets *targets);

/* Another variant is to be in force: on each thread and CPU one is disabled and then the other enabled. */
void hw_targets_select(struct hw_targets *targets, uint32_t variant);

/* To be called at every drain: repeats what was done last, when it is time. When that is (CLOCK_MONOTONIC), or
 * UINT64_MAX when nothing is left to repeat. */
void hw_targets_repeat(struct hw_targets *targets);
uint64_t hw_targets_due_ns(const struct hw_targets *targets);

#endif
