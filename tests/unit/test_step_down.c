/* What is given up for which refusal, and what never is. */
#include "event/step_down.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>

static struct hw_event cycles(void)
{
	return (struct hw_event){
		.text = hw_strdup("cycles"),
		.name = hw_strdup("cycles"),
		.unit = "count",
		.attr = { .type = PERF_TYPE_HARDWARE,
			  .config = PERF_COUNT_HW_CPU_CYCLES,
			  .freq = 1,
			  .sample_freq = 999 },
	};
}

static void release(struct hw_event *event, struct hw_buf *note)
{
	free(event->text);
	free(event->name);
	hw_buf_fini(note);
}

/* Without CAP_PERFMON the kernel half goes, once, and that is said. */
static void permission_costs_the_kernel_half(void **state)
{
	struct hw_event event = cycles();
	struct hw_buf note = { 0 };

	(void)state;
	assert_true(hw_event_step_down(&event, EACCES, &note));
	assert_true(event.attr.exclude_kernel);
	assert_non_null(strstr(hw_buf_str(&note), "perf_event_paranoid"));
	assert_false(hw_event_step_down(&event, EACCES, &note));
	release(&event, &note);
}

/* Kernel samples that were asked for are not traded for user samples. */
static void kernel_only_is_never_given_up(void **state)
{
	struct hw_event event = cycles();
	struct hw_buf note = { 0 };

	(void)state;
	event.attr.exclude_user = 1;
	assert_false(hw_event_step_down(&event, EACCES, &note));
	assert_false(event.attr.exclude_kernel);
	release(&event, &note);
}

/* What happens in the kernel only would be 0 for ever without it; a page fault has both halves. */
static void what_happens_in_the_kernel_is_never_given_up(void **state)
{
	struct hw_event event = cycles();
	struct hw_buf note = { 0 };
	struct hw_err err = { 0 };

	(void)state;
	event.attr.type = PERF_TYPE_SOFTWARE;
	event.attr.config = PERF_COUNT_SW_CONTEXT_SWITCHES;
	assert_false(hw_event_step_down(&event, EACCES, &note));
	assert_false(event.attr.exclude_kernel);
	assert_int_equal(hw_event_check_level(&event, &err), 0);
	event.attr.exclude_kernel = 1;
	assert_int_equal(hw_event_check_level(&event, &err), -1);
	assert_int_equal(err.kind, HW_ERR_EVENT);
	event.attr.config = PERF_COUNT_SW_PAGE_FAULTS;
	assert_int_equal(hw_event_check_level(&event, &err), 0);
	event.attr.exclude_kernel = 0;
	assert_true(hw_event_step_down(&event, EACCES, &note));
	release(&event, &note);
}

/* Only the default becomes a timer; an event asked for by name does not. */
static void only_the_default_falls_back_to_a_clock(void **state)
{
	struct hw_event asked = cycles();
	struct hw_event standard = cycles();
	struct hw_buf note = { 0 };

	(void)state;
	assert_false(hw_event_step_down(&asked, ENOENT, &note));
	assert_string_equal(asked.name, "cycles");
	standard.is_default = true;
	assert_true(hw_event_step_down(&standard, ENOENT, &note));
	assert_int_equal(standard.attr.type, PERF_TYPE_SOFTWARE);
	assert_int_equal(standard.attr.config, PERF_COUNT_SW_CPU_CLOCK);
	assert_int_equal(standard.attr.sample_freq, 999);
	assert_string_equal(standard.name, "cpu-clock");
	assert_string_equal(standard.unit, "nanoseconds");
	assert_non_null(strstr(hw_buf_str(&note), "cpu-clock"));
	assert_false(hw_event_step_down(&standard, ENOENT, &note));
	release(&asked, &note);
	release(&standard, &note);
}

/* A period in cycles may be shorter than the timer's shortest, with which samples would weigh too little. */
static void the_clock_gets_a_period_it_has(void **state)
{
	struct hw_event event = cycles();
	struct hw_buf note = { 0 };

	(void)state;
	event.is_default = true;
	event.attr.freq = 0;
	event.attr.sample_period = 1000;
	assert_true(hw_event_step_down(&event, ENOENT, &note));
	assert_int_equal(event.attr.sample_period, 10000);
	assert_non_null(strstr(hw_buf_str(&note), "10000 ns"));
	release(&event, &note);
}

