#include "event/counter.h"

#include "base/bytes.h"
#include "event/obstacle.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static enum hw_err_kind kind_of(const struct hw_obstacle *obstacle, int open_errno)
{
	if (open_errno == EACCES || open_errno == EPERM)
		return HW_ERR_PERMISSION;
	switch (obstacle->kind) {
	case HW_OBSTACLE_SECCOMP:
		return HW_ERR_PERMISSION;
	case HW_OBSTACLE_LIMIT:
		return HW_ERR_LIMIT;
	case HW_OBSTACLE_TARGET_GONE:
		return HW_ERR_TARGET;
	default:
		return HW_ERR_EVENT;
	}
}

/* What to do instead, and who knows more. */
static void add_hints(struct hw_err *err, const struct hw_event *event, const struct hw_obstacle *obstacle)
{
	HW_AUTO(hw_buf_fini) struct hw_buf hint = { 0 };
	const bool without_pmu =
		obstacle->kind == HW_OBSTACLE_VM_WITHOUT_PMU || obstacle->kind == HW_OBSTACLE_NO_PMU;

	if (without_pmu && event->attr.type != PERF_TYPE_SOFTWARE)
		hw_buf_text(&hint, "-e cpu-clock samples by a timer, without a PMU\n");
	if (obstacle->fix[0])
		hw_buf_printf(&hint, "%s\n", obstacle->fix);
	if (obstacle->kind != HW_OBSTACLE_TARGET_GONE && obstacle->kind != HW_OBSTACLE_LIMIT)
		hw_buf_text(&hint, "hwprof doctor shows what works here, and why the rest does not\n");
	(void)hw_err_hint(err, "%s", hw_buf_str(&hint));
}

static int explain(struct hw_err *err, const struct hw_event *event, pid_t tid, int cpu)
{
	const int saved = errno;
	struct hw_obstacle obstacle;
	char where[96];

	if (!err)
		return -1;
	hw_obstacle_find(&obstacle, event, tid, cpu, saved);
	if (tid < 0)
		(void)snprintf(where, sizeof where, "on CPU %d", cpu);
	else
		(void)snprintf(where, sizeof where, "for thread %d", (int)tid);
	(void)hw_err_set(err, kind_of(&obstacle, saved), "cannot open event '%s' %s: %s%s%s", event->name,
			 where, strerror(saved), obstacle.cause[0] ? ": " : "", obstacle.cause);
	err->sys_errno = saved;
	add_hints(err, event, &obstacle);
	return -1;
}

int hw_counter_open(const struct hw_event *event, pid_t tid, int cpu, int group_fd, struct hw_err *err)
{
	struct perf_event_attr attr = event->attr;
	long fd;

	do
		fd = syscall(SYS_perf_event_open, &attr, tid, cpu, group_fd, PERF_FLAG_FD_CLOEXEC);
	while (fd < 0 && errno == EINTR);
	if (fd < 0)
		return explain(err, event, tid, cpu);
	return (int)fd;
}

int hw_counter_read(struct hw_count *count, int fd, const struct perf_event_attr *attr, struct hw_err *err)
{
	uint64_t words[8] = { 0 };
	struct hw_count c = { 0 };
	struct hw_bytes bytes;
	ssize_t got;

	do
		got = read(fd, words, sizeof words);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return hw_err_sys(err, HW_ERR_SYSTEM, "cannot read a counter");
	if (got == 0) /* perf_event_open(2), "pinned" */
		return hw_err_set(err, HW_ERR_EVENT,
				  "it is pinned (D), and its counter went to somebody else");
	bytes = hw_bytes_of(words, (size_t)got);
	c.value = hw_bytes_u64(&bytes);
	if (attr->read_format & PERF_FORMAT_TOTAL_TIME_ENABLED)
		c.time_enabled_ns = hw_bytes_u64(&bytes);
	if (attr->read_format & PERF_FORMAT_TOTAL_TIME_RUNNING)
		c.time_running_ns = hw_bytes_u64(&bytes);
	if (attr->read_format & PERF_FORMAT_ID)
		c.id = hw_bytes_u64(&bytes);
	if (attr->read_format & PERF_FORMAT_LOST)
		c.lost = hw_bytes_u64(&bytes);
	if (bytes.overrun)
		return hw_err_set(err, HW_ERR_SYSTEM,
				  "a counter gave %zd bytes where its read_format promises more", got);
	*count = c;
	return 0;
}

int hw_counter_raise_limit(uint64_t needed, struct hw_err *err)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return hw_err_sys(err, HW_ERR_SYSTEM, "cannot read the limit on open files");
	if (needed <= limit.rlim_cur)
		return 0;
	if (needed > limit.rlim_max) {
		/* Root may raise the hard limit, up to /proc/sys/fs/nr_open. */
		const struct rlimit more = { .rlim_cur = needed, .rlim_max = needed };

		if (setrlimit(RLIMIT_NOFILE, &more) == 0)
			return 0;
		(void)hw_err_set(err, HW_ERR_LIMIT,
				 "%" PRIu64 " open files are needed, the limit is %" PRIu64, needed,
				 (uint64_t)limit.rlim_max);
		return hw_err_hint(
			err, "raise the hard limit (ulimit -Hn), or attach to fewer threads, on fewer CPUs "
			     "(-C), or with fewer events");
	}
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		return hw_err_sys(err, HW_ERR_LIMIT, "cannot raise the limit on open files");
	return 0;
}
