/* The recorder on the software events of this machine. Every test is skipped where they cannot be opened. */
#include "record/recorder.h"

#include "event/counting.h"
#include "record/settle.h"

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>

#define PAGES 500

static struct hw_event software(uint64_t config, const char *name, uint64_t period)
{
	return (struct hw_event){
		.text = hw_strdup(name),
		.name = hw_strdup(name),
		.unit = "count",
		.attr = { .type = PERF_TYPE_SOFTWARE,
			  .size = sizeof(struct perf_event_attr),
			  .config = config,
			  .sample_period = period,
			  .exclude_kernel = 1,
			  .exclude_hv = 1 },
	};
}

static struct hw_event faults(uint64_t period)
{
	return software(PERF_COUNT_SW_PAGE_FAULTS, "page-faults", period);
}

/* What a test's events recorded: samples and the sum of their periods. */
struct sums {
	uint64_t samples[4];
	uint64_t events[4];
	uint64_t unknown;
};

static void take(struct hw_recorder *recorder, struct sums *sums)
{
	struct hw_record record;
	uint32_t event;

	while (hw_recorder_next(recorder, &record, &event)) {
		if (record.type != PERF_RECORD_SAMPLE)
			continue;
		if (event == HW_RECORDER_UNKNOWN_EVENT) {
			sums->unknown++;
			continue;
		}
		sums->samples[event]++;
		sums->events[event] += record.sample.period_events;
	}
}

static void sleep_ns(long ns)
{
	const struct timespec time = { .tv_nsec = ns };

	(void)nanosleep(&time, NULL);
}

/* Take what was written before: the recorder gives it out once it is 10 ms old. */
static void drain(struct hw_recorder *recorder, struct sums *sums)
{
	sleep_ns(15000000);
	hw_recorder_drain(recorder, false);
	take(recorder, sums);
}

static void finish(struct hw_recorder *recorder, struct sums *sums)
{
	hw_recorder_stop(recorder);
	hw_recorder_drain(recorder, true);
	take(recorder, sums);
}

static void touch_pages(size_t pages)
{
	const size_t size = pages * 4096;
	volatile char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_true(memory != MAP_FAILED);
	(void)madvise((void *)(uintptr_t)memory, size, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < size; i += 4096)
		memory[i] = 1;
	(void)munmap((void *)(uintptr_t)memory, size);
}

static pid_t own_tid(void)
{
	return (pid_t)syscall(SYS_gettid);
}

/* A recorder on this thread; skips where the kernel does not let us. */
static struct hw_recorder *open_on(struct hw_event *events, size_t count, pid_t tid)
{
	const struct hw_recorder_config config = { .events = events, .event_count = count };
	struct hw_err err = { 0 };
	struct hw_recorder *recorder = hw_recorder_new(&config, &err);

	assert_non_null(recorder);
	if (hw_recorder_open(recorder, tid, &err) < 0) {
		hw_recorder_free(recorder);
		print_message("skipped: %s\n", err.message);
		skip();
	}
	return recorder;
}

static void free_events(struct hw_event *events, size_t count)
{
	for (size_t i = 0; i < count; i++)
		hw_event_fini(&events[i]);
}

/* Nothing is sampled before the start, everything after it, and nothing after the stop; the counting event beside it
 * counted the same time. */
static void samples_from_start_to_stop(void **state)
{
	struct hw_event event = faults(1);
	struct hw_recorder *recorder = open_on(&event, 1, own_tid());
	struct hw_recorder_stats stats;
	struct hw_recorder_event_stats of_event;
	struct sums sums = { 0 };
	(void)state;

	touch_pages(PAGES);
	drain(recorder, &sums);
	assert_int_equal(sums.samples[0], 0);
	hw_recorder_start(recorder);
	touch_pages(PAGES);
	finish(recorder, &sums);
	touch_pages(PAGES);
	hw_recorder_stats(recorder, &stats, &of_event);
	assert_in_range(sums.samples[0], PAGES, PAGES + 100);
	assert_int_equal(sums.samples[0], of_event.own.value);
	assert_true(of_event.has_twin);
	assert_in_range(of_event.twin.value, sums.samples[0] - 5, sums.samples[0] + 5);
	assert_int_equal(of_event.own.time_enabled_ns, of_event.own.time_running_ns);
	assert_true(of_event.own.time_running_ns > 0);
	assert_int_equal(sums.unknown, 0);
	hw_recorder_free(recorder);
	free_events(&event, 1);
}

