#include "download.h"

/* A file, and how many locations it has. */
struct wish {
	struct hw_dso *dso; /* borrowed */
	size_t location_count;
};

struct wishes {
	HW_VEC(struct wish) list;
};

static struct wish *wish_of(struct wishes *wishes, struct hw_dso *dso)
{
	for (size_t i = 0; i < wishes->list.count; i++)
		if (wishes->list.at[i].dso == dso)
			return &wishes->list.at[i];
	hw_vec_push(&wishes->list, (struct wish){ .dso = dso });
	return &wishes->list.at[wishes->list.count - 1];
}

static int compare_wishes(const void *left, const void *right)
{
	const struct wish *a = left;
	const struct wish *b = right;

	if (a->location_count != b->location_count)
		return a->location_count > b->location_count ? -1 : 1;
	return hw_dso_index(a->dso) < hw_dso_index(b->dso) ? -1 : hw_dso_index(a->dso) > hw_dso_index(b->dso);
}

static void collect(struct wishes *wishes, const struct hw_profile *profile,
		    struct hw_dso *const *dso_of_mapping)
{
	HW_AUTO(hw_freep) size_t *counts = hw_alloc(profile->mappings.count, sizeof *counts);

	for (size_t i = 0; i < profile->locations.count; i++)
		if (profile->locations.at[i].mapping != HW_NONE)
			counts[profile->locations.at[i].mapping]++;
	for (size_t i = 0; i < profile->mappings.count; i++)
		if (counts[i] && dso_of_mapping[i] && hw_dso_kind(dso_of_mapping[i]) == HW_DSO_FILE)
			wish_of(wishes, dso_of_mapping[i])->location_count += counts[i];
	if (wishes->list.count)
		qsort(wishes->list.at, wishes->list.count, sizeof *wishes->list.at, compare_wishes);
}

static void note_problem(struct hw_profile *profile, const struct hw_debuginfod *debuginfod)
{
	const struct hw_debuginfod_counts counts = hw_debuginfod_counts(debuginfod);
	const char *problem = hw_debuginfod_problem(debuginfod);

	if (problem[0]) {
		HW_AUTO(hw_freep)
		char *note = hw_asprintf("%s; debug information of %u file%s is missing for this reason",
					 problem, counts.not_asked, counts.not_asked == 1 ? "" : "s");

		hw_quality_note(&profile->quality, note);
	}
}

void hw_download_debug_info(struct hw_debuginfod *debuginfod, struct hw_profile *profile,
			    struct hw_dso *const *dso_of_mapping)
{
	struct wishes wishes = { 0 };

	collect(&wishes, profile, dso_of_mapping);
	for (size_t i = 0; i < wishes.list.count; i++)
		hw_dso_download(wishes.list.at[i].dso, debuginfod);
	note_problem(profile, debuginfod);
	hw_vec_fini(&wishes.list);
}
