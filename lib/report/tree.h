/* The call tree from the root down: each path of rows with what was spent in it.
 *
 * Built by splitting the samples of a node by the row they go on with, as a radix sort would, and only nodes worth
 * showing are split further: memory is a few words per sample plus the nodes shown, however deep the stacks are. */
#ifndef HW_REPORT_TREE_H
#define HW_REPORT_TREE_H

#include "report/totals.h"

/* More nodes than anybody reads, and a bound on memory (about 200 MiB). */
#define HW_TREE_NODES_MAX (UINT32_C(1) << 21)

/* cum = flat + cum of the children + other, in every node. */
struct hw_tree_node {
	uint32_t row;			   /* HW_NONE in the root */
	uint32_t parent;		   /* HW_NONE in the root */
	uint32_t depth;			   /* 0 in the root */
	uint32_t first_child, child_count; /* nodes next to each other, largest cum first, ties by name */
	uint32_t other_count;		   /* children too small to be shown */
	struct hw_row_sum sum;
	int64_t other, other_samples; /* cum of those */
};

struct hw_tree_limits {
	double min_share;     /* of the view's total; children with a smaller cum go to other */
	uint64_t child_count; /* of a node at most; 0 = all */
};

struct hw_tree {
	HW_VEC(struct hw_tree_node) nodes; /* [0] is the root: all samples of the view */
};

/* Build the tree of a view; the rows must have callers. Frames of one row that follow each other are one node when
 * rows are DSOs. -1 with HW_ERR_LIMIT when there are more than HW_TREE_NODES_MAX nodes within the limits. */
int hw_tree_init(struct hw_tree *tree, const struct hw_view *view, const struct hw_rows *rows,
		 const struct hw_tree_limits *limits, struct hw_err *err) HW_CHECKED;
void hw_tree_fini(struct hw_tree *tree);

/* A line of the tree: a node, or what stands for its small children. */
struct hw_tree_item {
	uint32_t node;
	bool is_other;
};

/* Step to the line that follows: after a node its children, each with all below it, then its other. Start at the
 * root, { 0, false }. Returns false at the end. */
bool hw_tree_next(const struct hw_tree *tree, struct hw_tree_item *item);

#endif