/* Members of a group are opened as members: they start and stop with their leader, though nothing is done to them. */
static void group_runs_as_one(void **state)
{
	struct hw_event events[] = { faults(1),
				     software(PERF_COUNT_SW_CONTEXT_SWITCHES, "context-switches", 1),
				     software(PERF_COUNT_SW_PAGE_FAULTS_MIN, "minor-faults", 1) };
	struct hw_recorder *recorder;
	struct hw_recorder_stats stats;
	struct hw_recorder_event_stats of_event[3];
	struct sums sums = { 0 };
	(void)state;

	events[0].group = events[1].group = 1;
	events[1].attr.exclude_kernel = 0; /* it happens in the kernel */
	recorder = open_on(events, 3, own_tid());
	assert_int_equal(events[0].attr.disabled, 1);
	assert_int_equal(events[1].attr.disabled, 0);
	assert_int_equal(events[2].attr.disabled, 1);
	touch_pages(PAGES);
	sleep_ns(1000000);
	drain(recorder, &sums);
	assert_int_equal(sums.samples[0] + sums.samples[1] + sums.samples[2], 0);
	hw_recorder_start(recorder);
	touch_pages(PAGES);
	for (int i = 0; i < 20; i++)
		sleep_ns(100000);
	finish(recorder, &sums);
	touch_pages(PAGES);
	hw_recorder_stats(recorder, &stats, of_event);
	assert_in_range(sums.samples[0], PAGES, PAGES + 200);
	assert_int_equal(sums.samples[0], sums.samples[2]);
	if (!events[1].attr.exclude_kernel)
		assert_in_range(sums.samples[1], 20, 200);
	for (int i = 0; i < 3; i++)
		assert_int_equal(sums.samples[i], of_event[i].own.value);
	hw_recorder_free(recorder);
	free_events(events, 3);
}

/* Periods above 1 stand for as many events, and what is left after the last sample shows in the counts only. */
static void periods_add_up_to_the_count(void **state)
{
	struct hw_event event = faults(50);
	struct hw_recorder *recorder = open_on(&event, 1, own_tid());
	struct hw_recorder_stats stats;
	struct hw_recorder_event_stats of_event;
	struct sums sums = { 0 };
	(void)state;

	hw_recorder_start(recorder);
	touch_pages(10 * PAGES);
	finish(recorder, &sums);
	hw_recorder_stats(recorder, &stats, &of_event);
	assert_int_equal(sums.events[0], sums.samples[0] * 50);
	assert_in_range(of_event.own.value, sums.events[0], sums.events[0] + 50 * stats.descriptors);
	hw_recorder_free(recorder);
	free_events(&event, 1);
}

/* A clock of user code only passes over its samples in the kernel, but counts all of the time: that is no check. */
static void clock_of_one_level_has_no_twin(void **state)
{
	struct perf_event_attr clock = { .type = PERF_TYPE_SOFTWARE, .config = PERF_COUNT_SW_CPU_CLOCK };
	struct perf_event_attr fault = { .type = PERF_TYPE_SOFTWARE,
					 .config = PERF_COUNT_SW_PAGE_FAULTS,
					 .exclude_kernel = 1 };
	(void)state;

	assert_true(hw_attr_counts_what_it_samples(&clock));
	assert_true(hw_attr_counts_what_it_samples(&fault));
	clock.exclude_kernel = 1;
	assert_false(hw_attr_counts_what_it_samples(&clock));
	assert_false(hw_attr_needs_counter(&clock));
	clock.type = PERF_TYPE_RAW;
	assert_true(hw_attr_needs_counter(&clock));
	assert_true(hw_attr_counts_what_it_samples(&clock));
}

struct worker {
	pthread_t thread;
	atomic_int tid;
	atomic_bool go, leave;
};

static void *work(void *argument)
{
	struct worker *worker = argument;

	atomic_store(&worker->tid, own_tid());
	while (!atomic_load(&worker->go))
		sleep_ns(200000);
	touch_pages(PAGES);
	while (!atomic_load(&worker->leave))
		sleep_ns(200000);
	return NULL;
}

static void start_worker(struct worker *worker)
{
	assert_int_equal(pthread_create(&worker->thread, NULL, work, worker), 0);
	while (!atomic_load(&worker->tid))
		sleep_ns(100000);
}

static void end_worker(struct worker *worker)
{
	atomic_store(&worker->leave, true);
	(void)pthread_join(worker->thread, NULL);
}

/* A thread born after its parent was opened has the parent's counters; one born before, or while the parent was being
 * opened, has not. */
static void births_tell_who_inherited(void **state)
{
	struct hw_event event = faults(1);
	struct worker before = { 0 };
	struct worker after = { 0 };
	struct hw_recorder *recorder;
	struct sums sums = { 0 };
	(void)state;

	start_worker(&before);
	recorder = open_on(&event, 1, own_tid());
	sleep_ns(2000000); /* further from the opening than a birth takes */
	start_worker(&after);
	drain(recorder, &sums);
	assert_true(hw_recorder_has(recorder, own_tid()));
	assert_false(hw_recorder_has(recorder, atomic_load(&before.tid)));
	assert_true(hw_recorder_has(recorder, atomic_load(&after.tid)));
	assert_false(hw_recorder_has(recorder, 1));
	assert_int_equal(hw_recorder_close_torn(recorder), 0);
	hw_recorder_start(recorder);
	atomic_store(&before.go, true);
	atomic_store(&after.go, true);
	end_worker(&before);
	end_worker(&after);
	finish(recorder, &sums);
	assert_in_range(sums.samples[0], PAGES, PAGES + 100); /* of one of the two */
	hw_recorder_free(recorder);
	free_events(&event, 1);
}

