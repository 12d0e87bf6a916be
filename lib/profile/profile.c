#include "profile/profile.h"

#include "base/alloc.h"

#define LOCATIONS_PER_LINE 16 /* of the cache, 64 bytes */

struct hw_profile *hw_profile_new(void)
{
	struct hw_profile *profile = hw_alloc(1, sizeof *profile);

	hw_strtab_init(&profile->strings);
	hw_label_sets_init(&profile->label_sets);
	return profile;
}

void hw_profile_free(struct hw_profile *profile)
{
	if (!profile)
		return;
	hw_strtab_fini(&profile->strings);
	hw_vec_fini(&profile->sample_types);
	hw_vec_fini(&profile->mappings);
	hw_vec_fini(&profile->functions);
	hw_vec_fini(&profile->lines);
	hw_vec_fini(&profile->locations);
	hw_stacks_fini(&profile->stacks);
	hw_label_sets_fini(&profile->label_sets);
	hw_vec_fini(&profile->samples);
	hw_vec_fini(&profile->values);
	hw_vec_fini(&profile->comments);
	hw_recording_fini(&profile->recording);
	hw_quality_fini(&profile->quality);
	for (size_t i = 0; i < profile->metrics.count; i++)
		hw_profile_metric_fini(&profile->metrics.at[i]);
	hw_vec_fini(&profile->metrics);
	hw_map_fini(&profile->function_index);
	hw_map_fini(&profile->location_index);
	hw_map_fini(&profile->sample_index);
	free(profile);
}

void hw_profile_freep(struct hw_profile **profile)
{
	hw_profile_free(*profile);
	*profile = NULL;
}

size_t hw_profile_add_sample_type(struct hw_profile *profile, const char *type, const char *unit)
{
	const struct hw_value_type value_type = {
		.type = hw_profile_string(profile, type),
		.unit = hw_profile_string(profile, unit),
	};

	hw_vec_push(&profile->sample_types, value_type);
	return profile->sample_types.count - 1;
}

uint32_t hw_profile_find_sample_type(const struct hw_profile *profile, const char *type)
{
	const uint32_t id = hw_strtab_find(&profile->strings, type);

	for (size_t i = 0; i < profile->sample_types.count; i++)
		if (profile->sample_types.at[i].type == id)
			return (uint32_t)i;
	return HW_NONE;
}

uint32_t hw_profile_default_sample_type(const struct hw_profile *profile)
{
	const size_t count = profile->sample_types.count;

	for (size_t i = 0; profile->default_sample_type && i < count; i++)
		if (profile->sample_types.at[i].type == profile->default_sample_type)
			return (uint32_t)i;
	return count ? (uint32_t)(count - 1) : HW_NONE;
}

uint32_t hw_profile_add_mapping(struct hw_profile *profile, const struct hw_profile_mapping *mapping)
{
	hw_vec_push(&profile->mappings, *mapping);
	return (uint32_t)(profile->mappings.count - 1);
}

static bool same_function(const struct hw_function *a, const struct hw_function *b)
{
	return a->name == b->name && a->system_name == b->system_name && a->filename == b->filename &&
	       a->start_line == b->start_line;
}

uint32_t hw_profile_add_function(struct hw_profile *profile, const struct hw_function *function)
{
	uint64_t hash = hw_hash_mix(function->name, function->system_name);
	uint32_t id;

	hash = hw_hash_mix(hash ^ function->filename, (uint64_t)function->start_line);
	for (size_t slot = hw_map_first(&profile->function_index, hash);
	     (id = hw_map_id(&profile->function_index, slot)) != HW_MAP_NONE;
	     slot = hw_map_next(&profile->function_index, slot, hash))
		if (same_function(&profile->functions.at[id], function))
			return id;
	id = (uint32_t)profile->functions.count;
	hw_vec_push(&profile->functions, *function);
	hw_map_insert(&profile->function_index, hash, id);
	return id;
}

uint32_t hw_profile_append_location(struct hw_profile *profile, uint32_t mapping, uint64_t avma)
{
	hw_vec_push(&profile->locations, (struct hw_location){ .mapping = mapping, .avma = avma });
	return (uint32_t)(profile->locations.count - 1);
}

void hw_profile_use_system_names(struct hw_profile *profile)
{
	for (size_t i = 0; i < profile->functions.count; i++)
		if (profile->functions.at[i].system_name)
			profile->functions.at[i].name = profile->functions.at[i].system_name;
}

uint32_t hw_profile_add_location(struct hw_profile *profile, uint32_t mapping, uint64_t avma)
{
	const uint64_t hash = hw_hash_mix(mapping, avma);
	uint32_t id;

	for (size_t slot = hw_map_first(&profile->location_index, hash);
	     (id = hw_map_id(&profile->location_index, slot)) != HW_MAP_NONE;
	     slot = hw_map_next(&profile->location_index, slot, hash))
		if (profile->locations.at[id].avma == avma && profile->locations.at[id].mapping == mapping)
			return id;
	id = hw_profile_append_location(profile, mapping, avma);
	hw_map_insert(&profile->location_index, hash, id);
	return id;
}

