/* unwind/callchain.c: markers, leaves and callers. */
#include "unwind/callchain.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct hw_frames frames; /* 24 KiB */

static struct hw_sample sample_of(const uint64_t *words, size_t count, uint16_t cpumode, uint64_t ip)
{
	frames.count = frames.kernel_count = 0;
	return (struct hw_sample){ .callchain = (const uint8_t *)words,
				   .callchain_count = count,
				   .cpumode = cpumode,
				   .ip_avma = ip };
}

static void assert_frame(size_t index, uint64_t avma, enum hw_frame_kind kind, enum hw_frame_origin origin,
			 bool kernel)
{
	assert_true(index < frames.count);
	assert_int_equal(frames.at[index].avma, avma);
	assert_int_equal(frames.at[index].kind, kind);
	assert_int_equal(frames.at[index].origin, origin);
	assert_int_equal(frames.at[index].kernel, kernel);
}

/* A sample in the kernel: its leaf is the sampled (precise) address, not the interrupted one; callers follow. */
static void the_kernel_leaf_is_the_sampled_address(void **state)
{
	const uint64_t words[] = { PERF_CONTEXT_KERNEL, 0xffffffff81000010, 0xffffffff81000020,
				   PERF_CONTEXT_USER,	0x401000,	    0x402000 };
	const struct hw_sample sample =
		sample_of(words, HW_COUNT_OF(words), PERF_RECORD_MISC_KERNEL, 0xffffffff8100000c);

	(void)state;
	hw_callchain_kernel(&sample, &frames);
	assert_int_equal(frames.count, 2);
	assert_int_equal(frames.kernel_count, 2);
	assert_frame(0, 0xffffffff8100000c, HW_FRAME_IP, HW_ORIGIN_SAMPLE, true);
	assert_frame(1, 0xffffffff81000020, HW_FRAME_RETURN_ADDRESS, HW_ORIGIN_CALLCHAIN, true);
}

/* The first user frame under a kernel part was interrupted too, by a system call or a fault: no return address. */
static void the_first_user_frame_was_interrupted(void **state)
{
	const uint64_t words[] = { PERF_CONTEXT_KERNEL, 0xffffffff81000010, PERF_CONTEXT_USER, 0x401000,
				   0x402000 };
	const struct hw_sample sample =
		sample_of(words, HW_COUNT_OF(words), PERF_RECORD_MISC_KERNEL, 0xffffffff81000010);

	(void)state;
	assert_int_equal(hw_callchain_user(&sample, &frames), 2);
	assert_frame(0, 0x401000, HW_FRAME_IP, HW_ORIGIN_CALLCHAIN, false);
	assert_frame(1, 0x402000, HW_FRAME_RETURN_ADDRESS, HW_ORIGIN_CALLCHAIN, false);
}

/* A precise event sampled in user space whose interrupt came in the kernel: the kernel frames are not its own. */
static void a_user_sample_has_no_kernel_part(void **state)
{
	const uint64_t words[] = { PERF_CONTEXT_KERNEL, 0xffffffff81000010, PERF_CONTEXT_USER, 0x401008,
				   0x402000 };
	const struct hw_sample sample = sample_of(words, HW_COUNT_OF(words), PERF_RECORD_MISC_USER, 0x401000);

	(void)state;
	hw_callchain_kernel(&sample, &frames);
	assert_int_equal(frames.count, 0);
	assert_int_equal(hw_callchain_user(&sample, &frames), 2);
	assert_frame(0, 0x401000, HW_FRAME_IP, HW_ORIGIN_SAMPLE, false);
	assert_frame(1, 0x402000, HW_FRAME_RETURN_ADDRESS, HW_ORIGIN_CALLCHAIN, false);
}

/* A kernel sample without a callchain still has its leaf; a user one adds nothing. */
static void without_a_callchain(void **state)
{
	const struct hw_sample sample = sample_of(NULL, 0, PERF_RECORD_MISC_KERNEL, 0xffffffff81000010);

	(void)state;
	hw_callchain_kernel(&sample, &frames);
	assert_int_equal(frames.count, 1);
	assert_frame(0, 0xffffffff81000010, HW_FRAME_IP, HW_ORIGIN_SAMPLE, true);
	assert_int_equal(hw_callchain_user(&sample, &frames), 0);
}

/* Entries of a guest or of no known part, and markers this does not know, are left out. */
static void other_parts_are_left_out(void **state)
{
	const uint64_t words[] = {
		0x1, PERF_CONTEXT_HV, 0x2, PERF_CONTEXT_GUEST_USER, 0x3,     (uint64_t)PERF_CONTEXT_MAX,
		0x4, UINT64_MAX,      0x5, PERF_CONTEXT_USER,	    0x401000
	};
	const struct hw_sample sample = sample_of(words, HW_COUNT_OF(words), PERF_RECORD_MISC_USER, 0x401000);

	(void)state;
	hw_callchain_kernel(&sample, &frames);
	assert_int_equal(hw_callchain_user(&sample, &frames), 1);
	assert_int_equal(frames.count, 1);
}

/* More entries than there is room for are cut, not written past the end. */
static void a_long_callchain_is_cut(void **state)
{
	static uint64_t words[HW_FRAMES_MAX + 100];
	struct hw_sample sample;

	(void)state;
	words[0] = PERF_CONTEXT_USER;
	for (size_t i = 1; i < HW_COUNT_OF(words); i++)
		words[i] = 0x400000 + i;
	sample = sample_of(words, HW_COUNT_OF(words), PERF_RECORD_MISC_USER, 0x400001);
	assert_int_equal(hw_callchain_user(&sample, &frames), HW_FRAMES_MAX);
	assert_int_equal(frames.count, HW_FRAMES_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_kernel_leaf_is_the_sampled_address),
		cmocka_unit_test(the_first_user_frame_was_interrupted),
		cmocka_unit_test(a_user_sample_has_no_kernel_part),
		cmocka_unit_test(without_a_callchain),
		cmocka_unit_test(other_parts_are_left_out),
		cmocka_unit_test(a_long_callchain_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
