#include "event/attr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void assert_text(const struct perf_event_attr *attr, const char *expected)
{
	struct hw_buf text = { 0 };

	hw_attr_print(&text, attr);
	assert_string_equal(hw_buf_str(&text), expected);
	hw_buf_fini(&text);
}

/* The leader of a ring, with registers and stack: the whole attr as it is opened. */
static void sampling_with_stack_and_sideband(void **state)
{
	const struct hw_sampling sampling = { .stack_size_bytes = 32768,
					      .user_regs_mask = 0xff0fff,
					      .callchain = true };
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE, .freq = 1, .sample_freq = 997, .exclude_guest = 1
	};

	(void)state;
	hw_attr_set_sampling(&attr, &sampling, true);
	assert_text(&attr, "type = 1 (software)\n"
			   "config = 0x0\n"
			   "sample_freq = 997\n"
			   "sample_type = IP|TID|TIME|CALLCHAIN|CPU|PERIOD|REGS_USER|STACK_USER|IDENTIFIER\n"
			   "read_format = TOTAL_TIME_ENABLED|TOTAL_TIME_RUNNING|ID|LOST\n"
			   "disabled = 1\n"
			   "inherit = 1\n"
			   "exclude_guest = 1\n"
			   "exclude_callchain_user = 1\n"
			   "mmap = 1\n"
			   "mmap2 = 1\n"
			   "build_id = 1\n"
			   "comm = 1\n"
			   "comm_exec = 1\n"
			   "task = 1\n"
			   "ksymbol = 1\n"
			   "sample_id_all = 1\n"
			   "clockid = 1 (monotonic)\n"
			   "sample_regs_user = 0xff0fff\n"
			   "sample_stack_user = 32768\n");
}

/* Frame pointers by the kernel: its callchain with the user half, no registers, no stack, nothing of the ring's
 * leader. */
static void sampling_with_frame_pointers(void **state)
{
	const struct hw_sampling sampling = { .callchain = true, .callchain_user = true };
	struct perf_event_attr attr = { .type = PERF_TYPE_RAW, .config = 0x1a8, .sample_period = 100003 };

	(void)state;
	hw_attr_set_sampling(&attr, &sampling, false);
	assert_text(&attr, "type = 4 (raw)\n"
			   "config = 0x1a8\n"
			   "sample_period = 100003\n"
			   "sample_type = IP|TID|TIME|CALLCHAIN|CPU|PERIOD|IDENTIFIER\n"
			   "read_format = TOTAL_TIME_ENABLED|TOTAL_TIME_RUNNING|ID|LOST\n"
			   "disabled = 1\n"
			   "inherit = 1\n"
			   "sample_id_all = 1\n"
			   "clockid = 1 (monotonic)\n");
}

/* No callchain: its exclude bit stays off, as kernels refuse nothing but keep nothing either. */
static void sampling_without_stacks(void **state)
{
	const struct hw_sampling sampling = { 0 };
	struct perf_event_attr attr = { 0 };

	(void)state;
	hw_attr_set_sampling(&attr, &sampling, false);
	assert_int_equal(attr.exclude_callchain_user, 0);
	assert_int_equal(attr.sample_type &
				 (PERF_SAMPLE_CALLCHAIN | PERF_SAMPLE_REGS_USER | PERF_SAMPLE_STACK_USER),
			 0);
}

/* What the event says of itself stays. */
static void sampling_keeps_the_event(void **state)
{
	const struct hw_sampling sampling = { .callchain = true };
	struct perf_event_attr attr = { .type = 9,
					.config = 1,
					.config1 = 2,
					.config2 = 3,
					.exclude_kernel = 1,
					.exclude_hv = 1,
					.precise_ip = 2,
					.freq = 1,
					.sample_freq = 99 };

	(void)state;
	hw_attr_set_sampling(&attr, &sampling, false);
	assert_int_equal(attr.type, 9);
	assert_int_equal(attr.config1, 2);
	assert_int_equal(attr.config2, 3);
	assert_int_equal(attr.precise_ip, 2);
	assert_int_equal(attr.exclude_kernel, 1);
	assert_int_equal(attr.exclude_user, 0);
	assert_int_equal(attr.sample_freq, 99);
}

/* Type and config are shown even when they are 0, other zeros are not; bits without a name are shown as a number. */
static void unknown_bits_are_shown(void **state)
{
	const struct perf_event_attr plain = { 0 };
	const struct perf_event_attr odd = { .type = 77,
					     .config = 0xff,
					     .config2 = 16,
					     .sample_type = PERF_SAMPLE_IP | UINT64_C(1) << 40,
					     .read_format = UINT64_C(1) << 63,
					     .precise_ip = 3,
					     .wakeup_events = 5 };

	(void)state;
	assert_text(&plain, "type = 0 (hardware)\nconfig = 0x0\n");
	assert_text(&odd, "type = 77 (pmu)\n"
			  "config = 0xff\n"
			  "config2 = 0x10\n"
			  "sample_type = IP|0x10000000000\n"
			  "read_format = 0x8000000000000000\n"
			  "precise_ip = 3\n"
			  "wakeup_events = 5\n");
}

/* Asked for the period in each sample, the kernel would sample a software event every time it happens: with a fixed
 * period it is not asked. Timers and hardware keep it. */
static void period_of_software_events_is_not_sampled(void **state)
{
	const struct hw_sampling sampling = { 0 };
	struct perf_event_attr faults = { .type = PERF_TYPE_SOFTWARE,
					  .config = PERF_COUNT_SW_PAGE_FAULTS,
					  .sample_period = 100 };
	struct perf_event_attr each_fault = faults;
	struct perf_event_attr faults_by_frequency = faults;
	struct perf_event_attr tracepoint = faults;
	struct perf_event_attr clock = faults;
	struct perf_event_attr cycles = faults;

	(void)state;
	each_fault.sample_period = 1;
	faults_by_frequency.freq = 1;
	tracepoint.type = PERF_TYPE_TRACEPOINT;
	clock.config = PERF_COUNT_SW_CPU_CLOCK;
	cycles.type = PERF_TYPE_HARDWARE;
	hw_attr_set_sampling(&faults, &sampling, false);
	hw_attr_set_sampling(&each_fault, &sampling, false);
	hw_attr_set_sampling(&faults_by_frequency, &sampling, false);
	hw_attr_set_sampling(&tracepoint, &sampling, false);
	hw_attr_set_sampling(&clock, &sampling, false);
	hw_attr_set_sampling(&cycles, &sampling, false);
	assert_false(faults.sample_type & PERF_SAMPLE_PERIOD);
	assert_true(each_fault.sample_type & PERF_SAMPLE_PERIOD);
	assert_true(faults_by_frequency.sample_type & PERF_SAMPLE_PERIOD);
	assert_false(tracepoint.sample_type & PERF_SAMPLE_PERIOD);
	assert_true(clock.sample_type & PERF_SAMPLE_PERIOD);
	assert_true(cycles.sample_type & PERF_SAMPLE_PERIOD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sampling_with_stack_and_sideband),
		cmocka_unit_test(sampling_with_frame_pointers),
		cmocka_unit_test(sampling_without_stacks),
		cmocka_unit_test(sampling_keeps_the_event),
		cmocka_unit_test(unknown_bits_are_shown),
		cmocka_unit_test(period_of_software_events_is_not_sampled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
