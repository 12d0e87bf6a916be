/* forks [SECONDS]: a parent that works in parent_work and, one after the other, forks children: every second one works
 * in child_work as a copy of the parent, the others exec this program again, which works in execed_work. */
#include "truth.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHUNK_S 0.02

SPIN_FUNCTION(parent_work)
SPIN_FUNCTION(child_work)
SPIN_FUNCTION(execed_work)

/* CPU time of one chunk of work, also added to *sum_ns. */
static uint64_t work(spin_fn fn, uint64_t iterations)
{
	const uint64_t before_ns = thread_cpu_ns();
	volatile uint64_t sink = fn(before_ns, iterations);

	(void)sink;
	return thread_cpu_ns() - before_ns;
}

/* Report to the parent how long the work took. */
static _Noreturn void report_and_exit(int fd, uint64_t took_ns)
{
	_exit(write(fd, &took_ns, sizeof took_ns) == sizeof took_ns ? 0 : 1);
}

static KEPT void run_child(int write_fd, int exec_again, uint64_t iterations)
{
	char fd_text[16];
	char iterations_text[32];

	if (!exec_again)
		report_and_exit(write_fd, work(child_work, iterations));
	snprintf(fd_text, sizeof fd_text, "%d", write_fd);
	snprintf(iterations_text, sizeof iterations_text, "%llu", (unsigned long long)iterations);
	execl("/proc/self/exe", "forks", "--execed", fd_text, iterations_text, (char *)NULL);
	_exit(127);
}

/* Fork a child, wait for it, and give back what its clock said. */
static uint64_t one_child(int exec_again, uint64_t iterations)
{
	uint64_t took_ns = 0;
	int ends[2];
	pid_t pid;

	if (pipe(ends) < 0 || (pid = fork()) < 0) {
		perror("forks");
		exit(1);
	}
	if (pid == 0)
		run_child(ends[1], exec_again, iterations);
	close(ends[1]);
	if (read(ends[0], &took_ns, sizeof took_ns) != sizeof took_ns) {
		fprintf(stderr, "forks: child %d said nothing\n", (int)pid);
		exit(1);
	}
	close(ends[0]);
	waitpid(pid, NULL, 0);
	return took_ns;
}

static uint64_t used_ns(int who)
{
	struct rusage usage;

	getrusage(who, &usage);
	return (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * NS_PER_S +
	       (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000;
}

int main(int argc, char **argv)
{
	uint64_t parent_ns = 0, child_ns = 0, execed_ns = 0, whole_ns;
	uint64_t stop_ns, iterations, children = 0;

	if (argc == 4 && strcmp(argv[1], "--execed") == 0)
		report_and_exit((int)strtol(argv[2], NULL, 10),
				work(execed_work, strtoull(argv[3], NULL, 10)));
	stop_ns = (uint64_t)(seconds_of(argc, argv, 5) * 1e9);
	iterations = (uint64_t)(spin_rate_hz(parent_work) * CHUNK_S);
	while (used_ns(RUSAGE_SELF) + used_ns(RUSAGE_CHILDREN) < stop_ns) {
		parent_ns += work(parent_work, iterations);
		child_ns += one_child(0, iterations);
		execed_ns += one_child(1, iterations);
		children += 2;
	}
	whole_ns = used_ns(RUSAGE_SELF) + used_ns(RUSAGE_CHILDREN);
	print_truth("parent_work", parent_ns, whole_ns);
	print_truth("child_work", child_ns, whole_ns);
	print_truth("execed_work", execed_ns, whole_ns);
	print_fact("children", (double)children);
	return 0;
}
