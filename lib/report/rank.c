#include "report/rank.h"

#include "report/view.h"

static int compare_values(int64_t a, int64_t b)
{
	const int64_t size_a = hw_abs_saturated(a);
	const int64_t size_b = hw_abs_saturated(b);

	return size_a != size_b ? (size_a < size_b) - (size_a > size_b) : (a < b) - (a > b);
}

static int compare_ranks(const void *pa, const void *pb)
{
	const struct hw_rank *a = pa;
	const struct hw_rank *b = pb;
	int order = compare_values(a->first, b->first);

	if (!order)
		order = compare_values(a->second, b->second);
	if (order || a->row == b->row)
		return order;
	return a->row && b->row ? hw_row_compare(a->row, b->row) : a->row ? -1 : 1;
}

void hw_rank_sort(struct hw_rank *ranks, size_t count)
{
	if (count > 1)
		qsort(ranks, count, sizeof *ranks, compare_ranks);
}
