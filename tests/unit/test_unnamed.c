#include "profile/unnamed.h"
#include "tests/lib/profile_builder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>

/* Sum up a profile's only sample type. */
static struct hw_profile *sum_up(struct hw_unnamed *unnamed, const char *text)
{
	struct hw_profile *profile = hw_test_profile("cycles/count", text);

	hw_unnamed_init(unnamed, profile, profile->values.at);
	return profile;
}

static void assert_file(const struct hw_unnamed *unnamed, size_t at, const char *dso, int64_t leaf,
			int64_t any)
{
	assert_true(at < unnamed->files.count);
	assert_string_equal(unnamed->files.at[at].dso, dso);
	assert_int_equal(unnamed->files.at[at].leaf, leaf);
	assert_int_equal(unnamed->files.at[at].any, any);
}

/* By file, largest first: the samples taken in unnamed code, and those that have some anywhere. A sample counts once for
 * each file, and once in the sum. By hand: leaf 30 + 8 of 100. */
static void values_are_summed_by_file(void **state)
{
	struct hw_unnamed unnamed;
	HW_AUTO(hw_profile_freep)
	struct hw_profile *profile = sum_up(&unnamed, "main;f 50\n"
						      "main;0x100!a.so;0x200!a.so 30\n"
						      "main;0x100!a.so;0x300!b.so 8\n"
						      "main;0x300!b.so;g 12\n");
	(void)state, (void)profile;

	assert_int_equal(unnamed.files.count, 2);
	assert_file(&unnamed, 0, "a.so", 30, 38);
	assert_file(&unnamed, 1, "b.so", 8, 20);
	assert_int_equal(unnamed.leaf, 38);
	assert_int_equal(unnamed.any, 50);
	hw_unnamed_fini(&unnamed);
}

/* Names that stand for an address are none; the marks of a stack's end are no code. */
static void stand_ins_are_no_names(void **state)
{
	struct hw_unnamed unnamed;
	HW_AUTO(hw_profile_freep)
	struct hw_profile *profile = sum_up(&unnamed, "[truncated];f 1\n"
						      "[broken];f 2\n"
						      "main;[libx.so+0x12]!libx.so 4\n"
						      "main;[unknown] 8\n"
						      "main;operator[] 16\n");
	(void)state, (void)profile;

	assert_int_equal(unnamed.leaf, 12);
	assert_int_equal(unnamed.any, 12);
	assert_int_equal(unnamed.files.count, 2);
	hw_unnamed_fini(&unnamed);
}

/* Where everything has a name there is nothing to tell; values that are left out (0) count nowhere. */
static void nothing_is_told_of_named_code(void **state)
{
	struct hw_unnamed unnamed;
	HW_AUTO(hw_profile_freep)
	struct hw_profile *profile = sum_up(&unnamed, "main;f 1\nmain;0x1!a.so 2\n");
	const int64_t only_first[] = { 1, 0 };
	(void)state;

	hw_unnamed_fini(&unnamed);
	hw_unnamed_init(&unnamed, profile, only_first);
	assert_int_equal(unnamed.files.count, 0);
	assert_int_equal(unnamed.leaf, 0);
	assert_int_equal(unnamed.any, 0);
	hw_unnamed_fini(&unnamed);
}

/* Differences and hostile values: absolute values, held at the end of the range. */
static void sums_do_not_wrap(void **state)
{
	struct hw_unnamed unnamed;
	HW_AUTO(hw_profile_freep)
	struct hw_profile *profile = sum_up(&unnamed, "main;0x1!a.so 2\nf;0x1!a.so 3\ng;0x1!a.so 1\n");
	const int64_t values[] = { INT64_MIN, -5, INT64_MAX };
	(void)state;

	hw_unnamed_fini(&unnamed);
	hw_unnamed_init(&unnamed, profile, values);
	assert_file(&unnamed, 0, "a.so", INT64_MAX, INT64_MAX);
	assert_int_equal(unnamed.leaf, INT64_MAX);
	hw_unnamed_fini(&unnamed);
}

/* Help is of a file by its name and build-id both. */
static void help_is_of_one_build(void **state)
{
	struct hw_unnamed unnamed;
	HW_AUTO(hw_profile_freep) struct hw_profile *profile = sum_up(&unnamed, "main;0x1!a.so 2\n");
	const struct hw_unnamed_help help = { hw_strdup("a.so"), hw_strdup("ab"), hw_strdup("stripped"),
					      hw_strdup("do not") };
	struct hw_unnamed_file file = { .dso = "a.so", .build_id = "ab" };
	(void)state;

	hw_vec_push(&profile->quality.unnamed, help);
	assert_null(hw_unnamed_help_of(profile, &unnamed.files.at[0]));
	assert_string_equal(hw_unnamed_help_of(profile, &file)->cause, "stripped");
	file.dso = "b.so";
	assert_null(hw_unnamed_help_of(profile, &file));
	hw_unnamed_fini(&unnamed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_summed_by_file),	 cmocka_unit_test(stand_ins_are_no_names),
		cmocka_unit_test(nothing_is_told_of_named_code), cmocka_unit_test(sums_do_not_wrap),
		cmocka_unit_test(help_is_of_one_build),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
