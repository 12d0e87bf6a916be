#include "profile/check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>

/* A sound profile with one of everything. */
static struct hw_profile *sound_profile(void)
{
	struct hw_profile *p = hw_profile_new();
	const uint32_t text = hw_profile_string(p, "text");
	const struct hw_label labels[] = {
		{ .key = text, .str = text },
		{ .key = hw_profile_string(p, "other"), .num = 3, .num_unit = text }
	};
	uint32_t frame, mapping, function;

	(void)hw_profile_add_sample_type(p, "samples", "count");
	mapping = hw_profile_add_mapping(p, &(struct hw_profile_mapping){ .start_avma = 1, .limit_avma = 9 });
	function = hw_profile_add_function(p, &(struct hw_function){ .name = text });
	frame = hw_profile_add_location(p, mapping, 5);
	hw_profile_set_lines(p, frame, &(struct hw_line){ .function = function, .line = 1 }, 1);
	hw_profile_add_sample(p, hw_stacks_add(&p->stacks, &frame, 1),
			      hw_label_sets_add(&p->label_sets, labels, 2), (int64_t[]){ 1 });
	hw_vec_push(&p->comments, text);
	return p;
}

static void sound_profile_passes(void **state)
{
	HW_AUTO(hw_profile_freep) struct hw_profile *p = sound_profile();
	struct hw_err err = { 0 };
	(void)state;

	assert_int_equal(hw_profile_check(p, &err), 0);
}

/* Plant one fault by a statement, expect a refusal that says `says`. */
#define REFUSED(says, ...)                                       \
	do {                                                     \
		struct hw_profile *p = sound_profile();          \
		struct hw_err err = { 0 };                       \
		__VA_ARGS__;                                     \
		assert_int_equal(hw_profile_check(p, &err), -1); \
		assert_int_equal(err.kind, HW_ERR_FORMAT);       \
		assert_non_null(strstr(err.message, says));      \
		hw_profile_free(p);                              \
	} while (0)

/* A string id outside the table is refused, whoever holds it. */
static void dangling_strings_are_refused(void **state)
{
	(void)state;
	REFUSED("first string", p->strings.texts.at[0] = "x");
	REFUSED("sample type 0 refers to string", p->sample_types.at[0].type = 99);
	REFUSED("sample type 0 refers to string", p->sample_types.at[0].unit = 99);
	REFUSED("profile 0 refers to string", p->default_sample_type = 99);
	REFUSED("profile 0 refers to string", p->period_type.type = 99);
	REFUSED("profile 0 refers to string", p->period_type.unit = 99);
	REFUSED("profile 0 refers to string", p->drop_frames = 99);
	REFUSED("profile 0 refers to string", p->keep_frames = 99);
	REFUSED("profile 0 refers to string", p->doc_url = 99);
	REFUSED("comment 0 refers to string", p->comments.at[0] = 99);
	REFUSED("mapping 0 refers to string", p->mappings.at[0].filename = 99);
	REFUSED("mapping 0 refers to string", p->mappings.at[0].build_id = 99);
	REFUSED("function 0 refers to string", p->functions.at[0].name = 99);
	REFUSED("function 0 refers to string", p->functions.at[0].system_name = 99);
	REFUSED("function 0 refers to string", p->functions.at[0].filename = 99);
	REFUSED("label set 1 refers to string", p->label_sets.labels.at[0].key = 99);
	REFUSED("label set 1 refers to string", p->label_sets.labels.at[0].str = 99);
	REFUSED("label set 1 refers to string", p->label_sets.labels.at[1].num_unit = 99);
}

/* So is any other id outside its table. */
static void dangling_ids_are_refused(void **state)
{
	(void)state;
	REFUSED("location 0 refers to mapping 1", p->locations.at[0].mapping = 1);
	REFUSED("location 0 refers to line", p->locations.at[0].line_count = 2);
	REFUSED("location 0 refers to line", p->locations.at[0].first_line = UINT32_MAX);
	REFUSED("location 0 refers to function 1", p->lines.at[0].function = 1);
	REFUSED("stack 0 refers to location 1", p->stacks.frames.at[0] = 1);
	REFUSED("stack 0 refers to frame", p->stacks.list.at[0].count = 2);
	REFUSED("stack 0 refers to frame", p->stacks.list.at[0].first = UINT64_MAX);
	REFUSED("sample 0 refers to stack 1", p->samples.at[0].stack.index = 1);
	REFUSED("sample 0 refers to label set 2", p->samples.at[0].labels.index = 2);
	REFUSED("label set 1 refers to label", p->label_sets.sets.at[1].count = 3);
	REFUSED("label set 1 refers to label", p->label_sets.sets.at[1].first = UINT32_MAX);
}

/* What is in range but makes no sense is refused too. */
static void nonsense_is_refused(void **state)
{
	(void)state;
	REFUSED("no sample type", p->sample_types.count = 0);
	REFUSED("65 sample types",
		for (int i = 0; i < 64; i++)(void) hw_profile_add_sample_type(p, "x", "y"));
	REFUSED("after its limit", p->mappings.at[0].start_avma = 10);
	REFUSED("1 samples of 1 types have 0 values", p->values.count = 0);
	REFUSED("1 samples of 2 types have 1 values", (void)hw_profile_add_sample_type(p, "x", "y"));
	REFUSED("both a text and a number", p->label_sets.labels.at[0].num = 1);
	REFUSED("both a text and a number", p->label_sets.labels.at[0].num_unit = 1);
	REFUSED("the key 'text' twice", p->label_sets.labels.at[1].key = p->label_sets.labels.at[0].key);
	REFUSED("not the empty set", p->label_sets.sets.at[0].count = 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sound_profile_passes),
		cmocka_unit_test(dangling_strings_are_refused),
		cmocka_unit_test(dangling_ids_are_refused),
		cmocka_unit_test(nonsense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
