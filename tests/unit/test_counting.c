/* Counting on real threads with software events: page faults of fresh memory are as many as its pages, exactly. */
#include "event/counting.h"

#include "base/file.h"
#include "event/budget.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define PAGES 1000

/* cmocka's own compares as float. */
static void assert_near(double value, double expected, double tolerance)
{
	if (!(fabs(value - expected) <= tolerance))
		fail_msg("%.17g is not %.17g within %g", value, expected, tolerance);
}

static struct hw_event software(uint64_t config, const char *name, uint32_t group)
{
	return (struct hw_event){
		.name = (char *)(uintptr_t)name,
		.unit = "count",
		.group = group,
		.attr = { .type = PERF_TYPE_SOFTWARE,
			  .size = sizeof(struct perf_event_attr),
			  .config = config,
			  .exclude_kernel = 1,
			  .exclude_hv = 1,
			  /* what a sampling event has, to be ignored */
			  .freq = 1,
			  .sample_freq = 997,
			  .sample_type = PERF_SAMPLE_IP,
			  .precise_ip = 2,
			  .sample_stack_user = 64 },
	};
}

static struct hw_event faults(uint32_t group)
{
	return software(PERF_COUNT_SW_PAGE_FAULTS_MIN, "minor-faults", group);
}

static struct hw_event task_clock(uint32_t group)
{
	return software(PERF_COUNT_SW_TASK_CLOCK, "task-clock", group);
}

