#include "stat/support.h"

#include "base/buf.h"
#include "event/counter.h"
#include "event/counting.h"
#include "event/obstacle.h"
#include "event/pmu.h"
#include "event/pmu_cpus.h"
#include "event/step_down.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* Where the event can be tried: its PMU may be that of some CPUs, or count no threads, which the kernel would refuse like
 * a bad attr. */
static int find_place(const struct hw_event *event, pid_t tid, int *cpu, struct hw_err *err)
{
	HW_AUTO(hw_freep) int *cpus = NULL;
	size_t count = 0;
	const enum hw_pmu_reach reach = hw_pmu_cpus(HW_PMU_ROOT, event, &cpus, &count);

	if (tid < 0 && count)
		*cpu = cpus[0];
	if (tid < 0 || reach != HW_PMU_REACH_PACKAGE)
		return 0;
	(void)hw_err_set(err, HW_ERR_EVENT, "event '%s' counts for whole packages (sockets), not for threads",
			 event->name);
	err->sys_errno = EOPNOTSUPP;
	return hw_err_hint(err, "count everything that runs: -a");
}

static int try_open(const struct hw_event *event, pid_t tid, int cpu, struct hw_err *err)
{
	struct hw_event copy = *event;
	int fd;

	if (hw_event_check_level(event, err) < 0 || find_place(event, tid, &cpu, err) < 0)
		return -1;
	hw_attr_set_counting(&copy.attr);
	fd = hw_counter_open(&copy, tid, cpu, -1, err);
	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

static void call_by_level(struct hw_event *event)
{
	char *name;

	if (strchr(event->name, '/') || strstr(event->name, ":u"))
		return;
	name = hw_asprintf("%s:u", event->name);
	free(event->name);
	event->name = name;
}

/* Weaken the attr by what nobody misses or what is noted. True when another try makes sense. */
static bool give_up(struct hw_support *support, struct hw_event *event, int open_errno)
{
	struct perf_event_attr *attr = &event->attr;

	if ((open_errno == EACCES || open_errno == EPERM) && !attr->exclude_kernel && !attr->exclude_user &&
	    !hw_event_is_kernels_own(attr)) {
		attr->exclude_kernel = 1;
		attr->exclude_hv = 1;
		if (!hw_attr_is_clock(attr)) { /* clocks run on in the kernel all the same */
			call_by_level(event);
			hw_notes_keep(&support->notes,
				      "user code only: counting the kernel needs perf_event_paranoid at "
				      "most 1, or CAP_PERFMON");
		}
		return true;
	}
	/* Not every PMU tells guests apart (perf_event_open(2), exclude_host). */
	if (open_errno == EINVAL && (attr->exclude_guest || attr->exclude_host)) {
		attr->exclude_guest = 0;
		attr->exclude_host = 0;
		return true;
	}
	return false;
}

/* The cause alone, for a list of events that share it. */
static char *reason_of(const struct hw_event *event, pid_t tid, int cpu, const struct hw_err *err)
{
	struct hw_obstacle obstacle = { 0 };

	if (!err->sys_errno)
		return hw_strdup("they happen in the kernel, and user code alone has none of them");
	hw_obstacle_find(&obstacle, event, tid, cpu, err->sys_errno);
	return hw_strdup(obstacle.cause[0] ? obstacle.cause : strerror(err->sys_errno));
}

/* May the event be left out? Only one that nobody asked for, and only for what will not change with another target. */
static bool may_lack(const struct hw_event *event, const struct hw_err *err)
{
	const int failed = err->sys_errno;

	return event->is_default &&
	       (!failed || hw_event_is_absent(failed) || failed == EINVAL ||
		((failed == EACCES || failed == EPERM) && hw_event_is_kernels_own(&event->attr)));
}

int hw_support_find(struct hw_support *support, struct hw_event *events, size_t count, pid_t tid, int cpu,
		    struct hw_err *err)
{
	struct hw_err own = { 0 };

	*support = (struct hw_support){ .reasons = hw_alloc(count + 1, sizeof *support->reasons),
					.count = count };
	err = err ? err : &own;
	for (size_t i = 0; i < count; i++) {
		bool opens;

		while (!(opens = try_open(&events[i], tid, cpu, err) == 0) &&
		       give_up(support, &events[i], err->sys_errno))
			continue;
		if (!opens && !may_lack(&events[i], err))
			return -1;
		if (!opens)
			support->reasons[i] = reason_of(&events[i], tid, cpu, err);
	}
	*err = (struct hw_err){ 0 };
	return 0;
}

void hw_support_fini(struct hw_support *support)
{
	hw_notes_fini(&support->notes);
	for (size_t i = 0; i < support->count; i++)
		free(support->reasons[i]);
	free(support->reasons);
	*support = (struct hw_support){ 0 };
}
