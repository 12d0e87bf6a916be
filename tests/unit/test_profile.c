#include "profile/profile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>

/* The index shown when none is asked for: the named one, else (none named, or a wrong name) the last. */
static void default_sample_type_as_in_pprof(void **state)
{
	HW_AUTO(hw_profile_freep) struct hw_profile *p = hw_profile_new();
	(void)state;

	assert_int_equal(hw_profile_default_sample_type(p), HW_NONE);
	assert_int_equal(hw_profile_add_sample_type(p, "samples", "count"), 0);
	assert_int_equal(hw_profile_add_sample_type(p, "cycles", "count"), 1);
	assert_int_equal(hw_profile_add_sample_type(p, "cpu-clock", "nanoseconds"), 2);
	assert_int_equal(hw_profile_default_sample_type(p), 2);
	p->default_sample_type = hw_profile_string(p, "cycles");
	assert_int_equal(hw_profile_default_sample_type(p), 1);
	p->default_sample_type = hw_profile_string(p, "no such type");
	assert_int_equal(hw_profile_default_sample_type(p), 2);
	assert_int_equal(hw_profile_find_sample_type(p, "samples"), 0);
	assert_int_equal(hw_profile_find_sample_type(p, "count"), HW_NONE);
	assert_int_equal(hw_profile_find_sample_type(p, "never seen"), HW_NONE);
}

/* Functions are one when all four fields are. */
static void functions_are_interned_by_all_fields(void **state)
{
	HW_AUTO(hw_profile_freep) struct hw_profile *p = hw_profile_new();
	const uint32_t a = hw_profile_string(p, "a");
	const uint32_t b = hw_profile_string(p, "b");
	const struct hw_function functions[] = {
		{ a, a, a, 1 }, { b, a, a, 1 }, { a, b, a, 1 }, { a, a, b, 1 }, { a, a, a, 2 },
	};
	(void)state;

	for (unsigned round = 0; round < 2; round++)
		for (uint32_t i = 0; i < HW_COUNT_OF(functions); i++)
			assert_int_equal(hw_profile_add_function(p, &functions[i]), i);
	assert_int_equal(p->functions.count, HW_COUNT_OF(functions));
}

/* A location is its mapping and address; appended ones are never found again. */
static void locations_are_interned_by_mapping_and_address(void **state)
{
	HW_AUTO(hw_profile_freep) struct hw_profile *p = hw_profile_new();
	(void)state;

	assert_int_equal(hw_profile_append_location(p, 0, 0x1000), 0);
	assert_int_equal(hw_profile_add_location(p, 0, 0x1000), 1);
	assert_int_equal(hw_profile_add_location(p, 1, 0x1000), 2);
	assert_int_equal(hw_profile_add_location(p, HW_NONE, 0x1000), 3);
	assert_int_equal(hw_profile_add_location(p, 0, 0x1001), 4);
	assert_int_equal(hw_profile_append_location(p, 0, 0x1000), 5);
	assert_int_equal(hw_profile_add_location(p, 0, 0x1000), 1);
	assert_int_equal(hw_profile_add_location(p, HW_NONE, 0x1000), 3);
}

/* Lines are replaced, by fewer and by more, without touching those of another location. */
static void lines_are_replaced(void **state)
{
	HW_AUTO(hw_profile_freep) struct hw_profile *p = hw_profile_new();
	const struct hw_line lines[] = { { 1, 10, 0 }, { 2, 20, 0 }, { 3, 30, 0 } };
	const uint32_t one = hw_profile_add_location(p, HW_NONE, 1);
	const uint32_t two = hw_profile_add_location(p, HW_NONE, 2);
	(void)state;

	hw_profile_set_lines(p, one, lines, 2);
	hw_profile_set_lines(p, two, lines + 2, 1);
	hw_profile_set_lines(p, one, lines, 3);
	assert_int_equal(p->locations.at[one].line_count, 3);
	assert_int_equal(p->lines.at[p->locations.at[one].first_line + 2].line, 30);
	hw_profile_set_lines(p, one, lines + 1, 1);
	assert_int_equal(p->lines.at[p->locations.at[one].first_line].line, 20);
	hw_profile_set_lines(p, one, NULL, 0);
	assert_int_equal(p->locations.at[one].line_count, 0);
	assert_int_equal(p->lines.at[p->locations.at[two].first_line].line, 30);
}

/* Samples of one (stack, labels) are summed; another stack or other labels are another sample. */
static void samples_are_merged_on_stack_and_labels(void **state)
{
	HW_AUTO(hw_profile_freep) struct hw_profile *p = hw_profile_new();
	const struct hw_label label = { .key = hw_profile_string(p, "k"), .str = hw_profile_string(p, "v") };
	const struct hw_label_set_id none = { 0 };
	const uint32_t frame = hw_profile_add_location(p, HW_NONE, 1);
	struct hw_label_set_id set;
	struct hw_stack_id leaf, empty;
	(void)state;

	(void)hw_profile_add_sample_type(p, "samples", "count");
	(void)hw_profile_add_sample_type(p, "cycles", "count");
	set = hw_label_sets_add(&p->label_sets, &label, 1);
	leaf = hw_stacks_add(&p->stacks, &frame, 1);
	empty = hw_stacks_add(&p->stacks, NULL, 0);
	hw_profile_add_sample(p, leaf, none, (int64_t[]){ 1, 100 });
	hw_profile_add_sample(p, leaf, set, (int64_t[]){ 2, 200 });
	hw_profile_add_sample(p, empty, none, (int64_t[]){ 4, 400 });
	hw_profile_add_sample(p, leaf, none, (int64_t[]){ 8, 800 });
	assert_int_equal(p->samples.count, 3);
	assert_int_equal(hw_profile_values(p, 0)[0], 9);
	assert_int_equal(hw_profile_values(p, 0)[1], 900);
	assert_int_equal(hw_profile_values(p, 1)[1], 200);
	assert_int_equal(hw_profile_total(p, 0), 15);
	assert_int_equal(hw_profile_total(p, 1), 1500);
}

