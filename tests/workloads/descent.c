/* descent [SECONDS [WHERE [KIB...]]]: recursion that takes so much stack (default 40 KiB), with nearly all of the time at
 * its bottom. Several KIB are phases of equal time. WHERE: main, or threads or forks, each of which lives for 10 ms. */
#include "truth.h"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIFE_NS UINT64_C(10000000)

struct dive {
	uint64_t frames; /* of a KiB each */
	uint64_t for_ns;
};

SPIN_FUNCTION(bottom)

OPAQUE uint64_t descend(uint64_t x, uint64_t frames);
OPAQUE uint64_t descend(uint64_t x, uint64_t frames)
{
	volatile char room[1000];

	room[x % sizeof room] = 1;
	x = frames > 1 ? descend(x, frames - 1) : bottom(x, 200000);
	return x + (uint64_t)room[0];
}

static void *run(void *arg)
{
	const struct dive *dive = arg;
	const uint64_t stop_ns = thread_cpu_ns() + dive->for_ns;
	uint64_t x = 1;

	while (thread_cpu_ns() < stop_ns)
		x = descend(x, dive->frames);
	return (void *)(uintptr_t)(x | 1);
}

static void run_in_thread(const struct dive *dive)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, run, (void *)(uintptr_t)dive) != 0 ||
	    pthread_join(thread, NULL) != 0)
		exit(1);
}

static void run_in_child(const struct dive *dive)
{
	const pid_t pid = fork();

	if (pid == 0) {
		(void)run((void *)(uintptr_t)dive);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, NULL, 0) != pid)
		exit(1);
}

int main(int argc, char **argv)
{
	const double seconds = seconds_of(argc, argv, 5);
	const char *where = argc > 2 ? argv[2] : "main";
	const int phases = argc > 3 ? argc - 3 : 1;

	for (int phase = 0; phase < phases; phase++) {
		struct dive dive = { argc > 3 ? strtoull(argv[3 + phase], NULL, 10) : 40,
				     (uint64_t)(seconds * 1e9) / (uint64_t)phases };
		const uint64_t lives = dive.for_ns / LIFE_NS;

		if (strcmp(where, "main") == 0) {
			(void)run(&dive);
			continue;
		}
		dive.for_ns = LIFE_NS;
		for (uint64_t life = 0; life < lives; life++)
			if (strcmp(where, "threads") == 0)
				run_in_thread(&dive);
			else
				run_in_child(&dive);
	}
	return 0;
}
