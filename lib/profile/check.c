#include "profile/check.h"

#include <inttypes.h>

/* One refusal per kind of dangling id: "sample 3 refers to stack 9, of 4". */
static int refers(struct hw_err *err, const char *what, size_t index, const char *to, uint64_t id,
		  size_t count)
{
	return hw_err_set(err, HW_ERR_FORMAT, "%s %zu refers to %s %" PRIu64 ", but there are %zu", what,
			  index, to, id, count);
}

static int check_strings(const struct hw_profile *profile, const uint32_t *strings, size_t count,
			 const char *what, size_t index, struct hw_err *err)
{
	for (size_t i = 0; i < count; i++)
		if (strings[i] >= profile->strings.texts.count)
			return refers(err, what, index, "string", strings[i], profile->strings.texts.count);
	return 0;
}

static int check_head(const struct hw_profile *p, struct hw_err *err)
{
	const uint32_t head[] = { p->default_sample_type, p->period_type.type, p->period_type.unit,
				  p->drop_frames,	  p->keep_frames,      p->doc_url };

	if (p->strings.texts.count == 0 || p->strings.texts.at[0][0] != '\0')
		return hw_err_set(err, HW_ERR_FORMAT, "the first string of the profile is not empty");
	if (p->sample_types.count == 0)
		return hw_err_set(err, HW_ERR_FORMAT, "the profile has no sample type");
	if (p->sample_types.count > HW_SAMPLE_TYPES_MAX)
		return hw_err_set(err, HW_ERR_FORMAT, "the profile has %zu sample types, more than %d",
				  p->sample_types.count, HW_SAMPLE_TYPES_MAX);
	for (size_t i = 0; i < p->sample_types.count; i++) {
		const struct hw_value_type *type = &p->sample_types.at[i];

		if (check_strings(p, (uint32_t[]){ type->type, type->unit }, 2, "sample type", i, err) < 0)
			return -1;
	}
	if (check_strings(p, head, HW_COUNT_OF(head), "profile", 0, err) < 0)
		return -1;
	return check_strings(p, p->comments.at, p->comments.count, "comment", 0, err);
}

static int check_mappings(const struct hw_profile *p, struct hw_err *err)
{
	for (size_t i = 0; i < p->mappings.count; i++) {
		const struct hw_profile_mapping *m = &p->mappings.at[i];

		if (m->start_avma > m->limit_avma)
			return hw_err_set(err, HW_ERR_FORMAT,
					  "mapping %zu starts at 0x%" PRIx64 ", after its limit 0x%" PRIx64,
					  i, m->start_avma, m->limit_avma);
		if (check_strings(p, (uint32_t[]){ m->filename, m->build_id }, 2, "mapping", i, err) < 0)
			return -1;
	}
	return 0;
}

static int check_functions(const struct hw_profile *p, struct hw_err *err)
{
	for (size_t i = 0; i < p->functions.count; i++) {
		const struct hw_function *f = &p->functions.at[i];

		if (check_strings(p, (uint32_t[]){ f->name, f->system_name, f->filename }, 3, "function", i,
				  err) < 0)
			return -1;
	}
	return 0;
}

static int check_locations(const struct hw_profile *p, struct hw_err *err)
{
	for (size_t i = 0; i < p->locations.count; i++) {
		const struct hw_location *l = &p->locations.at[i];

		if (l->mapping != HW_NONE && l->mapping >= p->mappings.count)
			return refers(err, "location", i, "mapping", l->mapping, p->mappings.count);
		if ((uint64_t)l->first_line + l->line_count > p->lines.count)
			return refers(err, "location", i, "line", (uint64_t)l->first_line + l->line_count - 1,
				      p->lines.count);
		for (uint32_t k = 0; k < l->line_count; k++)
			if (p->lines.at[l->first_line + k].function >= p->functions.count)
				return refers(err, "location", i, "function",
					      p->lines.at[l->first_line + k].function, p->functions.count);
	}
	return 0;
}

static int check_stacks(const struct hw_profile *p, struct hw_err *err)
{
	const struct hw_stacks *stacks = &p->stacks;

	for (size_t i = 0; i < stacks->list.count; i++) {
		const struct hw_stack *stack = &stacks->list.at[i];
		const uint32_t *frames;

		if (stack->first > stacks->frames.count || stack->count > stacks->frames.count - stack->first)
			return refers(err, "stack", i, "frame", stack->first + stack->count,
				      stacks->frames.count);
		frames = stacks->frames.at + stack->first;
		for (uint32_t k = 0; k < stack->count; k++)
			if (frames[k] >= p->locations.count)
				return refers(err, "stack", i, "location", frames[k], p->locations.count);
	}
	return 0;
}

static int check_label(const struct hw_profile *p, size_t set, const struct hw_label *labels, uint32_t which,
		       struct hw_err *err)
{
	const struct hw_label *label = &labels[which];

	if (check_strings(p, (uint32_t[]){ label->key, label->str, label->num_unit }, 3, "label set", set,
			  err) < 0)
		return -1;
	if (label->str && (label->num || label->num_unit))
		return hw_err_set(err, HW_ERR_FORMAT,
				  "label '%s' of label set %zu is both a text and a number",
				  hw_profile_text(p, label->key), set);
	for (uint32_t i = 0; i < which; i++)
		if (labels[i].key == label->key)
			return hw_err_set(err, HW_ERR_FORMAT, "label set %zu has the key '%s' twice", set,
					  hw_profile_text(p, label->key));
	return 0;
}

static int check_labels(const struct hw_profile *p, struct hw_err *err)
{
	const struct hw_label_sets *sets = &p->label_sets;

	if (sets->sets.count == 0 || sets->sets.at[0].count != 0)
		return hw_err_set(err, HW_ERR_FORMAT, "label set 0 is not the empty set");
	for (size_t i = 0; i < sets->sets.count; i++) {
		const struct hw_label_set *set = &sets->sets.at[i];

		if ((uint64_t)set->first + set->count > sets->labels.count)
			return refers(err, "label set", i, "label", (uint64_t)set->first + set->count - 1,
				      sets->labels.count);
		for (uint32_t k = 0; k < set->count; k++)
			if (check_label(p, i, sets->labels.at + set->first, k, err) < 0)
				return -1;
	}
	return 0;
}

static int check_samples(const struct hw_profile *p, struct hw_err *err)
{
	if (p->values.count != p->samples.count * p->sample_types.count)
		return hw_err_set(err, HW_ERR_FORMAT, "%zu samples of %zu types have %zu values",
				  p->samples.count, p->sample_types.count, p->values.count);
	for (size_t i = 0; i < p->samples.count; i++) {
		const struct hw_profile_sample *sample = &p->samples.at[i];

		if (sample->stack.index >= p->stacks.list.count)
			return refers(err, "sample", i, "stack", sample->stack.index, p->stacks.list.count);
		if (sample->labels.index >= p->label_sets.sets.count)
			return refers(err, "sample", i, "label set", sample->labels.index,
				      p->label_sets.sets.count);
	}
	return 0;
}

int hw_profile_check(const struct hw_profile *profile, struct hw_err *err)
{
	int (*const checks[])(const struct hw_profile *, struct hw_err *) = {
		check_head,   check_mappings, check_functions, check_locations,
		check_stacks, check_labels,   check_samples,
	};

	for (size_t i = 0; i < HW_COUNT_OF(checks); i++)
		if (checks[i](profile, err) < 0)
			return -1;
	return 0;
}
