#include "event/probe.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Any period will do that no counter reaches while the event is open, which it is not enabled for anyway. */
#define PERIOD (UINT64_C(1) << 30)

/* Open and close. 0, or the errno. */
static int try_open(const struct perf_event_attr *attr, int cpu)
{
	struct perf_event_attr copy = *attr;
	long fd;

	do
		fd = syscall(SYS_perf_event_open, &copy, cpu < 0 ? 0 : -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
	while (fd < 0 && errno == EINTR);
	if (fd < 0)
		return errno;
	(void)close((int)fd);
	return 0;
}

static void keep_user(struct perf_event_attr *attr)
{
	attr->exclude_user = 0;
	attr->exclude_kernel = 1;
	attr->exclude_hv = 1;
}

/* PMUs that cannot tell levels (msr, uncore) refuse an attr that leaves any out. */
static void keep_all(struct perf_event_attr *attr)
{
	attr->exclude_user = 0;
	attr->exclude_kernel = 0;
	attr->exclude_hv = 0;
	attr->exclude_idle = 0;
	attr->exclude_host = 0;
	attr->exclude_guest = 0;
}

/* Open as asked, then for user code only, then without levels. 0 with attr as it opened, or the last errno. */
static int find_levels(struct perf_event_attr *attr, int cpu)
{
	int failed = try_open(attr, cpu);

	if (failed == EACCES || failed == EPERM) {
		keep_user(attr);
		failed = try_open(attr, cpu);
	}
	if (failed == EINVAL) {
		keep_all(attr);
		failed = try_open(attr, cpu);
	}
	return failed;
}

static enum hw_answer can_sample(const struct perf_event_attr *opened, int cpu)
{
	struct perf_event_attr attr = *opened;

	if (attr.type == PERF_TYPE_TRACEPOINT) /* as any that opens; asking takes as long as the first time */
		return HW_ANSWER_YES;
	attr.sample_period = PERIOD;
	attr.sample_type = PERF_SAMPLE_IP;
	return try_open(&attr, cpu) == 0 ? HW_ANSWER_YES : HW_ANSWER_NO;
}

static void explain(struct hw_probe *probe, const struct hw_event *event, int cpu, int failed,
		    const struct hw_obstacle_facts *facts)
{
	hw_obstacle_judge(&probe->obstacle, event, cpu < 0 ? 0 : -1, cpu, failed, facts);
	if (!probe->obstacle.cause[0])
		hw_copy_text(probe->obstacle.cause, sizeof probe->obstacle.cause, strerror(failed));
	/* The way to other events is no help to who looks at all of them. */
	if (strncmp(probe->obstacle.fix, "hwprof list", 11) == 0)
		probe->obstacle.fix[0] = '\0';
}

void hw_probe_event(struct hw_probe *probe, const struct hw_event *event, int cpu,
		    const struct hw_obstacle_facts *facts)
{
	struct hw_event tried = *event; /* borrows its texts */
	int failed;

	*probe = (struct hw_probe){ 0 };
	tried.attr.sample_period = 0; /* and sample_freq */
	tried.attr.freq = 0;
	tried.attr.disabled = 1;
	failed = find_levels(&tried.attr, cpu);
	if (failed) {
		probe->opens = HW_ANSWER_NO;
		probe->samples = HW_ANSWER_NO;
		explain(probe, &tried, cpu, failed, facts);
		return;
	}
	probe->opens = HW_ANSWER_YES;
	probe->samples = can_sample(&tried.attr, cpu);
	probe->user_only = tried.attr.exclude_kernel && !event->attr.exclude_kernel;
}
