/* callers SECONDS A_LOW A_HIGH B_LOW B_HIGH TURN_US [1]: two callers of equal frame size take turns to call one
 * recursion, which burns TURN_US of CPU time in the caller's own leaf at a random depth between LOW and HIGH; with B_HIGH
 * 0 caller_b never calls. Built to fool who completes a stack that was cut short from another one: nothing is on the stack
 * but return addresses, and those of the recursion lie at the same addresses whichever caller is beneath. With 1,
 * every turn is a thread of its own, on the stack that the last one left.
 *
 * The truth: leaf_a is only ever below caller_a, leaf_b below caller_b. */
#include "truth.h"

#include <pthread.h>

static struct {
	uint64_t depth;
	uint64_t sink;
	uint64_t random;
	uint64_t iterations;
	spin_fn leaf;
} now;

struct caller {
	uint64_t low, high;
	spin_fn leaf;
	void (*call)(void);
};

SPIN_FUNCTION(leaf_a)
SPIN_FUNCTION(leaf_b)

/* Frames of 64 bytes, with nothing in them. */
KEPT void recurse(void);
KEPT void recurse(void)
{
	uint64_t room[6];

	__asm__ volatile("" : "=m"(room));
	if (now.depth-- > 1)
		recurse();
	else
		now.sink += now.leaf(now.sink, now.iterations);
	__asm__ volatile("" : : "m"(room) : "memory");
}

KEPT void caller_a(void);
KEPT void caller_a(void)
{
	recurse();
	__asm__ volatile("" : : : "memory");
}

KEPT void caller_b(void);
KEPT void caller_b(void)
{
	recurse();
	__asm__ volatile("" : : : "memory");
}

static uint64_t number_of(char **argv, int argc, int index)
{
	return index < argc ? strtoull(argv[index], NULL, 10) : 0;
}

static KEPT void take_turn(const struct caller *caller)
{
	now.random = now.random * UINT64_C(6364136223846793005) + 1;
	now.depth = caller->low + (now.random >> 33) % (caller->high - caller->low + 1);
	now.leaf = caller->leaf;
	caller->call();
}

static void *thread_main(void *caller)
{
	take_turn(caller);
	return NULL;
}

static KEPT void take_turn_in_thread(struct caller *caller)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, thread_main, caller) == 0)
		pthread_join(thread, NULL);
}

int main(int argc, char **argv)
{
	const uint64_t stop_ns =
		clock_ns(CLOCK_PROCESS_CPUTIME_ID) + (uint64_t)(seconds_of(argc, argv, 1) * 1e9);
	struct caller callers[] = {
		{ number_of(argv, argc, 2), number_of(argv, argc, 3), leaf_a, caller_a },
		{ number_of(argv, argc, 4), number_of(argv, argc, 5), leaf_b, caller_b },
	};
	const int in_threads = number_of(argv, argc, 7) > 0;

	if (argc < 7) {
		fprintf(stderr, "usage: callers SECONDS A_LOW A_HIGH B_LOW B_HIGH TURN_US [in threads: 1]\n");
		return 2;
	}
	now.iterations = (uint64_t)(spin_rate_hz(leaf_a) * (double)number_of(argv, argc, 6) * 1e-6);
	for (int turn = 0; clock_ns(CLOCK_PROCESS_CPUTIME_ID) < stop_ns; turn = !turn) {
		if (!callers[turn].high)
			continue;
		if (in_threads)
			take_turn_in_thread(&callers[turn]);
		else
			take_turn(&callers[turn]);
	}
	return now.sink == 1;
}
