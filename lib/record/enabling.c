#include "record/enabling.h"

#include "base/clock.h"

#include <sys/ioctl.h>
#include <time.h>

/* When enabling is repeated, after it was done. A thread's birth takes some 10 us, unless it has to wait for a CPU. */
static const uint64_t repeat_after_ns[] = { 1000000, 10000000, 100000000 };

/* The clocks start after what they are compared with, and stop before it: what little lies between must not look as if
 * an event had waited for its counter. */
static void enable_target(const struct hw_targets *targets, const struct hw_target *target)
{
	const struct hw_opened *opened = &targets->opened.at[target->first];

	for (size_t i = 0; i < target->count; i++) /* inherited copies start, too */
		if (opened[i].fd >= 0 && opened[i].leads && !hw_targets_is_tracker(targets, &opened[i]))
			(void)ioctl(opened[i].fd, PERF_EVENT_IOC_ENABLE, 0);
}

static void read_trackers(struct hw_targets *targets, const struct hw_target *target)
{
	struct hw_opened *opened = &targets->opened.at[target->first];
	struct hw_count count;

	for (size_t i = 0; i < target->count; i++)
		if (hw_targets_is_tracker(targets, &opened[i]) &&
		    hw_targets_read_opened(targets, &opened[i], &count) == 0)
			opened[i].base_ns = count.time_running_ns;
}

static void enable_all(const struct hw_targets *targets)
{
	for (size_t i = 0; i < targets->list.count; i++)
		enable_target(targets, &targets->list.at[i]);
}

void hw_targets_start(struct hw_targets *targets)
{
	const struct timespec pause = { .tv_nsec = (long)repeat_after_ns[0] };

	if (targets->settling->enable_on_exec)
		return;
	for (size_t i = 0; i < targets->list.count; i++) {
		enable_target(targets, &targets->list.at[i]);
		read_trackers(targets, &targets->list.at[i]);
	}
	(void)nanosleep(&pause, NULL);
	enable_all(targets);
	targets->enabled_ns = hw_now_ns();
	targets->repeats_left = HW_COUNT_OF(repeat_after_ns) - 1;
}

void hw_targets_repeat(struct hw_targets *targets)
{
	const uint64_t now_ns = targets->repeats_left ? hw_now_ns() : 0;

	if (!targets->repeats_left ||
	    now_ns - targets->enabled_ns <
		    repeat_after_ns[HW_COUNT_OF(repeat_after_ns) - targets->repeats_left])
		return;
	enable_all(targets);
	targets->repeats_left--;
}

void hw_targets_stop(struct hw_targets *targets)
{
	targets->repeats_left = 0;
	/* Reaches the copies that threads inherited (measured on 6.18), and the members of a leader's group. */
	for (size_t i = 0; i < targets->opened.count; i++)
		if (targets->opened.at[i].fd >= 0 && targets->opened.at[i].leads)
			(void)ioctl(targets->opened.at[i].fd, PERF_EVENT_IOC_DISABLE, 0);
}
