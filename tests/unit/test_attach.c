/* Counting a process that runs already, while its threads come and go: each page fault counts once. The truth is the
 * kernel's own account of the process, /proc/PID/stat. */
#include "stat/attach.h"

#include "tests/lib/crowd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define MANY 2000

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
	crowd_end(pid);
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

	before = crowd_faults(pid);
	hw_counting_start(counting);
	begun = crowd_faults(pid);
	least = 0;
	for (int tries = 0; least <= 100 && tries < 100; tries++) { /* on a busy machine it does little */
		nanosleep(&moment, NULL);
		least = crowd_faults(pid) - begun;
	}
	assert_int_equal(hw_counting_read(counting, counts, NULL), 0);
	most = crowd_faults(pid) - before;
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
	const pid_t pid = crowd_start(crowd_spawn, 1);

	(void)state;
	nanosleep(&moment, NULL);
	for (int i = 0; i < 10; i++) {
		struct hw_counting *counting = attach_to(pid);

		expect_truth(counting, pid, 60000000);
		hw_counting_free(counting);
	}
	crowd_end(pid);
}

/* As many threads as a large server has. */
static void two_thousand_threads(void **state)
{
	const pid_t pid = crowd_start(crowd_touch_and_wait, MANY);
	struct hw_counting *counting;

	(void)state;
	crowd_wait(pid, MANY + 1);
	counting = attach_to(pid);
	expect_truth(counting, pid, 300000000);
	hw_counting_free(counting);
	crowd_end(pid);
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
