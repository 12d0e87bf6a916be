#include "event/counter.h"

#include "base/bytes.h"
#include "base/file.h"
#include "event/step_down.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef PERF_FORMAT_LOST
#define PERF_FORMAT_LOST (1U << 4)
#endif

/* Owner of a thread, or our own when it cannot be told. */
static uid_t owner_of(pid_t tid)
{
	struct stat st;
	char path[64];

	(void)snprintf(path, sizeof path, "/proc/%d", (int)tid);
	return stat(path, &st) == 0 ? st.st_uid : geteuid();
}

/* Which of the obstacles is it? perf_event_open(2), EACCES; Documentation/admin-guide/perf-security.rst. */
static void hint_permission(const struct hw_event *event, pid_t tid, struct hw_err *err)
{
	char level[32];

	if (tid > 0 && owner_of(tid) != geteuid()) {
		(void)hw_err_hint(
			err,
			"the thread belongs to another user (uid %u): run hwprof as that user or as root, or "
			"give it CAP_PERFMON and CAP_SYS_PTRACE",
			(unsigned)owner_of(tid));
		return;
	}
	if (hw_file_read_line(level, sizeof level, "/proc/sys/kernel/perf_event_paranoid") < 0)
		hw_copy_text(level, sizeof level, "unknown");
	(void)hw_err_hint(err,
			  "%s needs perf_event_paranoid at most %d (it is %s; sysctl "
			  "kernel.perf_event_paranoid=%d), or "
			  "CAP_PERFMON; in a container the seccomp profile has to allow perf_event_open, too",
			  tid < 0		       ? "profiling whole CPUs"
			  : event->attr.exclude_kernel ? "sampling"
						       : "sampling the kernel",
			  tid < 0		       ? 0
			  : event->attr.exclude_kernel ? 2
						       : 1,
			  level,
			  tid < 0		       ? 0
			  : event->attr.exclude_kernel ? 2
						       : 1);
}

static void hint_absent(const struct hw_event *event, struct hw_err *err)
{
	if (event->attr.precise_ip)
		(void)hw_err_hint(err, "this machine may have no precise level %u: try the event without :p",
				  (unsigned)event->attr.precise_ip);
	else
		(void)hw_err_hint(err, "this machine (a virtual machine?) does not offer the event; "
				       "-e cpu-clock samples by a timer everywhere");
}

static int explain(struct hw_err *err, const struct hw_event *event, pid_t tid, int cpu)
{
	const int saved = errno;
	char where[96];

	if (tid < 0)
		(void)snprintf(where, sizeof where, "on CPU %d", cpu);
	else
		(void)snprintf(where, sizeof where, "for thread %d", (int)tid);
	switch (saved) {
	case EACCES:
	case EPERM:
		(void)hw_err_sys(err, HW_ERR_PERMISSION, "cannot open event '%s' %s", event->name, where);
		hint_permission(event, tid, err);
		return -1;
	case ESRCH:
		return hw_err_sys(err, HW_ERR_TARGET, "cannot open event '%s' %s", event->name, where);
	case EMFILE:
	case ENFILE:
		(void)hw_err_sys(err, HW_ERR_LIMIT, "cannot open event '%s' %s", event->name, where);
		return hw_err_hint(err, "raise the limit on open files (ulimit -n)");
	case EBUSY:
		(void)hw_err_sys(err, HW_ERR_EVENT, "cannot open event '%s' %s", event->name, where);
		return hw_err_hint(err, "another user of the PMU holds it exclusively");
	default:
		(void)hw_err_sys(err, HW_ERR_EVENT, "cannot open event '%s' %s", event->name, where);
		if (hw_event_is_absent(saved))
			hint_absent(event, err);
		else if (saved == EINVAL)
			(void)hw_err_hint(
				err,
				"the kernel does not take these settings; HWPROF_DEBUG=event shows them");
		return -1;
	}
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