/* A birth right after the opening may have happened during it: the parent is closed, with the child's copies, and both
 * can be opened again, each once. */
static void torn_parents_are_closed(void **state)
{
	struct hw_event event = faults(1);
	struct worker child = { 0 };
	struct hw_recorder *recorder;
	struct hw_err err = { 0 };
	struct sums sums = { 0 };
	(void)state;

	for (int attempt = 0; attempt < 50; attempt++) {
		child = (struct worker){ 0 };
		recorder = open_on(&event, 1, own_tid());
		start_worker(&child);
		drain(recorder, &sums);
		if (hw_recorder_close_torn(recorder) == 1)
			break;
		/* The machine was busy: it took longer than a birth may. */
		atomic_store(&child.go, true);
		end_worker(&child);
		hw_recorder_free(recorder);
		recorder = NULL;
	}
	assert_non_null(recorder);
	assert_false(hw_recorder_has(recorder, own_tid()));
	assert_false(hw_recorder_has(recorder, atomic_load(&child.tid)));
	assert_int_equal(hw_recorder_open(recorder, own_tid(), &err), 0);
	assert_false(hw_recorder_has(recorder, atomic_load(&child.tid)));
	assert_int_equal(hw_recorder_open(recorder, atomic_load(&child.tid), &err), 0);
	hw_recorder_start(recorder);
	atomic_store(&child.go, true);
	end_worker(&child);
	finish(recorder, &sums);
	assert_in_range(sums.samples[0], PAGES, PAGES + 100);
	hw_recorder_free(recorder);
	free_events(&event, 1);
}

/* A ring outlives the thread it was opened for: another thread's samples still wake the reader. */
static void ring_outlives_its_first_thread(void **state)
{
	struct hw_event event = faults(1);
	struct worker first = { 0 };
	struct pollfd readable = { .events = POLLIN };
	struct hw_recorder *recorder;
	struct hw_err err = { 0 };
	struct sums sums = { 0 };
	(void)state;

	start_worker(&first);
	recorder = open_on(&event, 1, atomic_load(&first.tid));
	assert_int_equal(hw_recorder_open(recorder, own_tid(), &err), 0);
	atomic_store(&first.go, true);
	end_worker(&first);
	hw_recorder_start(recorder);
	readable.fd = hw_recorder_fd(recorder);
	assert_int_equal(poll(&readable, 1, 0), 0);
	for (int i = 0; i < 100 && poll(&readable, 1, 0) == 0; i++)
		touch_pages(PAGES);
	assert_int_equal(readable.revents, POLLIN);
	drain(recorder, &sums);
	assert_true(sums.samples[0] > 0);
	assert_int_equal(poll(&readable, 1, 0), 0); /* and not for ever */
	hw_recorder_free(recorder);
	free_events(&event, 1);
}

/* Before anything is open, a recorder has no thread, no births, and numbers that are 0. */
static void new_recorder_has_nothing(void **state)
{
	struct hw_event event = faults(1);
	const struct hw_recorder_config config = { .events = &event, .event_count = 1 };
	struct hw_err err = { 0 };
	struct hw_recorder *recorder = hw_recorder_new(&config, &err);
	struct hw_recorder_stats stats;
	struct hw_recorder_event_stats of_event;
	struct sums sums = { 0 };
	(void)state;

	assert_non_null(recorder);
	assert_false(hw_recorder_has(recorder, own_tid()));
	assert_int_equal(hw_recorder_close_torn(recorder), 0);
	drain(recorder, &sums);
	hw_recorder_stats(recorder, &stats, &of_event);
	assert_int_equal(stats.descriptors + stats.records_read + of_event.own.value, 0);
	assert_false(of_event.has_twin);
	hw_recorder_free(recorder);
	free_events(&event, 1);
}

/* A thread that is gone is told apart, and leaves nothing open. */
static void exited_thread_is_no_target(void **state)
{
	struct hw_event event = faults(1);
	struct hw_recorder *recorder = open_on(&event, 1, own_tid());
	struct hw_recorder_stats before;
	struct hw_recorder_stats after;
	struct hw_err err = { 0 };
	pid_t pid = fork();
	(void)state;

	if (pid == 0)
		_exit(0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	hw_recorder_stats(recorder, &before, NULL);
	assert_int_equal(hw_recorder_open(recorder, pid, &err), -1);
	assert_int_equal(err.kind, HW_ERR_TARGET);
	hw_recorder_stats(recorder, &after, NULL);
	assert_int_equal(before.descriptors, after.descriptors);
	hw_recorder_free(recorder);
	free_events(&event, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_recorder_has_nothing),
		cmocka_unit_test(samples_from_start_to_stop),
		cmocka_unit_test(group_runs_as_one),
		cmocka_unit_test(periods_add_up_to_the_count),
		cmocka_unit_test(clock_of_one_level_has_no_twin),
		cmocka_unit_test(births_tell_who_inherited),
		cmocka_unit_test(torn_parents_are_closed),
		cmocka_unit_test(ring_outlives_its_first_thread),
		cmocka_unit_test(exited_thread_is_no_target),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
