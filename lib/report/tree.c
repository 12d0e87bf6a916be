#include "report/tree.h"

#include "report/rank.h"

#include <inttypes.h>

/* How far down its stack a sample has been followed: the next frame is line lines_left - 1 of location
 * locations[frames_left - 1]. The pointer saves two cache misses per step. */
struct cursor {
	const uint32_t *locations; /* of the whole stack, leaf first; borrowed from the profile */
	uint32_t sample;
	uint32_t frames_left;
	uint32_t lines_left;
};

/* Samples cursors[begin .. end) pass through a node. */
struct range {
	size_t begin, end;
};

/* The samples of a node that go on with the same row. */
struct group {
	uint32_t row;
	int64_t value, samples;
	size_t size;
	size_t next; /* where its next cursor goes; SIZE_MAX = not shown */
};

struct builder {
	const struct hw_view *view;
	const struct hw_rows *rows;
	const struct hw_tree_limits *limits;
	double min_value;
	struct hw_tree *tree;
	HW_VEC(struct range) ranges; /* by node */
	struct cursor *cursors, *scratch;
	uint32_t *next_rows;		/* by position in the range at hand: the row it goes on with */
	uint32_t *group_of_row, *stamp; /* by row: valid while stamp is the node's id + 1 */
	HW_VEC(struct group) groups;	/* of the node at hand */
	HW_VEC(struct hw_rank) ranks;
};

/* The row a cursor stands before; HW_NONE behind the leaf. */
static uint32_t next_row(const struct builder *b, const struct cursor *c)
{
	uint32_t count;

	if (!c->frames_left)
		return HW_NONE;
	return hw_rows_of_location(b->rows, c->locations[c->frames_left - 1], &count)[c->lines_left - 1];
}

static void enter_location(const struct builder *b, struct cursor *c)
{
	c->lines_left = 0;
	if (c->frames_left)
		(void)hw_rows_of_location(b->rows, c->locations[c->frames_left - 1], &c->lines_left);
}

static void step(const struct builder *b, struct cursor *c)
{
	if (--c->lines_left == 0) {
		c->frames_left--;
		enter_location(b, c);
	}
}

/* Step over a row; over all its repetitions where they mean nothing. */
static void advance(const struct builder *b, struct cursor *c, uint32_t row)
{
	do
		step(b, c);
	while (b->rows->key == HW_ROW_DSO && next_row(b, c) == row);
}

static void add_node(struct builder *b, const struct hw_tree_node *node, struct range range)
{
	hw_vec_push(&b->tree->nodes, *node);
	hw_vec_push(&b->ranges, range);
}

static void add_root(struct builder *b)
{
	const struct hw_profile *profile = b->view->profile;
	struct hw_tree_node root = { .row = HW_NONE, .parent = HW_NONE };
	size_t count = 0;

	for (size_t i = 0; i < profile->samples.count; i++) {
		int64_t samples;
		const int64_t value = hw_view_value(b->view, i, &samples);
		struct cursor *c = &b->cursors[count];

		if (!value)
			continue;
		*c = (struct cursor){ .sample = (uint32_t)i };
		c->locations =
			hw_stacks_locations(&profile->stacks, profile->samples.at[i].stack, &c->frames_left);
		enter_location(b, c);
		count++;
		root.sum.cum = hw_add_saturated(root.sum.cum, value);
		root.sum.cum_samples = hw_add_saturated(root.sum.cum_samples, samples);
	}
	add_node(b, &root, (struct range){ 0, count });
}

/* Sort the samples of a node into groups by next row; those that end here are its flat. */
static void find_groups(struct builder *b, uint32_t node_id)
{
	struct hw_tree_node *node = &b->tree->nodes.at[node_id];
	const struct range range = b->ranges.at[node_id];

	b->groups.count = 0;
	for (size_t i = range.begin; i < range.end; i++) {
		const uint32_t row = next_row(b, &b->cursors[i]);
		int64_t samples;
		const int64_t value = hw_view_value(b->view, b->cursors[i].sample, &samples);
		struct group *group;

		b->next_rows[i] = row;
		if (row == HW_NONE) {
			node->sum.flat = hw_add_saturated(node->sum.flat, value);
			node->sum.flat_samples = hw_add_saturated(node->sum.flat_samples, samples);
			continue;
		}
		if (b->stamp[row] != node_id + 1) {
			b->stamp[row] = node_id + 1;
			b->group_of_row[row] = (uint32_t)b->groups.count;
			hw_vec_push(&b->groups, (struct group){ .row = row });
		}
		group = &b->groups.at[b->group_of_row[row]];
		group->value = hw_add_saturated(group->value, value);
		group->samples = hw_add_saturated(group->samples, samples);
		group->size++;
	}
}

/* Largest first. */
static void rank_groups(struct builder *b)
{
	b->ranks.count = 0;
	for (size_t i = 0; i < b->groups.count; i++) {
		const struct group *group = &b->groups.at[i];

		hw_vec_push(&b->ranks, (struct hw_rank){ .first = group->value,
							 .row = &b->rows->list.at[group->row],
							 .id = (uint32_t)i });
	}
	hw_rank_sort(b->ranks.at, b->ranks.count);
}

