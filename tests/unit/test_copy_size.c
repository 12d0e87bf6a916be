/* When copies of the stack are taken for too small. */
#include "copy_size.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>

static struct hw_copy_size by_what_is_seen(void)
{
	struct hw_copy_size copies;

	assert_int_equal(hw_copy_size_init(&copies, 0, NULL), 0);
	return copies;
}

/* `count` samples, each n-th of which is cut; how many it took until that is too many, 0 when it never is. */
static uint64_t see(struct hw_copy_size *copies, uint64_t count, uint64_t n)
{
	const struct hw_sample sample = { .user_stack_size = copies->start_bytes };

	for (uint64_t i = 1; i <= count; i++)
		if (hw_copy_size_see(copies, &sample, n && i % n == 0 ? HW_END_TRUNCATED : HW_END_ROOT))
			return i;
	return 0;
}

/* A size that was asked for stays, and is one that a record can hold. */
static void an_asked_size_is_fixed(void **state)
{
	struct hw_copy_size copies;
	struct hw_variant variants[2];
	struct hw_err err = { 0 };
	(void)state;

	assert_int_equal(hw_copy_size_init(&copies, 8192, &err), 0);
	assert_int_equal(hw_copy_size_variants(&copies, variants), 1);
	assert_int_equal(variants[0].stack_size_bytes, 8192);
	assert_int_equal(see(&copies, 5000, 1), 0);
	assert_int_equal(hw_copy_size_init(&copies, HW_COPY_SIZE_LIMIT, &err), 0);
	assert_int_equal(hw_copy_size_init(&copies, HW_COPY_SIZE_LIMIT + 8, &err), -1);
	assert_int_equal(err.kind, HW_ERR_USAGE);
	assert_int_equal(hw_copy_size_init(&copies, 8191, &err), -1);
	assert_int_equal(err.kind, HW_ERR_USAGE);
}

/* Without one there are two to record with. */
static void the_default_can_be_raised(void **state)
{
	struct hw_copy_size copies = by_what_is_seen();
	struct hw_variant variants[2];
	(void)state;

	assert_int_equal(hw_copy_size_variants(&copies, variants), 2);
	assert_int_equal(variants[0].stack_size_bytes, HW_COPY_SIZE_START);
	assert_int_equal(variants[1].stack_size_bytes, HW_COPY_SIZE_LIMIT);
}

/* More than 1 % of the stacks, not just 1 % of them; and not before there are enough to say so. */
static void more_than_one_percent_is_too_many(void **state)
{
	struct hw_copy_size copies = by_what_is_seen();
	(void)state;

	assert_int_equal(see(&copies, 100000, 103), 0); /* 9 or 10 of 1,024 */
	copies = by_what_is_seen();
	assert_int_equal(see(&copies, 5000, 90), 8 * 90);
	copies = by_what_is_seen();
	assert_int_equal(see(&copies, 5000, 1), HW_COPY_SIZE_CUT_LEAST);
}

/* What counts is the last 1,024: a program that becomes deep late is noticed as soon as one that begins so, and one that
 * was deep for a moment, long ago, is not. 11 of 1,024 are more than 1 %. */
static void only_the_last_samples_count(void **state)
{
	struct hw_copy_size copies = by_what_is_seen();
	(void)state;

	assert_int_equal(see(&copies, 1000000, 0), 0);
	assert_int_equal(see(&copies, 5000, 1), 11);

	copies = by_what_is_seen();
	for (int phase = 0; phase < 20; phase++) {
		assert_int_equal(see(&copies, HW_COPY_SIZE_WINDOW, 0), 0);
		assert_int_equal(see(&copies, 10, 1), 0);
		assert_int_equal(copies.cut, 10);
	}
}

/* A stack that has less than was to be copied is not cut for that reason; a sample without a user stack says nothing. */
static void only_full_copies_are_too_small(void **state)
{
	struct hw_copy_size copies = by_what_is_seen();
	const struct hw_sample smaller = { .user_stack_size = copies.start_bytes - 8 };
	const struct hw_sample kernel = { .user_stack_size = 0 };
	(void)state;

	for (int i = 0; i < 5000; i++) {
		assert_false(hw_copy_size_see(&copies, &smaller, HW_END_TRUNCATED));
		assert_false(hw_copy_size_see(&copies, &kernel, HW_END_KERNEL_ONLY));
	}
	assert_int_equal(copies.seen, 5000);
}

/* Once it is raised it is not raised again, and says when and why. */
static void what_was_raised_is_said(void **state)
{
	struct hw_copy_size copies = by_what_is_seen();
	struct hw_quality quality = { 0 };
	(void)state;

	hw_copy_size_disclose(&copies, &quality);
	assert_int_equal(quality.stack_size_bytes, HW_COPY_SIZE_START);
	assert_int_equal(quality.stack_raised_bytes + quality.stack_raised_after + quality.notes.count, 0);
	assert_int_equal(see(&copies, 5000, 2), 16);
	assert_true(hw_copy_size_raise(&copies));
	assert_int_equal(see(&copies, 5000, 1), 0);
	hw_copy_size_disclose(&copies, &quality);
	assert_int_equal(quality.stack_size_bytes, HW_COPY_SIZE_START);
	assert_int_equal(quality.stack_raised_bytes, HW_COPY_SIZE_LIMIT);
	assert_int_equal(quality.stack_raised_after, 16);
	assert_int_equal(quality.notes.count, 1);
	assert_non_null(
		strstr(quality.notes.at[0], "to 60 KiB after 16 samples, when 50.0 % of the last 16 stacks"));
	hw_quality_fini(&quality);
}

/* Where it cannot be raised, that is said if it would have been, and not otherwise. */
static void what_cannot_be_raised_is_said_when_it_matters(void **state)
{
	struct hw_copy_size copies = by_what_is_seen();
	struct hw_quality quality = { 0 };
	(void)state;

	hw_copy_size_set_missing(&copies, "no room");
	assert_int_equal(see(&copies, 5000, 0), 0);
	hw_copy_size_disclose(&copies, &quality);
	assert_int_equal(quality.notes.count, 0);
	assert_int_equal(see(&copies, 5000, 1), 11);
	assert_false(hw_copy_size_raise(&copies));
	assert_int_equal(see(&copies, 5000, 1), 0);
	hw_copy_size_disclose(&copies, &quality);
	assert_int_equal(quality.stack_raised_bytes + quality.stack_raised_after, 0);
	assert_int_equal(quality.notes.count, 1);
	assert_non_null(strstr(quality.notes.at[0], "stayed at 32 KiB after 5011 samples"));
	assert_non_null(strstr(quality.notes.at[0], "no room"));
	hw_quality_fini(&quality);
	hw_copy_size_fini(&copies);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_asked_size_is_fixed),
		cmocka_unit_test(the_default_can_be_raised),
		cmocka_unit_test(more_than_one_percent_is_too_many),
		cmocka_unit_test(only_the_last_samples_count),
		cmocka_unit_test(only_full_copies_are_too_small),
		cmocka_unit_test(what_was_raised_is_said),
		cmocka_unit_test(what_cannot_be_raised_is_said_when_it_matters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
