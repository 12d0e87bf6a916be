#include "doctor/trial.h"

#include "event/host.h"
#include "record/ring.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_NS 50000000

static int open_attr(const struct perf_event_attr *attr, pid_t tid, int cpu)
{
	struct perf_event_attr copy = *attr;

	copy.size = sizeof copy;
	copy.disabled = 1;
	return (int)syscall(SYS_perf_event_open, &copy, tid, cpu, -1, PERF_FLAG_FD_CLOEXEC);
}

int hw_trial_open(const struct perf_event_attr *attr, pid_t tid, int cpu)
{
	const int fd = open_attr(attr, tid, cpu);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static int64_t thread_time_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Work, in user and in kernel code, until the ring has something or patience ends. */
static bool wait_for_sample(struct hw_ring *ring)
{
	const int64_t start_ns = thread_time_ns();

	do {
		for (volatile unsigned i = 0; i < 10000; i++)
			continue;
		hw_ring_begin(ring);
	} while (ring->head == 0 && thread_time_ns() - start_ns < PATIENCE_NS);
	return ring->head != 0;
}

enum hw_trial_result hw_trial_sample(const struct perf_event_attr *attr)
{
	struct perf_event_attr copy = *attr;
	struct hw_ring ring = { 0 };
	enum hw_trial_result result;
	int fd;

	copy.sample_type = PERF_SAMPLE_IP;
	fd = open_attr(&copy, 0, -1);
	if (fd < 0)
		return HW_TRIAL_REFUSED;
	if (hw_ring_open(&ring, fd, (size_t)sysconf(_SC_PAGESIZE), NULL) < 0) {
		const int saved = errno;

		close(fd);
		errno = saved;
		return HW_TRIAL_NO_RING;
	}
	(void)ioctl(fd, PERF_EVENT_IOC_ENABLE, 0);
	result = wait_for_sample(&ring) ? HW_TRIAL_SAMPLES : HW_TRIAL_SILENT;
	(void)ioctl(fd, PERF_EVENT_IOC_DISABLE, 0);
	hw_ring_close(&ring);
	close(fd);
	return result;
}

int hw_trial_syscall(bool *killed)
{
	const pid_t child = fork();
	int status = 0;

	*killed = false;
	if (child < 0)
		return hw_host_syscall_errno();
	if (child == 0)
		_exit(hw_host_syscall_errno());
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	*killed = WIFSIGNALED(status);
	return WIFEXITED(status) ? WEXITSTATUS(status) : EPERM;
}
