#include "report/callers.h"

#include "report/rank.h"

#include <regex.h>

/* One (row, neighbour) pair while it is summed up. There can be millions. */
struct edge {
	uint32_t block, row;
	int64_t value, samples;
};

struct builder {
	const struct hw_view *view;
	const struct hw_rows *rows;
	enum hw_caller_side side;
	uint32_t *block_of_row; /* HW_NONE = does not match */
	/* Of the stack at hand, by block: its stamp, and the neighbour found so far. */
	uint32_t *stamp, *neighbour;
	HW_VEC(uint32_t) touched;
	HW_VEC(struct edge) edges;
	struct hw_map index;
};

/* --- Which rows ------------------------------------------------------------------------------------------ */

/* Mark the rows that match in block_of_row with 0. Returns how many. */
static size_t match_exactly(struct builder *b, const char *name)
{
	size_t count = 0;

	for (size_t i = 0; i < b->rows->list.count; i++) {
		if (strcmp(b->rows->list.at[i].name, name) == 0) {
			b->block_of_row[i] = 0;
			count++;
		}
	}
	return count;
}

static int match_expression(struct builder *b, const char *expression, struct hw_err *err)
{
	regex_t regex;
	const int bad = regcomp(&regex, expression, REG_EXTENDED | REG_NOSUB);
	size_t count = 0;

	if (bad) {
		char why[128];

		(void)regerror(bad, &regex, why, sizeof why);
		return hw_err_set(err, HW_ERR_USAGE,
				  "'%s' is neither a %s of the profile nor a regular expression: %s",
				  expression, hw_row_key_name(b->rows->key), why);
	}
	for (size_t i = 0; i < b->rows->list.count; i++) {
		if (regexec(&regex, b->rows->list.at[i].name, 0, NULL, 0) == 0) {
			b->block_of_row[i] = 0;
			count++;
		}
	}
	regfree(&regex);
	if (count)
		return 0;
	(void)hw_err_set(err, HW_ERR_USAGE, "no %s of the profile matches '%s'",
			 hw_row_key_name(b->rows->key), expression);
	return hw_err_hint(err, "'hwprof report -n 0' lists all there are");
}

/* One block per row that matches and has a value, in the order they will be shown. */
static void add_blocks(struct hw_callers *callers, struct builder *b, const struct hw_totals *totals,
		       uint64_t block_count)
{
	struct hw_rank *ranks = hw_alloc(b->rows->list.count + 1, sizeof *ranks);
	size_t count = 0;

	for (size_t i = 0; i < b->rows->list.count; i++) {
		const struct hw_row_sum *sum = &totals->sums[i];

		if (b->block_of_row[i] == HW_NONE)
			continue;
		b->block_of_row[i] = HW_NONE;
		if (sum->cum || sum->flat)
			ranks[count++] = (struct hw_rank){ .first = sum->cum,
							   .second = sum->flat,
							   .row = &b->rows->list.at[i],
							   .id = (uint32_t)i };
	}
	hw_rank_sort(ranks, count);
	callers->match_count = count;
	if (block_count && block_count < count)
		count = (size_t)block_count;
	for (size_t i = 0; i < count; i++) {
		b->block_of_row[ranks[i].id] = (uint32_t)i;
		hw_vec_push(&callers->blocks,
			    (struct hw_caller_block){ .row = ranks[i].id, .sum = totals->sums[ranks[i].id] });
	}
	free(ranks);
}

/* --- Their neighbours ------------------------------------------------------------------------------------ */

static void add_edge(struct builder *b, uint32_t block, uint32_t row, int64_t value, int64_t samples)
{
	const uint64_t hash = hw_hash_mix(hw_hash_mix(0, block), row);
	struct edge *edge = NULL;
	uint32_t id;

	for (size_t slot = hw_map_first(&b->index, hash); (id = hw_map_id(&b->index, slot)) != HW_MAP_NONE;
	     slot = hw_map_next(&b->index, slot, hash)) {
		edge = &b->edges.at[id];
		if (edge->block == block && edge->row == row)
			break;
	}
	if (id == HW_MAP_NONE) {
		hw_map_insert(&b->index, hash, (uint32_t)b->edges.count);
		hw_vec_push(&b->edges, (struct edge){ .block = block, .row = row });
		edge = &b->edges.at[b->edges.count - 1];
	}
	edge->value = hw_add_saturated(edge->value, value);
	edge->samples = hw_add_saturated(edge->samples, samples);
}

/* The row `row` of the stack at hand, met from the leaf up, its callee (the row before it) known. Returns the
 * block whose caller comes next, or HW_NONE. */
static uint32_t visit_row(struct builder *b, uint32_t stamp, uint32_t row, uint32_t callee)
{
	const uint32_t block = b->block_of_row[row];

	if (block == HW_NONE)
		return HW_NONE;
	if (b->stamp[block] != stamp) {
		b->stamp[block] = stamp;
		b->neighbour[block] = callee;
		hw_vec_push(&b->touched, block);
	}
	return b->side == HW_CALLERS ? block : HW_NONE;
}

