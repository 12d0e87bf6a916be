/* Recording a process that runs already, while its threads come and go: each page fault is sampled once. The truth is
 * the kernel's own account of the process, /proc/PID/stat. */
#include "pipeline.h"

#include "base/clock.h"
#include "tests/lib/crowd.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define MANY 2000

static struct hw_event minor_faults(void)
{
	return (struct hw_event){ .text = hw_strdup("minor-faults"),
				  .name = hw_strdup("minor-faults"),
				  .unit = "count",
				  .attr = { .type = PERF_TYPE_SOFTWARE,
					    .size = sizeof(struct perf_event_attr),
					    .config = PERF_COUNT_SW_PAGE_FAULTS_MIN,
					    .sample_period = 1 } };
}

static struct hw_pipeline *attach_to(pid_t pid, struct hw_event *event)
{
	const struct hw_pipeline_config config = {
		.events = event, .event_count = 1, .unwind = HW_UNWIND_NONE, .command = ""
	};
	struct hw_err err = { 0 };
	struct hw_pipeline *pipeline = hw_pipeline_new(&config, &err);

	if (pipeline && hw_pipeline_open_process(pipeline, pid, &err) == 0)
		return pipeline;
	hw_pipeline_free(pipeline);
	hw_event_fini(event);
	crowd_end(pid);
	if (err.kind != HW_ERR_PERMISSION)
		fail_msg("%s", err.message);
	skip();
	return NULL;
}

static void record_for(struct hw_pipeline *pipeline, uint64_t ns)
{
	const uint64_t end_ns = hw_now_ns() + ns;
	uint64_t now_ns;

	while ((now_ns = hw_now_ns()) < end_ns) {
		struct pollfd fd = { .fd = hw_pipeline_fd(pipeline), .events = POLLIN };
		const int wait_ms = hw_pipeline_wait_ms(pipeline);
		const int left_ms = (int)((end_ns - now_ns) / 1000000) + 1;

		(void)poll(&fd, 1, left_ms < wait_ms ? left_ms : wait_ms);
		hw_pipeline_step(pipeline);
	}
}

/* What is sampled in a while lies between what the process did at least and at most meanwhile. */
static void expect_truth(struct hw_pipeline *pipeline, pid_t pid, uint64_t ns)
{
	struct hw_pipeline_summary summary;
	struct hw_profile *profile;
	uint64_t before;
	uint64_t begun;
	uint64_t least;
	uint64_t most;

	before = crowd_faults(pid);
	hw_pipeline_start(pipeline);
	begun = crowd_faults(pid);
	least = 0;
	for (int tries = 0; least <= 100 && tries < 100; tries++) { /* on a busy machine it does little */
		record_for(pipeline, ns);
		least = crowd_faults(pid) - begun;
	}
	hw_pipeline_stop(pipeline);
	most = crowd_faults(pid) - before;
	profile = hw_pipeline_finish(pipeline, NULL, NULL, &summary);
	print_message("%lu faults and %lu lost, truth %lu to %lu\n", (unsigned long)summary.samples,
		      (unsigned long)summary.lost, (unsigned long)least, (unsigned long)most);
	assert_true(least > 100);
	assert_in_range(summary.samples + summary.lost, least - least / 100, most + most / 100);
	hw_profile_free(profile);
}

/* Again and again, since what could go wrong is a matter of moments. */
static void threads_that_come_and_go_are_sampled_once(void **state)
{
	const struct timespec moment = { .tv_nsec = 100000000 };
	const pid_t pid = crowd_start(crowd_spawn, 1);
	const char *rounds = getenv("HWPROF_TEST_ROUNDS");

	(void)state;
	nanosleep(&moment, NULL);
	for (int i = 0; i < (rounds ? (int)strtol(rounds, NULL, 10) : 10); i++) {
		struct hw_event event = minor_faults();
		struct hw_pipeline *pipeline = attach_to(pid, &event);

		expect_truth(pipeline, pid, 60000000);
		hw_pipeline_free(pipeline);
		hw_event_fini(&event);
	}
	crowd_end(pid);
}

/* As many threads as a large server has. */
static void two_thousand_threads(void **state)
{
	const pid_t pid = crowd_start(crowd_touch_and_wait, MANY);
	struct hw_event event = minor_faults();
	struct hw_pipeline *pipeline;

	(void)state;
	crowd_wait(pid, MANY + 1);
	pipeline = attach_to(pid, &event);
	expect_truth(pipeline, pid, 300000000);
	hw_pipeline_free(pipeline);
	hw_event_fini(&event);
	crowd_end(pid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(threads_that_come_and_go_are_sampled_once),
		cmocka_unit_test(two_thousand_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