/* A precise level goes down one by one, with the level that is left and the one asked for in the note. */
static void precise_level_goes_down_by_one(void **state)
{
	struct hw_event event = cycles();
	struct hw_buf note = { 0 };

	(void)state;
	event.attr.precise_ip = 2;
	event.precise_asked = 2;
	assert_true(hw_event_step_down(&event, EOPNOTSUPP, &note));
	assert_int_equal(event.attr.precise_ip, 1);
	assert_true(hw_event_step_down(&event, EOPNOTSUPP, &note));
	assert_int_equal(event.attr.precise_ip, 0);
	assert_false(hw_event_step_down(&event, EOPNOTSUPP, &note));
	hw_event_note_precise(&event, &note);
	assert_non_null(strstr(hw_buf_str(&note), "level 0, not 2"));
	release(&event, &note);
}

/* A kernel too old for a field says EINVAL or E2BIG: fields go one at a time, and it ends. */
static void old_kernels_cost_one_field_at_a_time(void **state)
{
	struct hw_event event = cycles();
	struct hw_buf note = { 0 };
	const struct hw_sampling sampling = { .stack_size_bytes = 1024,
					      .user_regs_mask = 0xff,
					      .callchain = true };
	int steps = 0;

	(void)state;
	event.attr.read_format = 1u << 4; /* PERF_FORMAT_LOST */
	event.attr.build_id = event.attr.use_clockid = event.attr.comm_exec = 1;
	event.attr.sample_type = PERF_SAMPLE_STACK_USER | PERF_SAMPLE_REGS_USER;
	event.attr.sample_stack_user = sampling.stack_size_bytes;
	while (hw_event_step_down(&event, EINVAL, &note)) {
		steps++;
		assert_true(steps < 20);
	}
	assert_int_equal(steps, 5);
	assert_int_equal(event.attr.read_format, 0);
	assert_int_equal(event.attr.sample_type, 0);
	assert_string_equal(event.name, "cycles");
	release(&event, &note);
}

/* What was asked for by its letter stays, whatever the kernel says: guests, pinning, exclusiveness, idle time. */
static void what_was_asked_for_is_never_given_up(void **state)
{
	struct hw_event event = cycles();
	struct hw_buf note = { 0 };

	(void)state;
	event.attr.exclude_guest = 1;
	assert_true(hw_event_step_down(&event, EINVAL, &note));
	assert_int_equal(event.attr.exclude_guest, 0);
	event.guest_asked = true;
	event.attr.exclude_guest = 1;
	event.attr.exclude_host = event.attr.pinned = event.attr.exclusive = event.attr.exclude_idle = 1;
	assert_false(hw_event_step_down(&event, EINVAL, &note));
	assert_true(event.attr.exclude_host && event.attr.exclude_guest);
	assert_true(event.attr.pinned && event.attr.exclusive && event.attr.exclude_idle);
	release(&event, &note);
}

/* The best level there is ends at the level that opens, and says that nothing higher is there. */
static void the_best_level_says_how_far_it_went(void **state)
{
	struct hw_event event = cycles();
	struct hw_buf note = { 0 };

	(void)state;
	event.attr.precise_ip = 3;
	event.precise_asked = 3;
	event.precise_max = true;
	assert_true(hw_event_step_down(&event, EINVAL, &note));
	hw_event_note_precise(&event, &note);
	assert_string_equal(hw_buf_str(&note),
			    "cycles is sampled at precise level 2, the highest this machine has");
	release(&event, &note);
}

/* Nothing about the attr helps against these. */
static void other_errors_give_up_nothing(void **state)
{
	static const int errors[] = { ESRCH, EMFILE, ENOMEM, EBUSY, EBADF };
	struct hw_event event = cycles();
	struct hw_buf note = { 0 };

	(void)state;
	event.is_default = true;
	event.attr.precise_ip = 1;
	for (size_t i = 0; i < HW_COUNT_OF(errors); i++)
		assert_false(hw_event_step_down(&event, errors[i], &note));
	release(&event, &note);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(permission_costs_the_kernel_half),
		cmocka_unit_test(kernel_only_is_never_given_up),
		cmocka_unit_test(what_happens_in_the_kernel_is_never_given_up),
		cmocka_unit_test(only_the_default_falls_back_to_a_clock),
		cmocka_unit_test(the_clock_gets_a_period_it_has),
		cmocka_unit_test(precise_level_goes_down_by_one),
		cmocka_unit_test(old_kernels_cost_one_field_at_a_time),
		cmocka_unit_test(what_was_asked_for_is_never_given_up),
		cmocka_unit_test(the_best_level_says_how_far_it_went),
		cmocka_unit_test(other_errors_give_up_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
