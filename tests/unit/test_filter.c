#include "profile/filter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>

/* Four samples: leaf over main, other over main, a frame without a name in libm, an empty stack. */
static int set_up(void **state)
{
	struct hw_profile *p = hw_profile_new();
	const char *const names[][3] = {
		{ "ns::leaf(int)", "_ZN2ns4leafEi", "src/leaf.cc" },
		{ "other", "other", "src/other.cc" },
		{ "main", "main", "src/main.cc" },
	};
	uint32_t at[4];
	uint32_t mapping;

	(void)hw_profile_add_sample_type(p, "samples", "count");
	mapping = hw_profile_add_mapping(
		p, &(struct hw_profile_mapping){ .filename = hw_profile_string(p, "/lib/libm.so.6") });
	for (uint32_t i = 0; i < 3; i++) {
		const struct hw_line line = {
			.function = hw_profile_add_function(
				p, &(struct hw_function){ .name = hw_profile_string(p, names[i][0]),
							  .system_name = hw_profile_string(p, names[i][1]),
							  .filename = hw_profile_string(p, names[i][2]) }),
		};

		at[i] = hw_profile_add_location(p, HW_NONE, i);
		hw_profile_set_lines(p, at[i], &line, 1);
	}
	at[3] = hw_profile_add_location(p, mapping, 3);
	for (uint32_t i = 0; i < 4; i++) {
		const uint32_t frames[4][2] = { { at[0], at[2] }, { at[1], at[2] }, { at[3], 0 }, { 0, 0 } };
		const uint32_t counts[4] = { 2, 2, 1, 0 };

		hw_profile_add_sample(p, hw_stacks_add(&p->stacks, frames[i], counts[i]),
				      (struct hw_label_set_id){ 0 }, (int64_t[]){ 1 });
	}
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	hw_profile_free(*state);
	return 0;
}

static void assert_kept(const struct hw_profile *p, const char *focus, const char *ignore,
			const char *expected)
{
	HW_AUTO(hw_freep) uint8_t *kept = NULL;
	struct hw_err err = { 0 };

	assert_int_equal(hw_filter_apply(&(struct hw_filter){ focus, ignore }, p, &kept, &err), 0);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(kept[i], expected[i] - '0');
}

/* Focus keeps samples with a matching frame anywhere in the stack, by any of its names. */
static void focus_keeps_matching_samples(void **state)
{
	assert_kept(*state, NULL, NULL, "1111");
	assert_kept(*state, "", "", "1111");
	assert_kept(*state, "leaf\\(int\\)", NULL, "1000");
	assert_kept(*state, "^_ZN2ns", NULL, "1000");
	assert_kept(*state, "other\\.cc$", NULL, "0100");
	assert_kept(*state, "libm", NULL, "0010");
	assert_kept(*state, "^main$", NULL, "1100");
	assert_kept(*state, "leaf|libm", NULL, "1010");
	assert_kept(*state, "no such thing", NULL, "0000");
}

/* Ignore drops them; both together do both. */
static void ignore_drops_matching_samples(void **state)
{
	assert_kept(*state, NULL, "main", "0011");
	assert_kept(*state, "main", "other", "1000");
	assert_kept(*state, "leaf", "main", "0000");
}

/* A bad expression is a usage error that names the option and the text. */
static void bad_expression_is_refused(void **state)
{
	uint8_t *kept = NULL;
	struct hw_err err = { 0 };

	assert_int_equal(hw_filter_apply(&(struct hw_filter){ .focus = "a(b" }, *state, &kept, &err), -1);
	assert_int_equal(err.kind, HW_ERR_USAGE);
	assert_non_null(strstr(err.message, "focus: 'a(b'"));
	assert_int_equal(hw_filter_apply(&(struct hw_filter){ .ignore = "[" }, *state, &kept, &err), -1);
	assert_non_null(strstr(err.message, "ignore: '['"));
	assert_null(kept);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(focus_keeps_matching_samples),
		cmocka_unit_test(ignore_drops_matching_samples),
		cmocka_unit_test(bad_expression_is_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
