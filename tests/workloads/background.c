/* background [SECONDS]: two request threads that serve one request after the other, and a periodic sync thread that no
 * request touches: every 10 ms it writes back what changed, about a fifth of all the CPU time. */
#include "truth.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#define REQUEST_THREADS 2

SPIN_FUNCTION(handle_request)
SPIN_FUNCTION(sync_dirty_pages)

struct worker {
	uint64_t iterations; /* of one request or one sync */
	unsigned pause_us;
	spin_fn work;
	const char *name;
	uint64_t cpu_ns; /* spent in work */
};

static atomic_bool stopping;

static void work_and_pause(struct worker *worker)
{
	uint64_t x = 1;

	while (!stopping) {
		const uint64_t before_ns = thread_cpu_ns();

		x = worker->work(x, worker->iterations);
		worker->cpu_ns += thread_cpu_ns() - before_ns;
		usleep(worker->pause_us);
	}
}

static KEPT void *request_thread(void *argument)
{
	work_and_pause(argument);
	return NULL;
}

static KEPT void *sync_thread(void *argument)
{
	work_and_pause(argument);
	return NULL;
}

int main(int argc, char **argv)
{
	const double seconds = seconds_of(argc, argv, 5);
	const double per_ms = spin_rate_hz(handle_request) / 1000;
	struct worker workers[REQUEST_THREADS + 1];
	pthread_t threads[REQUEST_THREADS + 1];
	uint64_t requests_ns = 0;
	uint64_t total_ns;

	for (int i = 0; i <= REQUEST_THREADS; i++) {
		const int is_sync = i == REQUEST_THREADS;

		/* Requests: 1 ms of work, 2 ms of waiting, twice; sync: 2 ms every 10 ms or so. */
		workers[i] =
			is_sync ? (struct worker){ (uint64_t)(2 * per_ms), 10000, sync_dirty_pages, "sync",
						   0 }
				: (struct worker){ (uint64_t)per_ms, 2000, handle_request, "request", 0 };
		if (pthread_create(&threads[i], NULL, is_sync ? sync_thread : request_thread, &workers[i]) !=
		    0)
			return 1;
		pthread_setname_np(threads[i], workers[i].name);
	}
	usleep((useconds_t)(seconds * 1e6));
	stopping = 1;
	for (int i = 0; i <= REQUEST_THREADS; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < REQUEST_THREADS; i++)
		requests_ns += workers[i].cpu_ns;
	total_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	print_truth("handle_request", requests_ns, total_ns);
	print_truth("sync_dirty_pages", workers[REQUEST_THREADS].cpu_ns, total_ns);
	return 0;
}