/* Make nodes of the groups worth showing, and give each its part of the range; the others are summed up. */
static void add_children(struct builder *b, uint32_t node_id)
{
	struct hw_tree_node node = b->tree->nodes.at[node_id];
	size_t begin = b->ranges.at[node_id].begin;

	node.first_child = (uint32_t)b->tree->nodes.count;
	for (size_t i = 0; i < b->ranks.count; i++) {
		struct group *group = &b->groups.at[b->ranks.at[i].id];

		if ((double)hw_abs_saturated(group->value) < b->min_value ||
		    (b->limits->child_count && i >= b->limits->child_count)) {
			node.other = hw_add_saturated(node.other, group->value);
			node.other_samples = hw_add_saturated(node.other_samples, group->samples);
			node.other_count++;
			group->next = SIZE_MAX;
			continue;
		}
		node.child_count++;
		group->next = begin;
		begin += group->size;
		add_node(b,
			 &(struct hw_tree_node){
				 .row = group->row,
				 .parent = node_id,
				 .depth = node.depth + 1,
				 .sum = { .cum = group->value, .cum_samples = group->samples } },
			 (struct range){ group->next, begin });
	}
	b->tree->nodes.at[node_id] = node;
}

/* Put each child's samples into its part of the range, one row further down. Keeps their order: neighbours in the
 * profile stay neighbours in memory. */
static void move_samples(struct builder *b, uint32_t node_id)
{
	const struct range range = b->ranges.at[node_id];

	memcpy(b->scratch + range.begin, b->cursors + range.begin,
	       (range.end - range.begin) * sizeof *b->cursors);
	for (size_t i = range.begin; i < range.end; i++) {
		const uint32_t row = b->next_rows[i];
		struct group *group = row == HW_NONE ? NULL : &b->groups.at[b->group_of_row[row]];
		struct cursor *c;

		if (!group || group->next == SIZE_MAX)
			continue;
		c = &b->cursors[group->next++];
		*c = b->scratch[i];
		advance(b, c, row);
	}
}

static int build(struct builder *b, struct hw_err *err)
{
	add_root(b);
	for (uint32_t i = 0; i < b->tree->nodes.count; i++) {
		find_groups(b, i);
		rank_groups(b);
		add_children(b, i);
		if (b->tree->nodes.count > HW_TREE_NODES_MAX) {
			(void)hw_err_set(err, HW_ERR_LIMIT, "the call tree has more than %" PRIu32 " nodes",
					 HW_TREE_NODES_MAX);
			return hw_err_hint(err, "show fewer with --min-share, such as --min-share 0.1%%");
		}
		if (b->tree->nodes.at[i].child_count)
			move_samples(b, i);
	}
	return 0;
}

int hw_tree_init(struct hw_tree *tree, const struct hw_view *view, const struct hw_rows *rows,
		 const struct hw_tree_limits *limits, struct hw_err *err)
{
	const size_t sample_count = view->profile->samples.count;
	struct builder b = {
		.view = view,
		.rows = rows,
		.limits = limits,
		.min_value = limits->min_share * (double)view->total,
		.tree = tree,
		.cursors = hw_alloc(sample_count + 1, sizeof *b.cursors),
		.scratch = hw_alloc(sample_count + 1, sizeof *b.scratch),
		.next_rows = hw_alloc(sample_count + 1, sizeof *b.next_rows),
		.group_of_row = hw_alloc(rows->list.count + 1, sizeof *b.group_of_row),
		.stamp = hw_alloc(rows->list.count + 1, sizeof *b.stamp),
	};
	int result;

	*tree = (struct hw_tree){ 0 };
	result = build(&b, err);
	hw_vec_fini(&b.ranges);
	hw_vec_fini(&b.groups);
	hw_vec_fini(&b.ranks);
	free(b.cursors);
	free(b.scratch);
	free(b.next_rows);
	free(b.group_of_row);
	free(b.stamp);
	if (result < 0)
		hw_tree_fini(tree);
	return result;
}

void hw_tree_fini(struct hw_tree *tree)
{
	hw_vec_fini(&tree->nodes);
}

bool hw_tree_next(const struct hw_tree *tree, struct hw_tree_item *item)
{
	const struct hw_tree_node *nodes = tree->nodes.at;
	uint32_t id = item->node;

	if (!item->is_other && nodes[id].child_count) {
		item->node = nodes[id].first_child;
		return true;
	}
	if (!item->is_other && nodes[id].other_count) {
		item->is_other = true;
		return true;
	}
	/* All of id has been shown: go on with its sibling, or end its parent's children. */
	while (nodes[id].parent != HW_NONE) {
		const uint32_t parent = nodes[id].parent;

		if (id + 1 < nodes[parent].first_child + nodes[parent].child_count) {
			*item = (struct hw_tree_item){ .node = id + 1 };
			return true;
		}
		if (nodes[parent].other_count) {
			*item = (struct hw_tree_item){ .node = parent, .is_other = true };
			return true;
		}
		id = parent;
	}
	return false;
}
