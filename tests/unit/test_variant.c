/* Variants of the sampling events, and switching between them while the target runs. Tests of the kernel's part are
 * skipped where software events cannot be opened. */
#include "record/recorder.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>

#define PAGES 200
#define SMALL 512
#define LARGE 8192

static struct hw_event software(uint64_t config, uint64_t period)
{
	return (struct hw_event){ .text = hw_strdup("faults"),
				  .name = hw_strdup("faults"),
				  .unit = "count",
				  .attr = { .type = PERF_TYPE_SOFTWARE,
					    .size = sizeof(struct perf_event_attr),
					    .config = config,
					    .sample_period = period,
					    .exclude_kernel = 1,
					    .exclude_hv = 1 } };
}

static struct hw_event faults(uint64_t period)
{
	return software(PERF_COUNT_SW_PAGE_FAULTS, period);
}

static void free_events(struct hw_event *events, size_t count)
{
	for (size_t i = 0; i < count; i++)
		hw_event_fini(&events[i]);
}

static void touch_pages(size_t pages)
{
	const size_t size = pages * 4096;
	volatile char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		abort();
	(void)madvise((void *)(uintptr_t)memory, size, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < size; i += 4096)
		memory[i] = 1;
	(void)munmap((void *)(uintptr_t)memory, size);
}

static void sleep_ns(long ns)
{
	const struct timespec time = { .tv_nsec = ns };

	(void)nanosleep(&time, NULL);
}

/* Where all CPUs are more than two variants of the events are had on (HW_VARIANT_COPIES_MAX): from now on run on some only
 * and list these; otherwise 0, for all. */
static size_t confine_to(int cpus[HW_VARIANT_COPIES_MAX], size_t event_count)
{
	const size_t limit = HW_VARIANT_COPIES_MAX / event_count;
	cpu_set_t allowed[8] = { 0 }; /* of 1,024 each */
	cpu_set_t chosen[8] = { 0 };
	size_t count = 0;

	if ((size_t)sysconf(_SC_NPROCESSORS_ONLN) <= limit)
		return 0;
	assert_int_not_equal(sched_getaffinity(0, sizeof allowed, allowed), -1);
	for (int cpu = 0; cpu < 8 * CPU_SETSIZE && count < limit; cpu++)
		if (CPU_ISSET_S(cpu, sizeof allowed, allowed)) {
			CPU_SET_S(cpu, sizeof chosen, chosen);
			cpus[count++] = cpu;
		}
	assert_int_equal(sched_setaffinity(0, sizeof chosen, chosen), 0);
	return count;
}

/* A recorder on this thread, of two variants with a small and a large copy of the stack. */
static struct hw_recorder *open_two(struct hw_event *events, size_t count)
{
	const struct hw_variant variants[] = { { 0 }, { .stack_size_bytes = LARGE } };
	int cpus[HW_VARIANT_COPIES_MAX];
	const size_t cpu_count = confine_to(cpus, count);
	const struct hw_recorder_config config = { .events = events,
						   .event_count = count,
						   .cpus = cpu_count ? cpus : NULL,
						   .cpu_count = cpu_count,
						   .sampling = { .stack_size_bytes = SMALL },
						   .variants = variants,
						   .variant_count = 2,
						   .ring_size_bytes = 8 << 20 };
	struct hw_err err = { 0 };
	struct hw_recorder *recorder = hw_recorder_new(&config, &err);

	assert_non_null(recorder);
	if (hw_recorder_open(recorder, (pid_t)syscall(SYS_gettid), &err) < 0) {
		hw_recorder_free(recorder);
		print_message("skipped: %s\n", err.message);
		skip();
	}
	assert_int_equal(hw_recorder_variants(recorder), 2);
	return recorder;
}

struct sums {
	uint64_t small, large; /* samples, by how much of the stack they have */
	uint64_t events[2];    /* their periods, of each event */
};

static void take(struct hw_recorder *recorder, struct sums *sums, bool last)
{
	struct hw_record record;
	uint32_t event;

	hw_recorder_drain(recorder, last);
	while (hw_recorder_next(recorder, &record, &event)) {
		if (record.type != PERF_RECORD_SAMPLE)
			continue;
		assert_in_range(event, 0, 1);
		if (record.sample.user_stack_size > SMALL)
			sums->large++;
		else
			sums->small++;
		sums->events[event] += record.sample.period_events;
	}
}

/* Samples wait in the rings until the end, since reading rings may cause page faults, too: they have to be as large as was
 * asked for. Returns false, and says so, where an ordinary user may not have such. */