/* Sums that do not fit stop at the end of the range, in both directions. */
static void sums_saturate(void **state)
{
	HW_AUTO(hw_profile_freep) struct hw_profile *p = hw_profile_new();
	const uint32_t frame = hw_profile_add_location(p, HW_NONE, 1);
	struct hw_stack_id stacks[2];
	(void)state;

	(void)hw_profile_add_sample_type(p, "up", "count");
	(void)hw_profile_add_sample_type(p, "down", "count");
	stacks[0] = hw_stacks_add(&p->stacks, NULL, 0);
	stacks[1] = hw_stacks_add(&p->stacks, &frame, 1);
	for (unsigned i = 0; i < 4; i++)
		hw_profile_add_sample(p, stacks[i % 2], (struct hw_label_set_id){ 0 },
				      (int64_t[]){ INT64_MAX - 1, INT64_MIN + 1 });
	assert_true(hw_profile_values(p, 1)[0] == INT64_MAX);
	assert_true(hw_profile_values(p, 1)[1] == INT64_MIN);
	assert_true(hw_profile_total(p, 0) == INT64_MAX);
	assert_true(hw_profile_total(p, 1) == INT64_MIN);
}

/* Freeing nothing is fine. */
static void free_accepts_null(void **state)
{
	struct hw_profile *p = NULL;
	(void)state;

	hw_profile_freep(&p);
	assert_null(p);
}

/* Mapping 0 and another trade places: locations follow, and are still found under their new ids. */
static void mapping_is_put_first(void **state)
{
	HW_AUTO(hw_profile_freep) struct hw_profile *profile = hw_profile_new();
	uint32_t in_shell;
	uint32_t in_program;
	uint32_t in_libc;
	uint32_t nowhere;

	(void)state;
	for (uint64_t i = 0; i < 3; i++)
		(void)hw_profile_add_mapping(
			profile,
			&(struct hw_profile_mapping){ .start_avma = 100 * i, .limit_avma = 100 * i + 100 });
	in_shell = hw_profile_add_location(profile, 0, 10);
	in_program = hw_profile_add_location(profile, 2, 210);
	in_libc = hw_profile_add_location(profile, 1, 110);
	nowhere = hw_profile_add_location(profile, HW_NONE, 7);
	hw_profile_put_mapping_first(profile, 2);
	assert_int_equal(profile->mappings.at[0].start_avma, 200);
	assert_int_equal(profile->mappings.at[2].start_avma, 0);
	assert_int_equal(profile->locations.at[in_program].mapping, 0);
	assert_int_equal(profile->locations.at[in_shell].mapping, 2);
	assert_int_equal(hw_profile_add_location(profile, 0, 210), in_program);
	assert_int_equal(hw_profile_add_location(profile, 2, 10), in_shell);
	assert_int_equal(hw_profile_add_location(profile, 1, 110), in_libc);
	assert_int_equal(hw_profile_add_location(profile, HW_NONE, 7), nowhere);
}

/* On demand every function has the name of the symbol table, where there is one; the places of the rest stay. */
static void system_names_replace_names(void **state)
{
	HW_AUTO(hw_profile_freep) struct hw_profile *profile = hw_profile_new();
	const uint32_t mangled = hw_profile_string(profile, "_ZN1a1bEv");
	const uint32_t demangled = hw_profile_string(profile, "a::b()");
	const uint32_t file = hw_profile_string(profile, "a.cc");
	const uint32_t both = hw_profile_add_function(
		profile,
		&(struct hw_function){ .name = demangled, .system_name = mangled, .filename = file });
	const uint32_t one =
		hw_profile_add_function(profile, &(struct hw_function){ .name = demangled, .start_line = 7 });

	(void)state;
	hw_profile_use_system_names(profile);
	assert_int_equal(profile->functions.at[both].name, mangled);
	assert_int_equal(profile->functions.at[both].system_name, mangled);
	assert_int_equal(profile->functions.at[both].filename, file);
	assert_int_equal(profile->functions.at[one].name, demangled);
	assert_int_equal(profile->functions.at[one].start_line, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(default_sample_type_as_in_pprof),
		cmocka_unit_test(functions_are_interned_by_all_fields),
		cmocka_unit_test(locations_are_interned_by_mapping_and_address),
		cmocka_unit_test(mapping_is_put_first),
		cmocka_unit_test(system_names_replace_names),
		cmocka_unit_test(lines_are_replaced),
		cmocka_unit_test(samples_are_merged_on_stack_and_labels),
		cmocka_unit_test(sums_saturate),
		cmocka_unit_test(free_accepts_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
