#include "dso/code_sweep.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#define WORD_BITS 64

static struct hw_code_range range_of(const struct hw_code_sweep *sweep, uint32_t index)
{
	struct hw_code_range range;

	memcpy(&range, sweep->first + index * sweep->stride, sizeof range);
	return range;
}

static int compare(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int compare_starts(const void *left, const void *right, void *sweep)
{
	return compare(range_of(sweep, *(const uint32_t *)left).start_avma,
		       range_of(sweep, *(const uint32_t *)right).start_avma);
}

static int compare_limits(const void *left, const void *right, void *sweep)
{
	return compare(range_of(sweep, *(const uint32_t *)left).limit_avma,
		       range_of(sweep, *(const uint32_t *)right).limit_avma);
}

void hw_code_sweep_init(struct hw_code_sweep *sweep, const void *first, size_t stride, size_t count)
{
	size_t words = count;

	*sweep = (struct hw_code_sweep){ .first = first, .stride = stride, .count = (uint32_t)count };
	sweep->by_start = hw_alloc(count + 1, sizeof *sweep->by_start);
	sweep->by_limit = hw_alloc(count + 1, sizeof *sweep->by_limit);
	for (uint32_t i = 0; i < sweep->count; i++)
		sweep->by_start[i] = sweep->by_limit[i] = i;
	qsort_r(sweep->by_start, count, sizeof *sweep->by_start, compare_starts, sweep);
	qsort_r(sweep->by_limit, count, sizeof *sweep->by_limit, compare_limits, sweep);
	do {
		words = words / WORD_BITS + 1;
		sweep->level[sweep->level_count++] = hw_alloc(words, sizeof(uint64_t));
	} while (words > 1);
}

void hw_code_sweep_fini(struct hw_code_sweep *sweep)
{
	free(sweep->by_start);
	free(sweep->by_limit);
	for (unsigned i = 0; i < sweep->level_count; i++)
		free(sweep->level[i]);
	*sweep = (struct hw_code_sweep){ 0 };
}

static void set(struct hw_code_sweep *sweep, uint32_t bit)
{
	for (unsigned i = 0; i < sweep->level_count; i++) {
		sweep->level[i][bit / WORD_BITS] |= UINT64_C(1) << bit % WORD_BITS;
		bit /= WORD_BITS;
	}
}

static void clear(struct hw_code_sweep *sweep, uint32_t bit)
{
	for (unsigned i = 0; i < sweep->level_count; i++) {
		uint64_t *word = &sweep->level[i][bit / WORD_BITS];

		*word &= ~(UINT64_C(1) << bit % WORD_BITS);
		if (*word)
			return;
		bit /= WORD_BITS;
	}
}

void hw_code_sweep_to(struct hw_code_sweep *sweep, uint64_t avma)
{
	while (sweep->started < sweep->count &&
	       range_of(sweep, sweep->by_start[sweep->started]).start_avma <= avma)
		set(sweep, sweep->by_start[sweep->started++]);
	/* No piece is empty: what ends here has begun. */
	while (sweep->ended < sweep->count &&
	       range_of(sweep, sweep->by_limit[sweep->ended]).limit_avma <= avma)
		clear(sweep, sweep->by_limit[sweep->ended++]);
}

uint32_t hw_code_sweep_before(const struct hw_code_sweep *sweep, uint32_t index)
{
	for (unsigned i = 0; i < sweep->level_count; i++) {
		const uint32_t place = index / WORD_BITS;
		uint64_t word = sweep->level[i][place] & ((UINT64_C(1) << index % WORD_BITS) - 1);

		index = place;
		if (!word)
			continue;
		for (;;) {
			index = index * WORD_BITS + WORD_BITS - 1 - (uint32_t)__builtin_clzll(word);
			if (i == 0)
				return index;
			word = sweep->level[--i][index];
		}
	}
	return HW_CODE_NONE;
}