static bool rings_are_large(struct hw_recorder *recorder)
{
	struct hw_recorder_stats stats;

	hw_recorder_stats(recorder, &stats, NULL);
	if (stats.ring_size_bytes >= ((size_t)4 << 20))
		return true;
	print_message("rings of %zu bytes are too small: locked memory is limited\n", stats.ring_size_bytes);
	hw_recorder_free(recorder);
	return false;
}

static void finish(struct hw_recorder *recorder, struct sums *sums)
{
	hw_recorder_stop(recorder);
	take(recorder, sums, true);
}

/* Each variant's attrs are the settled ones but for what it changes, and only the first waits for an exec. */
static void variants_differ_in_what_they_say(void **state)
{
	const struct hw_variant list[] = { { 0 }, { .stack_size_bytes = LARGE } };
	struct hw_event event = faults(7);
	struct hw_variants variants;
	struct perf_event_attr expected;
	(void)state;

	event.attr.sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_STACK_USER;
	event.attr.sample_stack_user = SMALL;
	event.attr.enable_on_exec = 1;
	hw_variants_init(&variants, list, 2, &event, 1);
	assert_int_equal(variants.count, 2);
	assert_memory_equal(&hw_variants_event(&variants, 0, 0)->attr, &event.attr, sizeof event.attr);
	expected = event.attr;
	expected.sample_stack_user = LARGE;
	expected.enable_on_exec = 0;
	assert_memory_equal(&hw_variants_event(&variants, 1, 0)->attr, &expected, sizeof expected);
	hw_variants_fini(&variants);
	free_events(&event, 1);
}

/* Where no stack is copied, or the copies would be of the same size, there is nothing to switch to. */
static void variants_without_a_difference_are_left_out(void **state)
{
	const struct hw_variant list[] = { { 0 }, { .stack_size_bytes = LARGE } };
	struct hw_event event = faults(7);
	struct hw_variants variants;
	(void)state;

	event.attr.sample_type = PERF_SAMPLE_IP;
	hw_variants_init(&variants, list, 2, &event, 1);
	assert_int_equal(variants.count, 1);
	hw_variants_fini(&variants);
	event.attr.sample_type |= PERF_SAMPLE_STACK_USER;
	event.attr.sample_stack_user = LARGE;
	hw_variants_init(&variants, list, 2, &event, 1);
	assert_int_equal(variants.count, 1);
	hw_variants_fini(&variants);
	free_events(&event, 1);
}

/* The first variant is in force until the other is selected; what it copied, and what it is called, goes to the same
 * event. */
static void the_selected_variant_samples(void **state)
{
	struct hw_event event = faults(1);
	struct hw_recorder *recorder = open_two(&event, 1);
	struct sums first = { 0 };
	struct sums second = { 0 };
	(void)state;

	if (!rings_are_large(recorder)) {
		free_events(&event, 1);
		skip();
	}
	hw_recorder_start(recorder);
	touch_pages(PAGES);
	hw_recorder_select(recorder, 1);
	touch_pages(PAGES);
	finish(recorder, &first);
	assert_in_range(first.small, PAGES, PAGES + 100);
	assert_in_range(first.large, PAGES, PAGES + 100);
	hw_recorder_free(recorder);

	recorder = open_two(&event, 1);
	hw_recorder_start(recorder);
	hw_recorder_select(recorder, 1);
	hw_recorder_select(recorder, 5); /* there is none */
	touch_pages(PAGES);
	hw_recorder_select(recorder, 0);
	touch_pages(3 * PAGES);
	finish(recorder, &second);
	hw_recorder_select(recorder, 1); /* too late */
	touch_pages(PAGES);
	take(recorder, &second, true);
	assert_in_range(second.large, PAGES, PAGES + 100);
	assert_in_range(second.small, 3 * PAGES, 3 * PAGES + 100);
	hw_recorder_free(recorder);
	free_events(&event, 1);
}

/* All leaders switch together, and their groups with them: the same faults are counted by both members of a group, and
 * beside the samples by the counting event, which does not switch. */
static void groups_switch_as_one(void **state)
{
	struct hw_event events[] = { faults(1), software(PERF_COUNT_SW_PAGE_FAULTS_MIN, 1) };
	struct hw_recorder *recorder;
	struct hw_recorder_stats stats;
	struct hw_recorder_event_stats of_event[2];
	struct sums sums = { 0 };
	(void)state;

	events[0].group = events[1].group = 1;
	recorder = open_two(events, 2);
	if (!rings_are_large(recorder)) {
		free_events(events, 2);
		skip();
	}
	hw_recorder_start(recorder);
	for (uint32_t i = 0; i < 20; i++) {
		touch_pages(PAGES / 10);
		hw_recorder_select(recorder, i % 2);
	}
	finish(recorder, &sums);
	hw_recorder_stats(recorder, &stats, of_event);
	assert_int_equal(stats.lost, 0);
	assert_in_range(sums.events[0], 2 * PAGES, 2 * PAGES + 200);
	assert_int_equal(sums.events[0], sums.events[1]);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(sums.events[i], of_event[i].own.value);
		assert_true(of_event[i].has_twin);
		assert_in_range(of_event[i].twin.value, sums.events[i], sums.events[i] + 1000);
		assert_int_equal(of_event[i].own.time_enabled_ns, of_event[i].own.time_running_ns);
	}
	hw_recorder_free(recorder);
	free_events(events, 2);
}

