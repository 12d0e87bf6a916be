/* threads [SECONDS [ALIVE]]: ALIVE threads (default 2,000) exist at any time; each works a little, sleeps, works and
 * exits, and a new one takes its place. All work is in thread_work. */
#include "truth.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

SPIN_FUNCTION(thread_work)

static uint64_t iterations;
static atomic_ullong work_ns;
static atomic_ullong started;

static void work_once(void)
{
	const uint64_t before_ns = thread_cpu_ns();
	volatile uint64_t sink = thread_work(before_ns, iterations);

	(void)sink;
	work_ns += thread_cpu_ns() - before_ns;
}

static KEPT void *thread_main(void *unused)
{
	(void)unused;
	started++;
	work_once();
	usleep(500000);
	work_once();
	return NULL;
}

static void start(pthread_t *thread, const pthread_attr_t *attr)
{
	int error = pthread_create(thread, attr, thread_main, NULL);

	if (error) {
		fprintf(stderr, "threads: cannot start thread %llu: %s\n", started + 1, strerror(error));
		exit(1);
	}
}

int main(int argc, char **argv)
{
	const uint64_t stop_ns = wall_ns() + (uint64_t)(seconds_of(argc, argv, 5) * 1e9);
	const size_t alive = argc > 2 ? strtoul(argv[2], NULL, 10) : 2000;
	pthread_t *threads = calloc(alive ? alive : 1, sizeof *threads);
	pthread_attr_t attr;

	iterations = (uint64_t)(spin_rate_hz(thread_work) / 1e4); /* 0.1 ms */
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 64 << 10);
	for (size_t i = 0; i < alive; i++)
		start(&threads[i], &attr);
	if (alive && truth_wanted())
		fprintf(stderr, "ready\n"); /* all of them exist now */
	for (size_t i = 0; alive && wall_ns() < stop_ns; i = (i + 1) % alive) {
		pthread_join(threads[i], NULL);
		start(&threads[i], &attr);
	}
	for (size_t i = 0; i < alive; i++)
		pthread_join(threads[i], NULL);
	free(threads);
	print_truth("thread_work", work_ns, clock_ns(CLOCK_PROCESS_CPUTIME_ID));
	print_fact("threads_started", (double)started);
	return 0;
}
