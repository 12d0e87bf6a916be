#include "profile/unnamed.h"

#define NO_FILE UINT32_MAX
#define NO_SAMPLE SIZE_MAX

bool hw_name_is_stand_in(const char *name)
{
	const size_t length = strlen(name);

	return length > 2 && name[0] == '[' && name[length - 1] == ']' && strcmp(name, "[truncated]") != 0 &&
	       strcmp(name, "[broken]") != 0;
}

bool hw_location_is_unnamed(const struct hw_profile *profile, uint32_t location)
{
	const struct hw_location *l = &profile->locations.at[location];
	const struct hw_function *function;
	const char *name;

	if (!l->line_count)
		return true;
	function = &profile->functions.at[profile->lines.at[l->first_line].function];
	name = hw_profile_text(profile, function->name ? function->name : function->system_name);
	return !name[0] || hw_name_is_stand_in(name);
}

/* --- By file ------------------------------------------------------------------------------------------- */

struct sums {
	struct hw_unnamed *unnamed;
	const struct hw_profile *profile;
	uint32_t *of_location; /* index of the file of an unnamed location; NO_FILE for the others */
	size_t *last_sample;   /* of each file: the sample that was last added to its `any` */
};

static int64_t add(int64_t sum, int64_t value)
{
	const int64_t size = value == INT64_MIN ? INT64_MAX : value < 0 ? -value : value;

	return __builtin_add_overflow(sum, size, &sum) ? INT64_MAX : sum;
}

/* Mappings of one file are one: there are several where it is loaded in parts. */
static uint32_t find_file(struct sums *sums, struct hw_map *index, uint32_t mapping)
{
	const struct hw_profile_mapping none = { 0 };
	const struct hw_profile_mapping *m =
		mapping == HW_NONE ? &none : &sums->profile->mappings.at[mapping];
	const struct hw_unnamed_file file = { .dso = hw_profile_text(sums->profile, m->filename),
					      .build_id = hw_profile_text(sums->profile, m->build_id) };
	const uint64_t hash = hw_hash_mix(m->filename, m->build_id);
	uint32_t id;

	/* Equal texts of a profile have equal ids, and so one address. */
	for (size_t slot = hw_map_first(index, hash); (id = hw_map_id(index, slot)) != HW_MAP_NONE;
	     slot = hw_map_next(index, slot, hash))
		if (sums->unnamed->files.at[id].dso == file.dso &&
		    sums->unnamed->files.at[id].build_id == file.build_id)
			return id;
	id = (uint32_t)sums->unnamed->files.count;
	hw_map_insert(index, hash, id);
	hw_vec_push(&sums->unnamed->files, file);
	return id;
}

/* Asked once per location, not per sample: names are texts to look at. */
static void find_files(struct sums *sums)
{
	const struct hw_profile *profile = sums->profile;
	struct hw_map index = { 0 };

	sums->of_location = hw_alloc(profile->locations.count, sizeof *sums->of_location);
	for (uint32_t i = 0; i < profile->locations.count; i++)
		sums->of_location[i] = hw_location_is_unnamed(profile, i)
					       ? find_file(sums, &index, profile->locations.at[i].mapping)
					       : NO_FILE;
	hw_map_fini(&index);
	sums->last_sample = hw_alloc(sums->unnamed->files.count, sizeof *sums->last_sample);
	for (size_t i = 0; i < sums->unnamed->files.count; i++)
		sums->last_sample[i] = NO_SAMPLE;
}

static void add_sample(struct sums *sums, size_t sample, int64_t value)
{
	struct hw_unnamed *unnamed = sums->unnamed;
	uint32_t count;
	const uint32_t *locations =
		hw_stacks_locations(&sums->profile->stacks, sums->profile->samples.at[sample].stack, &count);
	bool any = false;

	for (uint32_t i = 0; i < count; i++) {
		const uint32_t file = sums->of_location[locations[i]];

		if (file == NO_FILE)
			continue;
		any = true;
		if (i == 0)
			unnamed->files.at[file].leaf = add(unnamed->files.at[file].leaf, value);
		if (sums->last_sample[file] != sample)
			unnamed->files.at[file].any = add(unnamed->files.at[file].any, value);
		sums->last_sample[file] = sample;
	}
	if (any)
		unnamed->any = add(unnamed->any, value);
	if (count && sums->of_location[locations[0]] != NO_FILE)
		unnamed->leaf = add(unnamed->leaf, value);
}

static int compare_files(const void *left, const void *right)
{
	const struct hw_unnamed_file *a = left;
	const struct hw_unnamed_file *b = right;
	int order;

	if (a->leaf != b->leaf)
		return a->leaf > b->leaf ? -1 : 1;
	if (a->any != b->any)
		return a->any > b->any ? -1 : 1;
	order = strcmp(a->dso, b->dso);
	return order ? order : strcmp(a->build_id, b->build_id);
}

void hw_unnamed_init(struct hw_unnamed *unnamed, const struct hw_profile *profile, const int64_t *values)
{
	struct sums sums = { .unnamed = unnamed, .profile = profile };
	size_t kept = 0;

	*unnamed = (struct hw_unnamed){ 0 };
	find_files(&sums);
	for (size_t i = 0; unnamed->files.count && i < profile->samples.count; i++)
		if (values[i])
			add_sample(&sums, i, values[i]);
	for (size_t i = 0; i < unnamed->files.count; i++)
		if (unnamed->files.at[i].any)
			unnamed->files.at[kept++] = unnamed->files.at[i];
	unnamed->files.count = kept;
	if (kept)
		qsort(unnamed->files.at, kept, sizeof *unnamed->files.at, compare_files);
	free(sums.of_location);
	free(sums.last_sample);
}

void hw_unnamed_fini(struct hw_unnamed *unnamed)
{
	hw_vec_fini(&unnamed->files);
	*unnamed = (struct hw_unnamed){ 0 };
}

const struct hw_unnamed_help *hw_unnamed_help_of(const struct hw_profile *profile,
						 const struct hw_unnamed_file *file)
{
	const struct hw_quality *q = &profile->quality;

	for (size_t i = 0; i < q->unnamed.count; i++)
		if (strcmp(q->unnamed.at[i].dso, file->dso) == 0 &&
		    strcmp(q->unnamed.at[i].build_id, file->build_id) == 0)
			return &q->unnamed.at[i];
	return NULL;
}
