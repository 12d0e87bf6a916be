#include "base/workers.h"

#include "base/alloc.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#define THREADS_MAX 64
/* What an ordinary main thread has: demanglers recurse over foreign input, within bounds. */
#define THREAD_STACK_BYTES ((size_t)8 << 20)
#define TICK_NS 100000000

/* Lives on the stack of its hw_workers_run. */
struct batch {
	struct batch *older;
	hw_task *task;
	void *user;
	size_t count, next, running;
	uint64_t serial;
};

struct hw_workers {
	pthread_mutex_t lock; /* of all that follows */
	pthread_cond_t changed;
	struct batch *newest; /* of those that have tasks nobody took */
	uint64_t batches;
	bool ending;
	size_t advanced;
	hw_workers_watch *watch;
	void *user;
	pthread_t owner;
	pthread_t threads[THREADS_MAX];
	size_t thread_count;
};

size_t hw_core_count(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof set, &set) < 0 || CPU_COUNT(&set) < 1)
		return 1; /* more than CPU_SETSIZE cores, or forbidden */
	return (size_t)CPU_COUNT(&set);
}

static void forget_batch(struct hw_workers *workers, const struct batch *batch)
{
	struct batch **at = &workers->newest;

	while (*at != batch)
		at = &(*at)->older;
	*at = batch->older;
}

/* Do the next task of a batch in the list. The lock is held before and after, not meanwhile. */
static void do_task(struct hw_workers *workers, struct batch *batch)
{
	const size_t index = batch->next++;

	batch->running++;
	if (batch->next == batch->count)
		forget_batch(workers, batch);
	(void)pthread_mutex_unlock(&workers->lock);
	batch->task(batch->user, index);
	(void)pthread_mutex_lock(&workers->lock);
	batch->running--;
	if (batch->next == batch->count && batch->running == 0)
		(void)pthread_cond_broadcast(&workers->changed);
}

static void *help(void *argument)
{
	struct hw_workers *workers = argument;

	(void)pthread_mutex_lock(&workers->lock);
	while (!workers->ending)
		if (workers->newest)
			do_task(workers, workers->newest);
		else
			(void)pthread_cond_wait(&workers->changed, &workers->lock);
	(void)pthread_mutex_unlock(&workers->lock);
	return NULL;
}

static void start_threads(struct hw_workers *workers, size_t want)
{
	pthread_attr_t attr;
	sigset_t all, before;

	if (pthread_attr_init(&attr) != 0)
		return;
	(void)pthread_attr_setstacksize(&attr, THREAD_STACK_BYTES);
	sigfillset(&all);
	/* A fault in a mapped file that somebody cut short is the thread's own, and the program may mend it. */
	sigdelset(&all, SIGBUS);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	while (workers->thread_count < want &&
	       pthread_create(&workers->threads[workers->thread_count], &attr, help, workers) == 0)
		workers->thread_count++;
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	(void)pthread_attr_destroy(&attr);
}

struct hw_workers *hw_workers_new(size_t thread_count, hw_workers_watch *watch, void *user)
{
	struct hw_workers *workers = hw_alloc(1, sizeof *workers);
	pthread_condattr_t attr;

	workers->watch = watch;
	workers->user = user;
	workers->owner = pthread_self();
	(void)pthread_mutex_init(&workers->lock, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&workers->changed, &attr);
	(void)pthread_condattr_destroy(&attr);
	if (thread_count > THREADS_MAX)
		thread_count = THREADS_MAX;
	if (thread_count > 1)
		start_threads(workers, thread_count - 1);
	return workers;
}

void hw_workers_free(struct hw_workers *workers)
{
	if (!workers)
		return;
	(void)pthread_mutex_lock(&workers->lock);
	workers->ending = true;
	(void)pthread_cond_broadcast(&workers->changed);
	(void)pthread_mutex_unlock(&workers->lock);
	for (size_t i = 0; i < workers->thread_count; i++)
		(void)pthread_join(workers->threads[i], NULL);
	(void)pthread_cond_destroy(&workers->changed);
	(void)pthread_mutex_destroy(&workers->lock);
	free(workers);
}

/* Let the watch look, when this is the thread it is to be called by. */
static void tick(struct hw_workers *workers)
{
	const size_t advanced = workers->advanced;

	if (!workers->watch || !pthread_equal(workers->owner, pthread_self()))
		return;
	(void)pthread_mutex_unlock(&workers->lock);
	workers->watch(workers->user, advanced);
	(void)pthread_mutex_lock(&workers->lock);
}

static void wait_a_little(struct hw_workers *workers)
{
	struct timespec until;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += TICK_NS;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	(void)pthread_cond_timedwait(&workers->changed, &workers->lock, &until);
}

void hw_workers_run(struct hw_workers *workers, size_t count, hw_task *task, void *user)
{
	struct batch batch = { .task = task, .user = user, .count = count };

	if (!workers) {
		for (size_t i = 0; i < count; i++)
			task(user, i);
		return;
	}
	if (!count)
		return;
	(void)pthread_mutex_lock(&workers->lock);
	batch.serial = ++workers->batches;
	batch.older = workers->newest;
	workers->newest = &batch;
	(void)pthread_cond_broadcast(&workers->changed);
	while (batch.next < count || batch.running) {
		/* While the last tasks are with others, help with what they are made of; older batches wait for theirs. */
		if (batch.next < count)
			do_task(workers, &batch);
		else if (workers->newest && workers->newest->serial > batch.serial)
			do_task(workers, workers->newest);
		else
			wait_a_little(workers);
		tick(workers);
	}
	tick(workers); /* others may have done the last while the watch looked */
	(void)pthread_mutex_unlock(&workers->lock);
}

void hw_workers_advance(struct hw_workers *workers, size_t amount)
{
	if (!workers)
		return;
	(void)pthread_mutex_lock(&workers->lock);
	workers->advanced += amount;
	(void)pthread_mutex_unlock(&workers->lock);
}
