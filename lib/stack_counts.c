#include "stack_counts.h"

#include <stdlib.h>

/* Kinds of incomplete stacks told one by one; the others are told together. */
#define SHOWN_MAX 100

void hw_stack_counts_fini(struct hw_stack_counts *counts)
{
	hw_vec_fini(&counts->by_dso);
	*counts = (struct hw_stack_counts){ 0 };
}

/* --- Counting ------------------------------------------------------------------------------------------------- */

/* 1 more than the index of the DSO of the outermost user frame found; 0 when that lies in none. */
static uint32_t place_of_end(const struct hw_frames *frames, struct hw_process *process)
{
	const struct hw_mapping *mapping;

	if (frames->count == frames->kernel_count)
		return 0;
	mapping = hw_mappings_find(&process->mappings, hw_frame_lookup_avma(&frames->at[frames->count - 1]));
	return mapping ? hw_dso_index(mapping->dso) + 1 : 0;
}

/* Run by run: most stacks are one of HW_ORIGIN_CFI. */
static void count_origins(struct hw_stack_counts *counts, const struct hw_frames *frames)
{
	size_t end;

	for (size_t first = frames->kernel_count; first < frames->count; first = end) {
		const enum hw_frame_origin origin = frames->at[first].origin;

		for (end = first + 1; end < frames->count && frames->at[end].origin == origin;)
			end++;
		counts->origins[origin] += end - first;
	}
}

uint32_t hw_stack_counts_add(struct hw_stack_counts *counts, const struct hw_frames *frames,
			     struct hw_process *process)
{
	uint32_t place;

	counts->ends[frames->end]++;
	counts->kernel_frames += frames->kernel_count;
	count_origins(counts, frames);
	if (hw_stack_end_is_complete(frames->end))
		return 0;
	place = place_of_end(frames, process);
	while (counts->by_dso.count <= place)
		hw_vec_push(&counts->by_dso, (struct hw_ends_of_dso){ { 0 } });
	counts->by_dso.at[place].count[frames->end]++;
	return place;
}

void hw_stack_counts_change(struct hw_stack_counts *counts, uint32_t place, enum hw_stack_end end)
{
	struct hw_ends_of_dso *of_dso = &counts->by_dso.at[place];

	counts->ends[HW_END_TRUNCATED]--;
	counts->ends[end]++;
	of_dso->count[HW_END_TRUNCATED]--;
	if (!hw_stack_end_is_complete(end))
		of_dso->count[end]++;
}

/* --- Telling -------------------------------------------------------------------------------------------------- */

static void disclose_ends(struct hw_quality *quality, const uint64_t *ends)
{
	for (enum hw_stack_end end = 0; end < HW_END_COUNT; end++) {
		const uint64_t count = ends[end];

		if (!count)
			continue;
		hw_quality_count(&quality->stack_ends, hw_stack_end_name(end), count);
		if (hw_stack_end_is_complete(end))
			quality->stacks_complete += count;
		else if (hw_stack_end_is_truncated(end))
			quality->stacks_truncated += count;
		else
			quality->stacks_broken += count;
	}
	quality->stacks_stitched = ends[HW_END_STITCHED];
}

static void disclose_origins(struct hw_quality *quality, const struct hw_stack_counts *counts)
{
	if (counts->kernel_frames)
		hw_quality_count(&quality->frame_origins, "kernel", counts->kernel_frames);
	for (enum hw_frame_origin origin = 0; origin < HW_ORIGIN_COUNT; origin++)
		if (counts->origins[origin])
			hw_quality_count(&quality->frame_origins, hw_frame_origin_name(origin),
					 counts->origins[origin]);
}

/* One kind of incomplete stack. */
struct kind {
	uint64_t count;
	uint32_t place;
	enum hw_stack_end end;
};

/* The most frequent first; otherwise in the order of DSOs and causes, so that equal recordings are told alike. */
static int compare_kinds(const void *left, const void *right)
{
	const struct kind *a = left;
	const struct kind *b = right;

	if (a->count != b->count)
		return a->count > b->count ? -1 : 1;
	if (a->place != b->place)
		return a->place < b->place ? -1 : 1;
	return (a->end > b->end) - (a->end < b->end);
}

static const char *name_of_place(const struct hw_dso_table *dsos, uint32_t place)
{
	return place ? hw_dso_path(hw_dso_table_at(dsos, place - 1)) : "";
}

static void disclose_places(struct hw_quality *quality, const struct hw_stack_counts *counts,
			    const struct hw_dso_table *dsos)
{
	HW_VEC(struct kind) kinds = { 0 };

	for (uint32_t place = 0; place < counts->by_dso.count; place++) {
		const struct hw_ends_of_dso *of_dso = &counts->by_dso.at[place];

		for (enum hw_stack_end end = 0; end < HW_END_COUNT; end++)
			if (of_dso->count[end])
				hw_vec_push(&kinds, (struct kind){ .count = of_dso->count[end],
								   .place = place,
								   .end = end });
	}
	if (kinds.count)
		qsort(kinds.at, kinds.count, sizeof *kinds.at, compare_kinds);
	for (size_t i = 0; i < kinds.count; i++) {
		const bool shown = i < SHOWN_MAX;

		hw_quality_count_end(quality, shown ? hw_stack_end_name(kinds.at[i].end) : "others",
				     shown ? name_of_place(dsos, kinds.at[i].place) : "", kinds.at[i].count);
	}
	hw_vec_fini(&kinds);
}

void hw_stack_counts_disclose(const struct hw_stack_counts *counts, const struct hw_dso_table *dsos,
			      struct hw_quality *quality)
{
	disclose_ends(quality, counts->ends);
	disclose_origins(quality, counts);
	disclose_places(quality, counts, dsos);
}
