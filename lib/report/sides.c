#include "report/sides.h"

/* Is the event of that name one part of another that the profile has, too? */
static bool is_part(const struct hw_profile *profile, const char *event)
{
	for (size_t i = 0; i < profile->quality.events.count; i++) {
		const struct hw_event_quality *e = &profile->quality.events.at[i];

		if (e->whole && e->opened && strcmp(e->opened, event) == 0)
			return hw_profile_find_sample_type(profile, e->whole) != HW_NONE;
	}
	return false;
}

static void add_side(struct hw_sides *sides, uint32_t type, bool is_hidden)
{
	struct hw_side side = {
		.view = sides->list.count ? hw_view_of_event(sides->view, type) : *sides->view,
		.is_hidden = is_hidden,
	};

	side.is_part = is_part(side.view.profile, side.view.event);
	hw_totals_init(&side.totals, &side.view, sides->rows, sides->by_cum);
	hw_vec_push(&sides->list, side);
}

/* Put rows that only the later events have behind the first's. */
static void extend_order(struct hw_sides *sides)
{
	struct hw_totals *first = &sides->list.at[0].totals;
	const size_t row_count = sides->rows->list.count;
	uint8_t *is_in;

	if (first->order_count == row_count)
		return;
	is_in = hw_alloc(row_count, sizeof *is_in);
	for (size_t i = 0; i < first->order_count; i++)
		is_in[first->order[i]] = 1;
	first->order = hw_realloc(first->order, row_count, sizeof *first->order);
	for (size_t i = 1; i < sides->list.count; i++) {
		const struct hw_totals *other = &sides->list.at[i].totals;

		for (size_t j = 0; j < other->order_count; j++) {
			if (is_in[other->order[j]])
				continue;
			is_in[other->order[j]] = 1;
			first->order[first->order_count++] = other->order[j];
		}
	}
	free(is_in);
}

void hw_sides_init(struct hw_sides *sides, const struct hw_view *view, const struct hw_rows *rows,
		   bool by_cum, bool with_others)
{
	uint32_t types[HW_SAMPLE_TYPES_MAX];
	const uint32_t count = with_others ? hw_view_events(view->profile, types) : 0;

	*sides = (struct hw_sides){ .view = view, .rows = rows, .by_cum = by_cum };
	add_side(sides, view->type, false);
	for (int parts = 0; parts < 2; parts++)
		for (uint32_t i = 0; i < count; i++) {
			const uint32_t name = view->profile->sample_types.at[types[i]].type;

			if (types[i] != view->type &&
			    is_part(view->profile, hw_profile_text(view->profile, name)) == parts)
				add_side(sides, types[i], false);
		}
	extend_order(sides);
}

void hw_sides_fini(struct hw_sides *sides)
{
	for (size_t i = 0; i < sides->list.count; i++)
		hw_totals_fini(&sides->list.at[i].totals);
	hw_vec_fini(&sides->list);
	*sides = (struct hw_sides){ 0 };
}

size_t hw_sides_find(struct hw_sides *sides, uint32_t type)
{
	for (size_t i = 0; i < sides->list.count; i++)
		if (sides->list.at[i].view.type == type)
			return i;
	add_side(sides, type, true);
	return sides->list.count - 1;
}

size_t hw_sides_shown(const struct hw_sides *sides)
{
	size_t count = 0;

	for (size_t i = 0; i < sides->list.count; i++)
		count += !sides->list.at[i].is_hidden;
	return count;
}