static void add_stack(struct builder *b, uint32_t stamp, const uint32_t *locations, uint32_t location_count,
		      int64_t value, int64_t samples)
{
	uint32_t callee = HW_NONE;
	uint32_t waiting = HW_NONE; /* for its caller */

	b->touched.count = 0;
	for (uint32_t i = 0; i < location_count; i++) {
		uint32_t count;
		const uint32_t *list = hw_rows_of_location(b->rows, locations[i], &count);

		for (uint32_t j = 0; j < count; j++) {
			/* Later calls are further out: the last one written is the outermost. */
			if (waiting != HW_NONE)
				b->neighbour[waiting] = list[j];
			waiting = visit_row(b, stamp, list[j], callee);
			callee = list[j];
		}
	}
	if (!location_count)
		waiting = visit_row(b, stamp, b->rows->of_empty_stack, HW_NONE);
	if (waiting != HW_NONE)
		b->neighbour[waiting] = HW_NONE;
	for (size_t i = 0; i < b->touched.count; i++)
		add_edge(b, b->touched.at[i], b->neighbour[b->touched.at[i]], value, samples);
}

static void add_stacks(struct builder *b)
{
	const struct hw_profile *profile = b->view->profile;

	for (size_t i = 0; i < profile->samples.count; i++) {
		int64_t samples;
		const int64_t value = hw_view_value(b->view, i, &samples);
		uint32_t count;
		const uint32_t *locations =
			hw_stacks_locations(&profile->stacks, profile->samples.at[i].stack, &count);

		if (value)
			add_stack(b, (uint32_t)i + 1, locations, count, value, samples);
	}
}

/* Sort the list of one block, with room for as many ranks and copies. */
static void sort_block(struct hw_callers *callers, const struct hw_rows *rows,
		       const struct hw_caller_block *block, struct hw_rank *ranks, struct hw_caller *copy)
{
	struct hw_caller *list = callers->list.at + block->first;

	for (size_t i = 0; i < block->count; i++)
		ranks[i] =
			(struct hw_rank){ .first = list[i].value,
					  .row = list[i].row == HW_NONE ? NULL : &rows->list.at[list[i].row],
					  .id = (uint32_t)i };
	hw_rank_sort(ranks, block->count);
	memcpy(copy, list, block->count * sizeof *list);
	for (size_t i = 0; i < block->count; i++)
		list[i] = copy[ranks[i].id];
}

/* Edges to each block's list, sorted. */
static void collect(struct hw_callers *callers, const struct builder *b)
{
	size_t first = 0;
	size_t count_max = 0;
	struct hw_rank *ranks;
	struct hw_caller *copy;

	if (!b->edges.count)
		return;
	for (size_t i = 0; i < b->edges.count; i++)
		callers->blocks.at[b->edges.at[i].block].count++;
	for (size_t i = 0; i < callers->blocks.count; i++) {
		struct hw_caller_block *block = &callers->blocks.at[i];

		count_max = block->count > count_max ? block->count : count_max;
		block->first = first;
		first += block->count;
		block->count = 0;
	}
	hw_vec_reserve(&callers->list, b->edges.count);
	callers->list.count = b->edges.count;
	for (size_t i = 0; i < b->edges.count; i++) {
		const struct edge *edge = &b->edges.at[i];
		struct hw_caller_block *block = &callers->blocks.at[edge->block];

		callers->list.at[block->first + block->count++] = (struct hw_caller){
			.row = edge->row, .value = edge->value, .samples = edge->samples
		};
	}
	ranks = hw_alloc(count_max, sizeof *ranks);
	copy = hw_alloc(count_max, sizeof *copy);
	for (size_t i = 0; i < callers->blocks.count; i++)
		sort_block(callers, b->rows, &callers->blocks.at[i], ranks, copy);
	free(ranks);
	free(copy);
}

int hw_callers_init(struct hw_callers *callers, const struct hw_view *view, const struct hw_rows *rows,
		    const struct hw_totals *totals, enum hw_caller_side side, const char *name,
		    uint64_t block_count, struct hw_err *err)
{
	struct builder b = {
		.view = view,
		.rows = rows,
		.side = side,
		.block_of_row = hw_alloc(rows->list.count + 1, sizeof *b.block_of_row),
	};
	int result = 0;

	*callers = (struct hw_callers){ .side = side };
	memset(b.block_of_row, 0xff, (rows->list.count + 1) * sizeof *b.block_of_row); /* HW_NONE */
	if (!match_exactly(&b, name))
		result = match_expression(&b, name, err);
	if (result == 0) {
		add_blocks(callers, &b, totals, block_count);
		b.stamp = hw_alloc(callers->blocks.count + 1, sizeof *b.stamp);
		b.neighbour = hw_alloc(callers->blocks.count + 1, sizeof *b.neighbour);
		add_stacks(&b);
		hw_map_fini(&b.index); /* before the lists take as much */
		collect(callers, &b);
	}
	free(b.block_of_row);
	free(b.stamp);
	free(b.neighbour);
	hw_vec_fini(&b.touched);
	hw_vec_fini(&b.edges);
	hw_map_fini(&b.index);
	return result;
}

void hw_callers_fini(struct hw_callers *callers)
{
	hw_vec_fini(&callers->blocks);
	hw_vec_fini(&callers->list);
}
