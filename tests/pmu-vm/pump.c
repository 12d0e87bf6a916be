/* pump PERIOD_NS COMMAND...: run a command so that QEMU sees the overflows of its PMU in time.
 *
 * QEMU (7.2 to at least 10.0) sets the timer for the overflow of an event counter of the Arm PMU one count early, and
 * not again when it went off too soon. With exact time (-icount) such an overflow is then seen at the next change of
 * exception level only: for a loop in user space at the next tick, 4 ms later, and nearly all samples of instructions
 * are missing. The cycle counter is exempt.
 *
 * So the command and all that it starts get a software cpu-clock event, which interrupts whatever runs every PERIOD_NS.
 * It takes no counter of the PMU, leaves no records, and costs nothing while the guest is idle. An overflow is seen at
 * most PERIOD_NS late, and samples are complete for sampling periods that take longer than that.
 *
 * Exits as the command did; 128 + N when signal N ended it; 125 when the pump itself failed, 126 or 127 when there was
 * no running the command. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int fail(const char *what, int status)
{
	fprintf(stderr, "pump: ");
	perror(what);
	return status;
}

int main(int argc, char **argv)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.inherit = 1,
	};
	pid_t child;
	int status;

	attr.sample_period = argc > 2 ? strtoull(argv[1], NULL, 10) : 0;
	if (attr.sample_period < 10000) { /* the kernel makes less out of anything lower */
		fprintf(stderr, "usage: pump PERIOD_NS COMMAND..., PERIOD_NS 10000 or more\n");
		return 125;
	}
	if (syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC) < 0)
		return fail("perf_event_open", 125);
	child = fork();
	if (child < 0)
		return fail("fork", 125);
	if (child == 0) {
		execvp(argv[2], argv + 2);
		_exit(fail(argv[2], errno == ENOENT ? 127 : 126));
	}
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return fail("waitpid", 125);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
