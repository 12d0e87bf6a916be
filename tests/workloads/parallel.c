/* parallel [SECONDS]: ten threads at once, each in a function of its own, 10 % of the CPU time each, on however many
 * CPUs there are (the shape of Go proposal 36821's demonstration). */
#include "truth.h"

#include <pthread.h>
#include <sched.h>

#define THREADS 10

SPIN_FUNCTION(f1)
SPIN_FUNCTION(f2)
SPIN_FUNCTION(f3)
SPIN_FUNCTION(f4)
SPIN_FUNCTION(f5)
SPIN_FUNCTION(f6)
SPIN_FUNCTION(f7)
SPIN_FUNCTION(f8)
SPIN_FUNCTION(f9)
SPIN_FUNCTION(f10)
SPIN_FUNCTION(calibrate)

struct part {
	const char *name;
	spin_fn run;
	uint64_t iterations;
	uint64_t cpu_ns;
	uint64_t result;
};

static KEPT void *run_part(void *argument)
{
	struct part *part = argument;
	const uint64_t before_ns = thread_cpu_ns();

	part->result = part->run(1, part->iterations);
	part->cpu_ns = thread_cpu_ns() - before_ns;
	return NULL;
}

int main(int argc, char **argv)
{
	static const char *const names[THREADS] = { "f1", "f2", "f3", "f4", "f5",
						    "f6", "f7", "f8", "f9", "f10" };
	static const spin_fn functions[THREADS] = { f1, f2, f3, f4, f5, f6, f7, f8, f9, f10 };
	struct part parts[THREADS];
	const double seconds = seconds_of(argc, argv, 5);
	const double rate_hz = spin_rate_hz(calibrate);
	pthread_t threads[THREADS];
	cpu_set_t cpus;
	uint64_t total_ns = 0;

	if (sched_getaffinity(0, sizeof cpus, &cpus) < 0)
		CPU_SET(0, &cpus);
	for (int i = 0; i < THREADS; i++) {
		parts[i] = (struct part){ .name = names[i],
					  .run = functions[i],
					  .iterations = (uint64_t)(seconds * rate_hz * CPU_COUNT(&cpus) /
								   THREADS) };
		if (pthread_create(&threads[i], NULL, run_part, &parts[i]) != 0)
			return 1;
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	total_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	printf("%llx\n", (unsigned long long)(parts[0].result ^ parts[9].result));
	for (int i = 0; i < THREADS; i++)
		print_truth(parts[i].name, parts[i].cpu_ns, total_ns);
	print_fact("cpu_seconds", (double)total_ns / 1e9);
	return 0;
}
