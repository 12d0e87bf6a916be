#include "report/tree_text.h"

#include "report/table.h"

#include <inttypes.h>

/* How a child hangs on its parent, and what stands under it for all below. */
struct branch {
	const char *mark, *under;
};

static struct branch branch_of(bool is_last, bool utf8)
{
	if (utf8)
		return is_last ? (struct branch){ "\xe2\x94\x94\xe2\x94\x80 ", "   " }
			       : (struct branch){ "\xe2\x94\x9c\xe2\x94\x80 ", "\xe2\x94\x82  " };
	return is_last ? (struct branch){ "`- ", "   " } : (struct branch){ "|- ", "|  " };
}

struct tree_text {
	const struct hw_view *view;
	const struct hw_rows *rows;
	const struct hw_tree *tree;
	const struct hw_style *style;
	bool has_flat, has_samples; /* columns: a narrow terminal has no room for all */
	struct hw_buf prefix;	    /* of the children of the node printed last */
	HW_VEC(size_t) prefix_end;  /* by depth: where the prefix of a node's children ends */
};

static size_t numbers_width(const struct tree_text *t)
{
	return (size_t)(1 + t->has_flat) * (HW_VALUE_WIDTH + HW_SHARE_WIDTH) +
	       (t->has_samples ? HW_VALUE_WIDTH : 0) + 2;
}

/* Leave columns out until there is room for names. Returns which. */
static const char *fit_terminal(struct tree_text *t)
{
	const size_t width = t->style->width;
	const bool had_samples = t->has_samples;

	if (!width || numbers_width(t) + HW_LABEL_WIDTH_MIN <= width)
		return "";
	t->has_samples = false;
	if (numbers_width(t) + HW_LABEL_WIDTH_MIN <= width)
		return "samples";
	t->has_flat = false;
	return had_samples ? "flat, samples" : "flat";
}

static void print_heading(struct hw_buf *out, const struct tree_text *t)
{
	hw_style_begin(out, t->style, HW_INK_HEADING);
	hw_buf_printf(out, "%*s%*s", HW_VALUE_WIDTH, "cum", HW_SHARE_WIDTH, "cum %");
	if (t->has_flat)
		hw_buf_printf(out, "%*s%*s", HW_VALUE_WIDTH, "flat", HW_SHARE_WIDTH, "flat %");
	if (t->has_samples)
		hw_buf_printf(out, "%*s", HW_VALUE_WIDTH, "samples");
	hw_buf_printf(out, "  %s", hw_row_key_name(t->rows->key));
	hw_style_end(out, t->style);
	hw_buf_text(out, "\n");
}

/* The columns of numbers. Returns how wide they are. */
static size_t print_numbers(struct hw_buf *out, const struct tree_text *t, const struct hw_row_sum *sum)
{
	const int64_t total = t->view->total;

	hw_style_value(out, sum->cum, t->view->unit, HW_VALUE_WIDTH);
	hw_style_share(out, t->style, hw_share(sum->cum, total), HW_SHARE_WIDTH);
	if (t->has_flat && sum->flat) {
		hw_style_value(out, sum->flat, t->view->unit, HW_VALUE_WIDTH);
		hw_style_share(out, t->style, hw_share(sum->flat, total), HW_SHARE_WIDTH);
	} else if (t->has_flat) {
		hw_buf_printf(out, "%*s", HW_VALUE_WIDTH + HW_SHARE_WIDTH, "");
	}
	if (t->has_samples)
		hw_buf_printf(out, "%*" PRId64, HW_VALUE_WIDTH, sum->cum_samples);
	hw_buf_text(out, "  ");
	return numbers_width(t);
}

/* Draw what stands left of the name, and make the prefix that of the item's own children. Returns the columns. */
static size_t print_branch(struct hw_buf *out, struct tree_text *t, const struct hw_tree_item *item,
			   uint32_t depth)
{
	const struct hw_tree_node *nodes = t->tree->nodes.at;
	const uint32_t parent = item->is_other ? item->node : nodes[item->node].parent;
	struct branch branch = { "", "" };

	if (parent != HW_NONE) {
		const struct hw_tree_node *p = &nodes[parent];
		const bool is_last = item->is_other ||
				     (item->node + 1 == p->first_child + p->child_count && !p->other_count);

		t->prefix.size = t->prefix_end.at[depth - 1];
		if (p->child_count + (p->other_count ? 1 : 0) > 1)
			branch = branch_of(is_last, t->style->utf8);
	}
	hw_buf_add(out, t->prefix.data, t->prefix.size);
	hw_buf_text(out, branch.mark);
	hw_buf_text(&t->prefix, branch.under);
	t->prefix_end.count = depth;
	hw_vec_push(&t->prefix_end, t->prefix.size);
	return t->prefix.size ? hw_style_columns(t->prefix.data) : 0;
}

static void print_item(struct hw_buf *out, struct tree_text *t, const struct hw_tree_item *item)
{
	const struct hw_tree_node *node = &t->tree->nodes.at[item->node];
	const struct hw_row_sum other = { .cum = node->other, .cum_samples = node->other_samples };
	size_t used = print_numbers(out, t, item->is_other ? &other : &node->sum);

	used += print_branch(out, t, item, node->depth + item->is_other);
	if (item->is_other) {
		hw_style_begin(out, t->style, HW_INK_DIM);
		hw_buf_printf(out, "[other: %" PRIu32 " more]", node->other_count);
		hw_style_end(out, t->style);
	} else if (node->row == HW_NONE) {
		hw_buf_text(out, "[all]");
	} else {
		hw_table_label(out, t->rows, &t->rows->list.at[node->row], t->style, used);
	}
	hw_buf_text(out, "\n");
}

void hw_tree_print(struct hw_buf *out, const struct hw_view *view, const struct hw_rows *rows,
		   const struct hw_tree *tree, const struct hw_style *style)
{
	struct tree_text text = {
		.view = view,
		.rows = rows,
		.tree = tree,
		.style = style,
		.has_flat = true,
		.has_samples = view->count_type != HW_NONE && view->count_type != view->type,
	};
	struct hw_tree_item item = { 0 };
	const char *left_out = fit_terminal(&text);

	hw_buf_text(&text.prefix, "");
	print_heading(out, &text);
	do
		print_item(out, &text, &item);
	while (hw_tree_next(tree, &item));
	hw_table_left_out(out, left_out, style);
	hw_buf_fini(&text.prefix);
	hw_vec_fini(&text.prefix_end);
}