void hw_profile_put_mapping_first(struct hw_profile *profile, uint32_t mapping)
{
	const struct hw_profile_mapping first = profile->mappings.at[0];

	if (!mapping)
		return;
	profile->mappings.at[0] = profile->mappings.at[mapping];
	profile->mappings.at[mapping] = first;
	/* The index hashes locations by their mapping. */
	hw_map_fini(&profile->location_index);
	for (uint32_t i = 0; i < profile->locations.count; i++) {
		struct hw_location *location = &profile->locations.at[i];

		if (location->mapping == 0)
			location->mapping = mapping;
		else if (location->mapping == mapping)
			location->mapping = 0;
		hw_map_insert(&profile->location_index, hw_hash_mix(location->mapping, location->avma), i);
	}
}

void hw_profile_set_lines(struct hw_profile *profile, uint32_t location, const struct hw_line *lines,
			  uint32_t line_count)
{
	struct hw_location *to = &profile->locations.at[location];

	if (line_count > to->line_count) {
		to->first_line = (uint32_t)profile->lines.count;
		hw_vec_reserve(&profile->lines, line_count);
		profile->lines.count += line_count;
	}
	to->line_count = line_count;
	if (line_count)
		memcpy(profile->lines.at + to->first_line, lines, line_count * sizeof *lines);
}

/* A file may hold any values: a sum that does not fit stays at the end of the range. */
static int64_t add_saturating(int64_t a, int64_t b)
{
	int64_t sum;

	if (__builtin_add_overflow(a, b, &sum))
		return a < 0 ? INT64_MIN : INT64_MAX;
	return sum;
}

static void append_sample(struct hw_profile *profile, struct hw_profile_sample sample, const int64_t *values)
{
	const size_t width = profile->sample_types.count;

	hw_vec_push(&profile->samples, sample);
	hw_vec_reserve(&profile->values, width);
	if (width)
		memcpy(profile->values.at + profile->values.count, values, width * sizeof *values);
	profile->values.count += width;
}

static uint64_t hash_sample(struct hw_stack_id stack, struct hw_label_set_id labels)
{
	return hw_hash_mix(0, stack.index | (uint64_t)labels.index << 32);
}

void hw_profile_expect(const struct hw_profile *profile, struct hw_stack_id stack,
		       struct hw_label_set_id labels)
{
	const struct hw_map *index = &profile->sample_index;

	__builtin_prefetch(&profile->stacks.list.at[stack.index]);
	if (index->entries)
		__builtin_prefetch(&index->entries[hash_sample(stack, labels) & index->mask]);
}

void hw_profile_expect_more(const struct hw_profile *profile, struct hw_stack_id stack,
			    struct hw_label_set_id labels)
{
	const struct hw_stack *known = &profile->stacks.list.at[stack.index];
	const uint32_t *locations = profile->stacks.frames.at + known->first;
	const struct hw_map *index = &profile->sample_index;
	uint32_t id;

	for (uint32_t i = 0; i < known->count; i += LOCATIONS_PER_LINE)
		__builtin_prefetch(locations + i);
	id = index->entries ? index->entries[hash_sample(stack, labels) & index->mask].id : HW_MAP_NONE;
	if (id == HW_MAP_NONE)
		return;
	__builtin_prefetch(&profile->samples.at[id]);
	__builtin_prefetch(&profile->values.at[id * profile->sample_types.count]);
}

void hw_profile_add_sample(struct hw_profile *profile, struct hw_stack_id stack,
			   struct hw_label_set_id labels, const int64_t *values)
{
	const size_t width = profile->sample_types.count;
	const uint64_t hash = hash_sample(stack, labels);
	uint32_t id;

	for (size_t slot = hw_map_first(&profile->sample_index, hash);
	     (id = hw_map_id(&profile->sample_index, slot)) != HW_MAP_NONE;
	     slot = hw_map_next(&profile->sample_index, slot, hash)) {
		const struct hw_profile_sample *sample = &profile->samples.at[id];
		int64_t *sums = profile->values.at + id * width;

		if (sample->stack.index != stack.index || sample->labels.index != labels.index)
			continue;
		for (size_t i = 0; i < width; i++)
			sums[i] = add_saturating(sums[i], values[i]);
		return;
	}
	hw_map_insert(&profile->sample_index, hash, (uint32_t)profile->samples.count);
	append_sample(profile, (struct hw_profile_sample){ stack, labels }, values);
}

int64_t hw_profile_total(const struct hw_profile *profile, uint32_t sample_type)
{
	int64_t total = 0;

	for (size_t i = 0; i < profile->samples.count; i++)
		total = add_saturating(total, hw_profile_values(profile, i)[sample_type]);
	return total;
}