/* Fresh memory: as many minor faults as pages. */
static volatile char *fresh_pages(size_t pages)
{
	void *memory = mmap(NULL, pages * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		abort();
	(void)madvise(memory, pages * 4096, MADV_NOHUGEPAGE);
	return memory;
}

/* (The address sanitizer would touch pages of its own with each.) */
__attribute__((no_sanitize_address)) static void touch(volatile char *memory, size_t pages)
{
	for (size_t i = 0; i < pages; i++)
		memory[i * 4096] = 1;
}

static void *touch_in_thread(void *memory)
{
	touch(memory, PAGES);
	return NULL;
}

static struct hw_counting *open_self(const struct hw_counting_config *config)
{
	struct hw_counting *counting = hw_counting_new(config);
	struct hw_err err = { 0 };

	if (hw_counting_open(counting, gettid(), &err) < 0) {
		hw_counting_free(counting);
		if (err.kind != HW_ERR_PERMISSION)
			fail_msg("%s", err.message);
		skip();
	}
	return counting;
}

static size_t open_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	size_t count = 0;

	assert_non_null(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

/* From the start to the reading, and nothing before or after. */
static void counts_from_the_start_to_the_reading(void **state)
{
	const struct hw_event events[] = { faults(0), task_clock(0) };
	struct hw_counting *counting =
		open_self(&(struct hw_counting_config){ .events = events, .event_count = 2 });
	volatile char *memory = fresh_pages(3 * PAGES);
	struct hw_count counts[2];

	(void)state;
	touch(memory, PAGES);
	assert_int_equal(hw_counting_read(counting, counts, NULL), 0);
	assert_int_equal(counts[0].value, 0);
	assert_int_equal(counts[1].time_enabled_ns, 0);
	hw_counting_start(counting);
	touch(memory + PAGES * 4096, PAGES);
	assert_int_equal(hw_counting_read(counting, counts, NULL), 0);
	touch(memory + 2 * PAGES * 4096, PAGES);
	assert_in_range(counts[0].value, PAGES, PAGES + 10); /* a few of code first run here */
	assert_int_equal(counts[0].time_enabled_ns, counts[0].time_running_ns);
	assert_true(counts[1].value > 0);
	assert_near(hw_count_share(&counts[0]), 1, 0);
	hw_counting_free(counting);
	munmap((void *)(uintptr_t)memory, 3 * PAGES * 4096);
}

/* Threads to come count, also those that have ended; with no_inherit they do not. */
static void threads_to_come_count_unless_told(void **state)
{
	const struct hw_event events[] = { faults(0) };

	(void)state;
	for (int no_inherit = 0; no_inherit < 2; no_inherit++) {
		struct hw_counting *counting = open_self(&(struct hw_counting_config){
			.events = events, .event_count = 1, .no_inherit = no_inherit });
		struct hw_count count;

		hw_counting_start(counting);
		for (int i = 0; i < 4; i++) {
			pthread_t thread;

			assert_int_equal(pthread_create(&thread, NULL, touch_in_thread,
							(void *)(uintptr_t)fresh_pages(PAGES)),
					 0);
			assert_int_equal(pthread_join(thread, NULL), 0);
		}
		assert_int_equal(hw_counting_read(counting, &count, NULL), 0);
		if (no_inherit)
			assert_true(count.value < PAGES / 2);
		else
			assert_in_range(count.value, 4 * PAGES, 4 * PAGES + 200);
		hw_counting_free(counting);
	}
}

/* Events of a group count for exactly the same time; the leader alone is told to start. */
static void a_group_counts_together(void **state)
{
	const struct hw_event events[] = { task_clock(7), faults(7), faults(0) };
	struct hw_counting *counting =
		open_self(&(struct hw_counting_config){ .events = events, .event_count = 3 });
	volatile char *memory = fresh_pages(PAGES);
	struct hw_count counts[3];

	(void)state;
	hw_counting_start(counting);
	touch(memory, PAGES);
	assert_int_equal(hw_counting_read(counting, counts, NULL), 0);
	assert_int_equal(counts[0].time_enabled_ns, counts[1].time_enabled_ns);
	assert_in_range(counts[1].value, PAGES, PAGES + 10);
	assert_in_range(counts[2].value, PAGES, PAGES + 10);
	hw_counting_free(counting);
}

/* Only what a thread does on the CPUs asked for; its time elsewhere is no time without a counter. */
static void a_thread_on_some_cpus_is_not_multiplexed(void **state)
{
	const struct hw_event events[] = { faults(0), task_clock(0) };
	const int last = 1;
	volatile char *memory = fresh_pages(2 * PAGES);
	struct hw_counting *counting;
	struct hw_count counts[2];
	cpu_set_t before;
	cpu_set_t one;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
	if (!CPU_ISSET(0, &before) || !CPU_ISSET(1, &before))
		skip();
	counting = open_self(&(struct hw_counting_config){
		.events = events, .event_count = 2, .cpus = &last, .cpu_count = 1 });
	hw_counting_start(counting);
	for (int cpu = 0; cpu < 2; cpu++) {
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
		touch(memory + cpu * PAGES * 4096, PAGES);
	}
	assert_int_equal(hw_counting_read(counting, counts, NULL), 0);
	assert_int_equal(sched_setaffinity(0, sizeof before, &before), 0);
	assert_in_range(counts[0].value, PAGES, PAGES + 10);
	assert_true(counts[0].time_running_ns > 0);
	assert_true(hw_count_share(&counts[0]) > 0.99);
	hw_counting_free(counting);
}

/* With enable_on_exec a child counts from its exec on, and its parent nothing. */
static void a_child_counts_from_its_exec(void **state)
{
	const struct hw_event events[] = { task_clock(0), faults(0) };
	const struct hw_counting_config config = { .events = events,
						   .event_count = 2,
						   .enable_on_exec = true };
	struct hw_counting *counting = hw_counting_new(&config);
	volatile char *memory = fresh_pages(PAGES);
	struct hw_count counts[2];
	int go[2];
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(go), 0);
	pid = fork();
	if (pid == 0) {
		char byte;

		if (read(go[0], &byte, 1) != 1)
			_exit(1);
		touch(memory, PAGES);
		execl("/bin/true", "true", (char *)NULL);
		_exit(1);
	}
	if (hw_counting_open(counting, pid, NULL) < 0)
		skip();
	assert_int_equal(write(go[1], "x", 1), 1);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(hw_counting_read(counting, counts, NULL), 0);
	assert_true(counts[0].value > 0);
	assert_in_range(counts[1].value, 1, PAGES - 1);
	hw_counting_free(counting);
	close(go[0]);
	close(go[1]);
}

/* When one event does not open, none stays open, and the message names it. */
static void a_failing_event_leaves_nothing_open(void **state)
{
	struct hw_event events[] = { faults(0), task_clock(3), faults(3) };
	struct hw_counting *counting;
	struct hw_err err = { 0 };
	size_t before;

	(void)state;
	events[2].attr.config = 12345;
	events[2].name = (char[]){ "nonsense" };
	counting = hw_counting_new(&(struct hw_counting_config){ .events = events, .event_count = 3 });
	before = open_files();
	assert_int_equal(hw_counting_open(counting, gettid(), &err), -1);
	assert_non_null(strstr(err.message, "nonsense"));
	assert_int_equal(open_files(), before);
	hw_counting_free(counting);
}

/* A thread that is gone is HW_ERR_TARGET. */
static void a_thread_that_is_gone(void **state)
{
	const struct hw_event events[] = { faults(0) };
	struct hw_counting *counting =
		hw_counting_new(&(struct hw_counting_config){ .events = events, .event_count = 1 });
	const pid_t pid = fork();
	struct hw_err err = { 0 };

	(void)state;
	if (pid == 0)
		_exit(0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(hw_counting_open(counting, pid, &err), -1);
	assert_int_equal(err.kind, HW_ERR_TARGET);
	hw_counting_free(counting);
}

/* Too few descriptors: an error that says how many are needed, from a process that may not raise its limit. */
static void too_few_descriptors(void **state)
{
	const struct hw_event events[] = { faults(0), task_clock(0) };
	const struct rlimit low = { .rlim_cur = 40, .rlim_max = 40 };
	const pid_t pid = fork();
	int status = 0;

	(void)state;
	if (pid == 0) {
		struct hw_counting *counting =
			hw_counting_new(&(struct hw_counting_config){ .events = events, .event_count = 2 });
		struct hw_err err = { 0 };

		if (setrlimit(RLIMIT_NOFILE, &low) < 0 || (geteuid() == 0 && seteuid(65534) < 0))
			_exit(3);
		if (hw_counting_open(counting, gettid(), &err) == 0)
			_exit(1);
		_exit(err.kind == HW_ERR_LIMIT && strstr(err.message, "open files") ? 0 : 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* What was opened for one thread is taken back, what was opened for others stays. */
static void opening_can_be_taken_back(void **state)
{
	const struct hw_event events[] = { faults(0) };
	struct hw_counting *counting =
		open_self(&(struct hw_counting_config){ .events = events, .event_count = 1 });
	const size_t files = open_files();
	volatile char *memory = fresh_pages(PAGES);
	struct hw_count count;

	(void)state;
	assert_int_equal(hw_counting_open(counting, getppid(), NULL), 0);
	assert_int_equal(open_files(), files + 1);
	hw_counting_close(counting, getppid());
	assert_int_equal(open_files(), files);
	hw_counting_start(counting);
	touch(memory, PAGES);
	assert_int_equal(hw_counting_read(counting, &count, NULL), 0);
	assert_in_range(count.value, PAGES, PAGES + 10);
	hw_counting_free(counting);
}

/* Counts scale by the time they were counted; what was never counted has no estimate. */
static void scaling(void **state)
{
	const struct hw_count quarter = { .value = 100, .time_enabled_ns = 400, .time_running_ns = 100 };
	const struct hw_count never = { .time_enabled_ns = 400 };
	const struct hw_count idle = { 0 };
	const struct hw_count more = { .value = 7, .time_enabled_ns = 400, .time_running_ns = 401 };

	(void)state;
	assert_near(hw_count_scaled(&quarter), 400, 1e-9);
	assert_near(hw_count_share(&quarter), 0.25, 1e-12);
	assert_true(isnan(hw_count_scaled(&never)));
	assert_near(hw_count_share(&never), 0, 0);
	assert_near(hw_count_scaled(&idle), 0, 0);
	assert_near(hw_count_share(&idle), 1, 0);
	assert_near(hw_count_scaled(&more), 7, 0);
	assert_near(hw_count_share(&more), 1, 0);
}

/* Software events take no counters: all fit, and nothing stays open. An event that is not there is an error. */
static void software_events_always_fit(void **state)
{
	struct hw_event events[] = { faults(0), task_clock(2), faults(2) };
	bool fits[3] = { false, false, false };
	struct hw_err err = { 0 };
	const size_t before = open_files();

	(void)state;
	if (hw_budget_fit(events, 3, fits, &err) < 0 && err.kind == HW_ERR_PERMISSION)
		skip();
	assert_true(fits[0] && fits[1] && fits[2]);
	assert_int_equal(hw_budget_counters(&events[0]), 64);
	events[2].attr.config = 12345;
	assert_int_equal(hw_budget_fit(events, 3, fits, &err), -1);
	assert_int_equal(hw_budget_counters(&events[2]), 0);
	assert_int_equal(open_files(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_from_the_start_to_the_reading),
		cmocka_unit_test(threads_to_come_count_unless_told),
		cmocka_unit_test(a_group_counts_together),
		cmocka_unit_test(a_thread_on_some_cpus_is_not_multiplexed),
		cmocka_unit_test(a_child_counts_from_its_exec),
		cmocka_unit_test(a_failing_event_leaves_nothing_open),
		cmocka_unit_test(a_thread_that_is_gone),
		cmocka_unit_test(too_few_descriptors),
		cmocka_unit_test(opening_can_be_taken_back),
		cmocka_unit_test(scaling),
		cmocka_unit_test(software_events_always_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
