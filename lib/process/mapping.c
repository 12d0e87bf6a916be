/* The executable mappings of one process as a sorted array: lookups (one or more per frame) are a binary
 * search, changes (a few per exec) move the tail. */
#include "process/mapping.h"

#include "base/map.h"

void hw_mappings_fini(struct hw_mappings *mappings)
{
	hw_vec_fini(&mappings->list);
	mappings->last_hit = 0;
}

void hw_mappings_copy(struct hw_mappings *to, const struct hw_mappings *from)
{
	if (to == from)
		return;
	to->list.count = 0;
	to->last_hit = 0;
	if (!from->list.count)
		return;
	hw_vec_reserve(&to->list, from->list.count);
	memcpy(to->list.at, from->list.at, from->list.count * sizeof *from->list.at);
	to->list.count = from->list.count;
}

/* Index of the first mapping whose end lies above avma: the one that covers it, or the next one up. */
static size_t first_ending_above(const struct hw_mappings *mappings, uint64_t avma)
{
	size_t low = 0;
	size_t high = mappings->list.count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (mappings->list.at[middle].limit_avma <= avma)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static uint64_t id_of(const struct hw_mapping *mapping)
{
	const uint64_t file = mapping->dso ? hw_dso_index(mapping->dso) : UINT64_MAX;

	return hw_hash_mix(hw_hash_mix(file, mapping->start_avma), mapping->file_foff);
}

/* What is left of `whole` within [start, limit). It is another range, so the pipeline has to look anew. */
static struct hw_mapping piece_of(const struct hw_mapping *whole, uint64_t start_avma, uint64_t limit_avma)
{
	struct hw_mapping piece = *whole;

	piece.file_foff = hw_mapping_foff(whole, start_avma);
	piece.start_avma = start_avma;
	piece.limit_avma = limit_avma;
	piece.id = id_of(&piece);
	piece.tag = HW_MAPPING_NO_TAG;
	return piece;
}

/* Put count mappings in the place of those from index first to (excluding) last. */
static void replace(struct hw_mappings *mappings, size_t first, size_t last, const struct hw_mapping *with,
		    size_t count)
{
	const size_t tail = mappings->list.count - last;

	hw_vec_reserve(&mappings->list, count);
	if (tail)
		memmove(mappings->list.at + first + count, mappings->list.at + last,
			tail * sizeof *mappings->list.at);
	if (count)
		memcpy(mappings->list.at + first, with, count * sizeof *with);
	mappings->list.count = first + count + tail;
	mappings->last_hit = 0;
}

void hw_mappings_add(struct hw_mappings *mappings, const struct hw_mapping *mapping)
{
	struct hw_mapping added = *mapping; /* it may lie in the array that moves */
	struct hw_mapping pieces[3];
	size_t piece_count = 0;
	size_t first;
	size_t last;

	if (added.start_avma >= added.limit_avma)
		return;
	added.id = id_of(&added);
	first = first_ending_above(mappings, added.start_avma);
	last = first;
	while (last < mappings->list.count && mappings->list.at[last].start_avma < added.limit_avma)
		last++;

	if (first < last && mappings->list.at[first].start_avma < added.start_avma)
		pieces[piece_count++] = piece_of(&mappings->list.at[first],
						 mappings->list.at[first].start_avma, added.start_avma);
	pieces[piece_count++] = added;
	if (first < last && mappings->list.at[last - 1].limit_avma > added.limit_avma)
		pieces[piece_count++] = piece_of(&mappings->list.at[last - 1], added.limit_avma,
						 mappings->list.at[last - 1].limit_avma);
	replace(mappings, first, last, pieces, piece_count);
}

static bool covers(const struct hw_mapping *mapping, uint64_t avma)
{
	return avma >= mapping->start_avma && avma < mapping->limit_avma;
}

struct hw_mapping *hw_mappings_find(struct hw_mappings *mappings, uint64_t avma)
{
	const size_t count = mappings->list.count;
	size_t index;

	if (mappings->last_hit < count && covers(&mappings->list.at[mappings->last_hit], avma))
		return &mappings->list.at[mappings->last_hit];
	index = first_ending_above(mappings, avma);
	if (index == count || !covers(&mappings->list.at[index], avma))
		return NULL;
	mappings->last_hit = index;
	return &mappings->list.at[index];
}
