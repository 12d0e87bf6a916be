#include "base/workers.h"

#include "base/alloc.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>

#define TASKS 1000

struct counts {
	struct hw_workers *workers;
	_Atomic unsigned of[TASKS];
};

static void count_task(void *user, size_t index)
{
	struct counts *counts = user;

	atomic_fetch_add(&counts->of[index], 1);
	hw_workers_advance(counts->workers, 1);
}

static bool each_counted(const struct counts *counts, unsigned times)
{
	for (size_t i = 0; i < TASKS; i++)
		if (counts->of[i] != times)
			return false;
	return true;
}

/* Every task is done, and once, however many threads there are; none at all where there are no workers. */
static void each_task_is_done_once(void **state)
{
	(void)state;

	for (size_t threads = 0; threads < 9; threads++) {
		struct counts counts = { .workers = threads ? hw_workers_new(threads, NULL, NULL) : NULL };

		hw_workers_run(counts.workers, 0, count_task, &counts);
		assert_true(each_counted(&counts, 0));
		hw_workers_run(counts.workers, TASKS, count_task, &counts);
		assert_true(each_counted(&counts, 1));
		hw_workers_run(counts.workers, TASKS, count_task, &counts);
		assert_true(each_counted(&counts, 2));
		hw_workers_free(counts.workers);
	}
}

static void run_batch(void *user, size_t index)
{
	struct counts *counts = user;
	(void)index;

	hw_workers_run(counts->workers, TASKS, count_task, counts);
}

/* Tasks may have batches of their own: all come to an end. */
static void tasks_may_have_tasks(void **state)
{
	(void)state;

	for (size_t threads = 1; threads < 5; threads++) {
		struct counts counts = { .workers = hw_workers_new(threads, NULL, NULL) };

		hw_workers_run(counts.workers, 20, run_batch, &counts);
		assert_true(each_counted(&counts, 20));
		hw_workers_free(counts.workers);
	}
}

/* Two tasks that wait for each other: they can only end when each has a thread. */
struct meeting {
	pthread_barrier_t barrier;
};

static void meet(void *user, size_t index)
{
	struct meeting *meeting = user;
	(void)index;

	(void)pthread_barrier_wait(&meeting->barrier);
}

static void hold_meeting(void *user, size_t index)
{
	struct counts *counts = user;
	struct meeting meeting;

	assert_int_equal(index, 0);
	assert_int_equal(pthread_barrier_init(&meeting.barrier, NULL, 2), 0);
	hw_workers_run(counts->workers, 2, meet, &meeting);
	pthread_barrier_destroy(&meeting.barrier);
}

/* Idle threads take part in the batch of a task. */
static void idle_threads_help(void **state)
{
	struct counts counts = { .workers = hw_workers_new(2, NULL, NULL) };
	(void)state;

	for (int i = 0; i < 100; i++)
		hw_workers_run(counts.workers, 1, hold_meeting, &counts);
	hw_workers_free(counts.workers);
}

struct shared {
	struct counts counts;
	struct meeting start;
	pthread_t waiting;
};

/* Two of these start together; then one thread has nothing to do, and the other something for two. */
static void part(void *user, size_t index)
{
	struct shared *shared = user;

	meet(&shared->start, index);
	if (!pthread_equal(pthread_self(), shared->waiting))
		hold_meeting(&shared->counts, 0);
}

/* The thread that waits for the last tasks of its batch takes part in what those are made of. */
static void waiting_threads_help(void **state)
{
	struct shared shared = { .waiting = pthread_self() };
	(void)state;

	(void)alarm(60); /* else the meeting would not end */
	shared.counts.workers = hw_workers_new(2, NULL, NULL);
	assert_int_equal(pthread_barrier_init(&shared.start.barrier, NULL, 2), 0);
	for (int i = 0; i < 100; i++)
		hw_workers_run(shared.counts.workers, 2, part, &shared);
	pthread_barrier_destroy(&shared.start.barrier);
	hw_workers_free(shared.counts.workers);
	(void)alarm(0);
}

struct watched {
	pthread_t owner;
	size_t calls, last;
	bool ordered;
};

static void look(void *user, size_t advanced)
{
	struct watched *watched = user;

	watched->ordered &= advanced >= watched->last && pthread_equal(watched->owner, pthread_self());
	watched->last = advanced;
	watched->calls++;
}

/* The watch is called in the thread that made the workers, and at last with all that was done. */
static void watch_sees_what_is_done(void **state)
{
	struct watched watched = { .owner = pthread_self(), .ordered = true };
	struct counts counts = { .workers = hw_workers_new(3, look, &watched) };
	(void)state;

	hw_workers_run(counts.workers, TASKS, count_task, &counts);
	hw_workers_free(counts.workers);
	assert_true(watched.ordered);
	assert_true(watched.calls > 0);
	assert_int_equal(watched.last, TASKS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_task_is_done_once),  cmocka_unit_test(tasks_may_have_tasks),
		cmocka_unit_test(idle_threads_help),	   cmocka_unit_test(waiting_threads_help),
		cmocka_unit_test(watch_sees_what_is_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
