/* Counting a process that runs already, while its threads come and go: each page fault counts once. The truth is the
 * kernel's own account of the process, /proc/PID/stat. */
#include "stat/attach.h"

#include "base/file.h"
#include "process/proc_maps.h"

#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define WORKERS 50
#define MANY 2000

static void touch_fresh_pages(size_t count)
{
	char *memory = mmap(NULL, count * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		_exit(1);
	(void)madvise(memory, count * 4096, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < count; i++)
		*(volatile char *)&memory[i * 4096] = 1;
	munmap(memory, count * 4096);
}

/* A life of some 50 ms: long enough to be there when counting begins. */
static void *work(void *arg)
{
	const struct timespec moment = { .tv_nsec = 2000000 };

	for (int i = 0; i < 20; i++) {
		touch_fresh_pages(5);
		nanosleep(&moment, NULL);
	}
	sem_post(arg);
	return NULL;
}

/* Starts threads for ever, a few dozen at a time. */
static void *spawn(void *arg)
{
	static sem_t room;
	pthread_attr_t attr;

	sem_init(&room, 0, WORKERS);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	for (;;) {
		pthread_t thread;

		if (sem_wait(&room) == 0 && pthread_create(&thread, &attr, work, &room) != 0)
			_exit(1);
	}
	return arg;
}

static void *touch_and_wait(void *arg)
{
	const struct timespec moment = { .tv_nsec = 400000000 };

	for (;;) {
		touch_fresh_pages(2);
		nanosleep(&moment, NULL);
	}
	return arg;
}

static pid_t start_process(void *(*thread_main)(void *), int count)
{
	const pid_t pid = fork();
	pthread_attr_t attr;

	if (pid)
		return pid;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 65536);
	for (int i = 0; i < count; i++) {
		pthread_t thread;

		if (pthread_create(&thread, &attr, thread_main, NULL) != 0)
			_exit(1);
	}
	pause();
	_exit(0);
}

static void end_process(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* Minor faults of all threads, also those that have ended: field 10 (proc(5)). */
static uint64_t faults_of(pid_t pid)
{
	char path[64];
	char line[1024];
	const char *p;
	unsigned long faults = 0;

	(void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	assert_int_equal(hw_file_read_line(line, sizeof line, path), 0);
	p = strrchr(line, ')');
	assert_non_null(p);
	assert_int_equal(sscanf(p + 2, "%*c %*d %*d %*d %*d %*d %*u %lu", &faults), 1);
	return faults;
}

static const struct hw_event events[] = {
	{ .name = (char[]){ "task-clock" },
	  .attr = { .type = PERF_TYPE_SOFTWARE, .config = PERF_COUNT_SW_TASK_CLOCK } },
	{ .name = (char[]){ "minor-faults" },
	  .attr = { .type = PERF_TYPE_SOFTWARE, .config = PERF_COUNT_SW_PAGE_FAULTS_MIN } },
};

static struct hw_counting *attach_to(pid_t pid)
{
	struct hw_counting *counting =
		hw_counting_new(&(struct hw_counting_config){ .events = events, .event_count = 2 });
	struct hw_err err = { 0 };

	if (hw_stat_attach(counting, pid, &err) == 0)
		return counting;
	hw_counting_free(counting);
	end_process(pid);
	if (err.kind != HW_ERR_PERMISSION)
		fail_msg("%s", err.message);
	skip();
	return NULL;
}

/* What is counted in a while lies between what the process did at least and at most meanwhile. */
static void expect_truth(struct hw_counting *counting, pid_t pid, long ns)
{
	const struct timespec moment = { .tv_nsec = ns };
	uint64_t least;
	uint64_t most;
	uint64_t before;
	uint64_t begun;
	struct hw_count counts[2];

	before = faults_of(pid);
	hw_counting_start(counting);
	begun = faults_of(pid);
	nanosleep(&moment, NULL);
	least = faults_of(pid) - begun;
	assert_int_equal(hw_counting_read(counting, counts, NULL), 0);
	most = faults_of(pid) - before;
	print_message("%lu faults, truth %lu to %lu\n", (unsigned long)counts[1].value, (unsigned long)least,
		      (unsigned long)most);
	assert_true(least > 100);
	assert_in_range(counts[1].value, least - least / 100, most + most / 100);
	assert_true(counts[0].value > 0);
}

/* Again and again, since what could go wrong is a matter of moments. */
static void threads_that_come_and_go_count_once(void **state)
{
	const struct timespec moment = { .tv_nsec = 100000000 };
	const pid_t pid = start_process(spawn, 1);

	(void)state;
	nanosleep(&moment, NULL);
	for (int i = 0; i < 10; i++) {
		struct hw_counting *counting = attach_to(pid);

		expect_truth(counting, pid, 60000000);
		hw_counting_free(counting);
	}
	end_process(pid);
}

/* As many threads as a large server has. */
static void two_thousand_threads(void **state)
{
	const struct timespec moment = { .tv_nsec = 10000000 };
	const pid_t pid = start_process(touch_and_wait, MANY);
	struct hw_counting *counting;
	pid_t *tids = NULL;
	size_t count = 0;

	(void)state;
	for (int i = 0; i < 1000 && count <= MANY; i++) {
		free(tids);
		tids = NULL;
		count = 0;
		nanosleep(&moment, NULL);
		assert_int_equal(hw_proc_tids(pid, &tids, &count, NULL), 0);
	}
	free(tids);
	assert_int_equal(count, MANY + 1);
	counting = attach_to(pid);
	expect_truth(counting, pid, 300000000);
	hw_counting_free(counting);
	end_process(pid);
}

/* A process that is gone is HW_ERR_TARGET. */
static void a_process_that_is_gone(void **state)
{
	struct hw_counting *counting =
		hw_counting_new(&(struct hw_counting_config){ .events = events, .event_count = 2 });
	struct hw_err err = { 0 };
	const pid_t pid = fork();

	(void)state;
	if (pid == 0)
		_exit(0);
	waitpid(pid, NULL, 0);
	assert_int_equal(hw_stat_attach(counting, pid, &err), -1);
	assert_int_equal(err.kind, HW_ERR_TARGET);
	hw_counting_free(counting);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(threads_that_come_and_go_count_once),
		cmocka_unit_test(two_thousand_threads),
		cmocka_unit_test(a_process_that_is_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
