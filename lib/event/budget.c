#include "event/budget.h"

#include "event/counter.h"
#include "event/counting.h"
#include "event/pmu.h"
#include "event/pmu_cpus.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

/* No core PMU has so many. */
#define COUNTERS_MAX 64

/* What is open during one question. */
struct trial {
	HW_VEC(int) fds;
	cpu_set_t before; /* CPUs of the calling thread, to be put back */
	bool moved;
};

static void close_down_to(struct trial *trial, size_t count)
{
	while (trial->fds.count > count)
		close(trial->fds.at[--trial->fds.count]);
}

static void trial_fini(struct trial *trial)
{
	close_down_to(trial, 0);
	hw_vec_fini(&trial->fds);
	if (trial->moved)
		(void)sched_setaffinity(0, sizeof trial->before, &trial->before);
}

/* Where the event can be asked about: the calling thread, moved to a core of the right type, or a CPU as a whole. */
struct place {
	pid_t tid;
	int cpu;
};

static struct place place_of(struct trial *trial, const struct hw_event *event)
{
	struct place place = { .tid = 0, .cpu = -1 };
	HW_AUTO(hw_freep) int *cpus = NULL;
	size_t count;
	cpu_set_t set;

	switch (hw_pmu_cpus(HW_PMU_ROOT, event, &cpus, &count)) {
	case HW_PMU_REACH_ALL:
		break;
	case HW_PMU_REACH_PACKAGE:
		place = (struct place){ .tid = -1, .cpu = cpus[0] };
		break;
	case HW_PMU_REACH_CORES:
		CPU_ZERO(&set);
		for (size_t i = 0; i < count; i++)
			if (cpus[i] < CPU_SETSIZE)
				CPU_SET((unsigned)cpus[i], &set);
		if (!trial->moved)
			trial->moved = sched_getaffinity(0, sizeof trial->before, &trial->before) == 0;
		/* Where we may not go, the kernel cannot be asked; the event then waits and counts as fitting. */
		(void)sched_setaffinity(0, sizeof set, &set);
		break;
	}
	return place;
}

/* Open a copy of the event that gets a counter at once, and keeps it, or is in error. Returns its descriptor, kept in
 * trial, or -1. */
static int open_copy(struct trial *trial, const struct hw_event *event, struct place place, int group_fd,
		     struct hw_err *err)
{
	struct hw_event copy = *event;
	int fd;

	hw_attr_set_counting(&copy.attr);
	copy.attr.disabled = 0;
	copy.attr.pinned = group_fd < 0;
	fd = hw_counter_open(&copy, place.tid, place.cpu, group_fd, err);
	if (fd >= 0)
		hw_vec_push(&trial->fds, fd);
	return fd;
}

/* A pinned group without counters is in error, and reads as end of file (perf_event_open(2), "pinned"). */
static bool has_counters(int leader_fd)
{
	uint64_t words[8];
	ssize_t got;

	do
		got = read(leader_fd, words, sizeof words);
	while (got < 0 && errno == EINTR);
	return got > 0;
}

/* Does the event open by itself? A group that no PMU could hold is refused with EINVAL at the member too many. */
static int check_opens(struct trial *trial, const struct hw_event *event, struct place place,
		       struct hw_err *err)
{
	const size_t before = trial->fds.count;
	const int fd = open_copy(trial, event, place, -1, err);

	close_down_to(trial, before);
	return fd < 0 ? -1 : 0;
}

/* The group of `count` events: 1 when it has counters (and keeps them), 0 when not, -1 when an event does not open. */
static int try_group(struct trial *trial, const struct hw_event *events, size_t count, struct hw_err *err)
{
	const size_t before = trial->fds.count;
	const struct place place = place_of(trial, &events[0]);
	int leader_fd = -1;

	for (size_t i = 0; i < count; i++) {
		const int fd = open_copy(trial, &events[i], place, leader_fd, err);

		if (fd < 0) {
			close_down_to(trial, before);
			return i && check_opens(trial, &events[i], place, err) == 0 ? 0 : -1;
		}
		if (i == 0)
			leader_fd = fd;
	}
	if (has_counters(leader_fd))
		return 1;
	close_down_to(trial, before);
	return 0;
}

/* The groups that are pinned, or those that are not. */
static int fit_some(struct trial *trial, const struct hw_event *events, size_t count, bool pinned, bool *fits,
		    struct hw_err *err)
{
	size_t end;

	for (size_t i = 0; i < count; i = end) {
		int fit;

		end = hw_event_group_end(events, count, i);
		if (events[i].attr.pinned != pinned)
			continue;
		fit = try_group(trial, &events[i], end - i, err);
		if (fit < 0)
			return -1;
		for (size_t k = i; k < end; k++)
			fits[k] = fit;
	}
	return 0;
}

int hw_budget_fit(const struct hw_event *events, size_t count, bool *fits, struct hw_err *err)
{
	HW_AUTO(trial_fini) struct trial trial = { 0 };

	if (fit_some(&trial, events, count, true, fits, err) < 0)
		return -1;
	return fit_some(&trial, events, count, false, fits, err);
}

unsigned hw_budget_counters(const struct hw_event *event)
{
	HW_AUTO(trial_fini) struct trial trial = { 0 };
	unsigned count = 0;

	while (count < COUNTERS_MAX && try_group(&trial, event, 1, NULL) == 1)
		count++;
	return count;
}
