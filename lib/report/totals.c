#include "report/totals.h"

#include "report/rank.h"

static void add_value(int64_t *value, int64_t *samples, int64_t more_value, int64_t more_samples)
{
	*value = hw_add_saturated(*value, more_value);
	*samples = hw_add_saturated(*samples, more_samples);
}

/* One stack: flat to its innermost row, cum to each of its rows once. seen[row] is the last stack that met it. */
static void add_stack(struct hw_row_sum *sums, uint32_t *seen, uint32_t stamp, const struct hw_rows *rows,
		      const uint32_t *locations, uint32_t location_count, int64_t value, int64_t samples)
{
	struct hw_row_sum *leaf;

	if (!location_count) {
		leaf = &sums[rows->of_empty_stack];
		add_value(&leaf->cum, &leaf->cum_samples, value, samples);
	} else {
		leaf = &sums[rows->of_location.at[rows->first_of_location[locations[0]]]];
	}
	add_value(&leaf->flat, &leaf->flat_samples, value, samples);
	for (uint32_t i = 0; i < location_count; i++) {
		uint32_t count;
		const uint32_t *list = hw_rows_of_location(rows, locations[i], &count);

		for (uint32_t j = 0; j < count; j++) {
			if (seen[list[j]] == stamp)
				continue;
			seen[list[j]] = stamp;
			add_value(&sums[list[j]].cum, &sums[list[j]].cum_samples, value, samples);
		}
	}
}

static void sum_frames(struct hw_totals *totals, const struct hw_view *view, const struct hw_rows *rows)
{
	const struct hw_profile *profile = view->profile;
	uint32_t *seen = hw_alloc(rows->list.count + 1, sizeof *seen);

	for (size_t i = 0; i < profile->samples.count; i++) {
		int64_t samples;
		const int64_t value = hw_view_value(view, i, &samples);
		uint32_t count;
		const uint32_t *locations =
			hw_stacks_locations(&profile->stacks, profile->samples.at[i].stack, &count);

		/* Sample ids fit 32 bits, and 0 is "never seen". */
		if (value)
			add_stack(totals->sums, seen, (uint32_t)i + 1, rows, locations, count, value,
				  samples);
	}
	free(seen);
}

static void sum_labels(struct hw_totals *totals, const struct hw_view *view, const struct hw_rows *rows)
{
	for (size_t i = 0; i < view->profile->samples.count; i++) {
		struct hw_row_sum *sum = &totals->sums[rows->of_sample[i]];
		int64_t samples;
		const int64_t value = hw_view_value(view, i, &samples);

		add_value(&sum->flat, &sum->flat_samples, value, samples);
		add_value(&sum->cum, &sum->cum_samples, value, samples);
	}
}

static void sort_rows(struct hw_totals *totals, const struct hw_rows *rows)
{
	struct hw_rank *ranks = hw_alloc(rows->list.count + 1, sizeof *ranks);
	size_t count = 0;

	for (size_t i = 0; i < rows->list.count; i++) {
		const struct hw_row_sum *sum = &totals->sums[i];

		if (sum->flat || sum->cum)
			ranks[count++] = (struct hw_rank){ .first = totals->by_cum ? sum->cum : sum->flat,
							   .second = totals->by_cum ? sum->flat : sum->cum,
							   .row = &rows->list.at[i],
							   .id = (uint32_t)i };
	}
	hw_rank_sort(ranks, count);
	totals->order = hw_alloc(count + 1, sizeof *totals->order);
	for (size_t i = 0; i < count; i++)
		totals->order[i] = ranks[i].id;
	totals->order_count = count;
	free(ranks);
}

void hw_totals_init(struct hw_totals *totals, const struct hw_view *view, const struct hw_rows *rows,
		    bool by_cum)
{
	*totals = (struct hw_totals){
		.sums = hw_alloc(rows->list.count + 1, sizeof *totals->sums),
		.by_cum = by_cum,
	};
	if (rows->of_sample)
		sum_labels(totals, view, rows);
	else
		sum_frames(totals, view, rows);
	sort_rows(totals, rows);
}

void hw_totals_fini(struct hw_totals *totals)
{
	free(totals->sums);
	free(totals->order);
	*totals = (struct hw_totals){ 0 };
}
