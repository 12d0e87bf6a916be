#include "record/enabling.h"

#include "base/clock.h"

#include <sys/ioctl.h>
#include <time.h>

/* When enabling is repeated, after it was done. A thread's birth takes some 10 us, unless it has to wait for a CPU. */
static const uint64_t repeat_after_ns[] = { 1000000, 10000000, 100000000 };

/* The end of what stands beside `first`, which leads: its group, and the other variants of that. */
static size_t variants_end(const struct hw_targets *targets, const struct hw_target *target, size_t first)
{
	const struct hw_opened *opened = targets->opened.at;
	size_t end = first + 1;

	while (end < target->first + target->count && !(opened[end].leads && opened[end].variant == 0))
		end++;
	return end;
}

static void control(const struct hw_opened *opened, unsigned long request)
{
	if (opened->fd >= 0 && opened->leads)
		(void)ioctl(opened->fd, request, 0);
}

/* Inherited copies do the same. Between the two nothing is sampled on this CPU: better a moment too few than twice. */
static void enable_one(const struct hw_targets *targets, size_t first, size_t end)
{
	const struct hw_opened *opened = targets->opened.at;

	for (size_t i = first; targets->variants.count > 1 && i < end; i++)
		if (!opened[i].is_twin && opened[i].variant != targets->variant)
			control(&opened[i], PERF_EVENT_IOC_DISABLE);
	for (size_t i = first; i < end; i++)
		if (opened[i].is_twin || opened[i].variant == targets->variant)
			control(&opened[i], PERF_EVENT_IOC_ENABLE);
}

static void enable_target(const struct hw_targets *targets, const struct hw_target *target)
{
	const size_t target_end = target->first + target->count;
	size_t end;

	for (size_t i = target->first; i < target_end; i = end) {
		end = variants_end(targets, target, i);
		if (!hw_targets_is_tracker(targets, &targets->opened.at[i]))
			enable_one(targets, i, end);
	}
}

/* The clocks start after what they are compared with, and stop before it: what little lies between must not look as if
 * an event had waited for its counter. */
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
	targets->enabled_ns = hw_now_ns();
	(void)nanosleep(&pause, NULL);
	enable_all(targets);
	targets->repeats_left = HW_COUNT_OF(repeat_after_ns) - 1;
}

void hw_targets_select(struct hw_targets *targets, uint32_t variant)
{
	targets->variant = variant;
	if (targets->is_stopped)
		return;
	enable_all(targets);
	targets->enabled_ns = hw_now_ns();
	targets->repeats_left = HW_COUNT_OF(repeat_after_ns);
}

uint64_t hw_targets_due_ns(const struct hw_targets *targets)
{
	if (!targets->repeats_left)
		return UINT64_MAX;
	return targets->enabled_ns + repeat_after_ns[HW_COUNT_OF(repeat_after_ns) - targets->repeats_left];
}

void hw_targets_repeat(struct hw_targets *targets)
{
	if (!targets->repeats_left || hw_now_ns() < hw_targets_due_ns(targets))
		return;
	enable_all(targets);
	targets->repeats_left--;
}

void hw_targets_stop(struct hw_targets *targets)
{
	targets->repeats_left = 0;
	targets->is_stopped = true;
	/* Reaches the copies that threads inherited (measured on 6.18), and the members of a leader's group. */
	for (size_t i = 0; i < targets->opened.count; i++)
		if (targets->opened.at[i].fd >= 0 && targets->opened.at[i].leads)
			(void)ioctl(targets->opened.at[i].fd, PERF_EVENT_IOC_DISABLE, 0);
}
