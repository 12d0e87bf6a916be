#include "stitch.h"

/* Samples kept aside at most, of 48 bytes each. */
#define KEPT_MAX 65536

/* What completing may add to the profile, in locations of stacks (of 4 bytes): deep stacks are long, and many. */
#define ADDED_LOCATIONS_MAX ((uint64_t)16 << 20)

struct kept {
	struct hw_stitch_sample sample;
	uint64_t function;
	uint32_t place;
	uint32_t votes; /* that the place had before */
	uint32_t order;
};

struct hw_stitch {
	struct hw_profile *profile;	 /* borrowed */
	const struct hw_column *columns; /* borrowed; of each event */
	struct hw_cut_places *places;
	HW_VEC(struct kept) kept;
	struct hw_stack_counts *counts; /* borrowed */
	uint64_t added_locations;
	uint32_t threads;
	uint32_t whole[2 * HW_FRAMES_MAX]; /* a completed stack */
};

struct hw_stitch *hw_stitch_new(struct hw_profile *profile, const struct hw_column *columns,
				struct hw_stack_counts *counts)
{
	struct hw_stitch *stitch = hw_alloc(1, sizeof *stitch);

	stitch->profile = profile;
	stitch->columns = columns;
	stitch->counts = counts;
	stitch->places = hw_cut_places_new();
	return stitch;
}

void hw_stitch_free(struct hw_stitch *stitch)
{
	if (!stitch)
		return;
	hw_cut_places_free(stitch->places);
	hw_vec_fini(&stitch->kept);
	free(stitch);
}

uint32_t hw_stitch_new_thread(struct hw_stitch *stitch)
{
	return ++stitch->threads;
}

/* --- Settling ---------------------------------------------------------------------------------------------- */

static void add_sample(struct hw_stitch *stitch, const struct kept *kept, struct hw_stack_id stack)
{
	int64_t values[HW_SAMPLE_TYPES_MAX] = { 0 };

	hw_column_count(&stitch->columns[kept->sample.event_index], values,
			(int64_t)kept->sample.period_events);
	hw_profile_add_sample(stitch->profile, stack, kept->sample.labels, values);
}

/* The whole stack of a kept sample, when it can be told. */
static enum hw_cut_verdict complete(struct hw_stitch *stitch, const struct kept *kept, bool is_between_votes,
				    struct hw_stack_id *stack)
{
	struct hw_stacks *stacks = &stitch->profile->stacks;
	const size_t frames_before = stacks->frames.count;
	uint32_t count;
	const uint32_t *found = hw_stacks_locations(stacks, kept->sample.stack, &count);
	enum hw_cut_verdict verdict;
	size_t way_count;

	count--; /* without what says that it was cut */
	memcpy(stitch->whole, found, count * sizeof *found);
	verdict = hw_cut_places_judge(stitch->places, kept->place, kept->function, stitch->whole + count,
				      HW_FRAMES_MAX, &way_count);
	if (verdict != HW_CUT_WHOLE)
		return verdict;
	if (!is_between_votes || stitch->added_locations > ADDED_LOCATIONS_MAX)
		return HW_CUT_UNSEEN;
	*stack = hw_stacks_add(stacks, stitch->whole, count + (uint32_t)way_count);
	stitch->added_locations += stacks->frames.count - frames_before;
	return HW_CUT_WHOLE;
}

static void settle_one(struct hw_stitch *stitch, const struct kept *kept, bool is_between_votes)
{
	struct hw_stack_id stack = kept->sample.stack;

	switch (complete(stitch, kept, is_between_votes, &stack)) {
	case HW_CUT_WHOLE:
		hw_stack_counts_change(stitch->counts, kept->sample.cut_in, HW_END_STITCHED);
		break;
	case HW_CUT_AMBIGUOUS:
		hw_stack_counts_change(stitch->counts, kept->sample.cut_in, HW_END_AMBIGUOUS);
		break;
	case HW_CUT_UNSEEN:
		break;
	}
	add_sample(stitch, kept, stack);
}

/* By place, and there in time order. */
static int compare_kept(const void *left, const void *right)
{
	const struct kept *a = left;
	const struct kept *b = right;

	if (a->place != b->place)
		return a->place < b->place ? -1 : 1;
	return (a->order > b->order) - (a->order < b->order);
}

void hw_stitch_settle(struct hw_stitch *stitch)
{
	struct kept *kept = stitch->kept.at;
	const size_t count = stitch->kept.count;
	size_t end;

	if (count)
		qsort(kept, count, sizeof *kept, compare_kept);
	for (size_t first = 0; first < count; first = end) {
		const uint32_t votes = kept[first].votes;
		bool is_between_votes;

		for (end = first;
		     end < count && kept[end].place == kept[first].place && kept[end].votes == votes;)
			end++;
		is_between_votes = votes && votes < hw_cut_places_votes(stitch->places, kept[first].place) &&
				   end - first <= HW_STITCH_RUN_MAX;
		for (size_t i = first; i < end; i++)
			settle_one(stitch, &kept[i], is_between_votes);
	}
	stitch->kept.count = 0;
}

void hw_stitch_forget(struct hw_stitch *stitch)
{
	hw_stitch_settle(stitch);
	hw_cut_places_forget(stitch->places);
}

bool hw_stitch_take(struct hw_stitch *stitch, const struct hw_cut_stack *stack,
		    const struct hw_stitch_sample *sample)
{
	uint32_t votes;
	uint32_t place;

	if (hw_cut_places_are_full(stitch->places))
		hw_stitch_forget(stitch);
	else if (stitch->kept.count == KEPT_MAX)
		hw_stitch_settle(stitch);
	place = hw_cut_places_pass(stitch->places, stack);
	if (place == HW_CUT_NONE)
		return false;
	votes = hw_cut_places_votes(stitch->places, place);
	hw_vec_push(&stitch->kept, (struct kept){ .sample = *sample,
						  .function = hw_cut_places_function(stitch->places, stack),
						  .place = place,
						  .votes = votes,
						  .order = (uint32_t)stitch->kept.count });
	return true;
}