/* Where they would cost each thread too many copies of events, there is the first only, and why; whole CPUs have no
 * threads to copy events for. */
static void too_many_copies_leave_one_variant(void **state)
{
	const struct hw_variant variants[HW_VARIANT_COPIES_MAX + 2] = { [1] = { .stack_size_bytes = LARGE } };
	struct hw_event event = faults(1);
	struct hw_recorder_config config = { .events = &event,
					     .event_count = 1,
					     .sampling = { .stack_size_bytes = SMALL },
					     .variants = variants,
					     .variant_count = HW_COUNT_OF(variants) };
	struct hw_err err = { 0 };
	struct hw_recorder *recorder = hw_recorder_new(&config, &err);
	(void)state;

	assert_non_null(recorder);
	if (hw_recorder_open(recorder, (pid_t)syscall(SYS_gettid), &err) < 0) {
		hw_recorder_free(recorder);
		skip();
	}
	assert_int_equal(hw_recorder_variants(recorder), 1);
	assert_non_null(strstr(hw_recorder_variants_missing(recorder), "copies of events"));
	hw_recorder_select(recorder, 1); /* there is none */
	hw_recorder_free(recorder);

	recorder = hw_recorder_new(&config, &err);
	assert_non_null(recorder);
	if (hw_recorder_open(recorder, -1, &err) == 0) {
		assert_int_equal(hw_recorder_variants(recorder), 2);
		assert_null(hw_recorder_variants_missing(recorder));
	}
	hw_recorder_free(recorder);
	free_events(&event, 1);
}

static void *touch_a_little(void *leave)
{
	for (int i = 0; i < 5; i++)
		touch_pages(PAGES / 10);
	return leave;
}

static void *come_and_go(void *leave)
{
	while (!atomic_load((atomic_bool *)leave)) {
		pthread_t thread;

		touch_pages(PAGES / 10);
		if (pthread_create(&thread, NULL, touch_a_little, NULL) != 0)
			abort();
		(void)pthread_join(thread, NULL);
	}
	return NULL;
}

/* Threads are born all the time and their copies of the events switched with all others: nothing is sampled twice, and
 * little left out, whichever moment a switch meets. The periods add up to what was counted, but for one of each thread
 * and CPU and variant. */
static void switches_keep_the_sum(void **state)
{
	struct hw_event event = faults(3);
	struct hw_recorder *recorder = open_two(&event, 1);
	struct hw_recorder_stats stats;
	struct hw_recorder_event_stats of_event;
	struct sums sums = { 0 };
	pthread_t threads[4];
	atomic_bool leave = false;
	(void)state;

	hw_recorder_start(recorder);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, come_and_go, &leave), 0);
	for (uint32_t i = 0; i < 200; i++) {
		hw_recorder_select(recorder, i % 2);
		sleep_ns(1200000);
		take(recorder, &sums, false);
	}
	atomic_store(&leave, true);
	for (int i = 0; i < 4; i++)
		(void)pthread_join(threads[i], NULL);
	finish(recorder, &sums);
	hw_recorder_stats(recorder, &stats, &of_event);
	print_message("%lu sampled, %lu counted by these events, %lu by the one beside them, %lu lost\n",
		      (unsigned long)sums.events[0], (unsigned long)of_event.own.value,
		      (unsigned long)of_event.twin.value, (unsigned long)stats.lost);
	assert_true(sums.small > 100 && sums.large > 100);
	assert_in_range(of_event.own.value, of_event.twin.value - of_event.twin.value / 100,
			of_event.twin.value + of_event.twin.value / 1000);
	assert_in_range(sums.events[0] + 3 * stats.lost, of_event.own.value - of_event.own.value / 10,
			of_event.own.value);
	hw_recorder_free(recorder);
	free_events(&event, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(variants_differ_in_what_they_say),
		cmocka_unit_test(variants_without_a_difference_are_left_out),
		cmocka_unit_test(the_selected_variant_samples),
		cmocka_unit_test(groups_switch_as_one),
		cmocka_unit_test(too_many_copies_leave_one_variant),
		cmocka_unit_test(switches_keep_the_sum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
