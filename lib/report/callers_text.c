#include "report/callers_text.h"

#include <inttypes.h>
#include <math.h>

size_t hw_callers_shown(const struct hw_callers *callers, const struct hw_caller_block *block,
			const struct hw_view *view, const struct hw_table_limits *limits)
{
	size_t count = block->count;

	if (limits->row_count && limits->row_count < count)
		count = (size_t)limits->row_count;
	while (count && fabs(hw_share(callers->list.at[block->first + count - 1].value, view->total)) <
				limits->min_share)
		count--;
	return count;
}

static void print_title(struct hw_buf *out, const struct hw_view *view, const struct hw_rows *rows,
			const struct hw_callers *callers, const struct hw_caller_block *block,
			const struct hw_style *style)
{
	hw_style_begin(out, style, HW_INK_HEADING);
	hw_buf_text(out, callers->side == HW_CALLERS ? "callers of " : "called by ");
	hw_style_end(out, style);
	hw_table_label(out, rows, &rows->list.at[block->row], style, 11);
	hw_buf_text(out, "\n  cum ");
	hw_style_value(out, block->sum.cum, view->unit, 0);
	hw_buf_printf(out, " (%.2f%%), flat ", 100 * hw_share(block->sum.cum, view->total));
	hw_style_value(out, block->sum.flat, view->unit, 0);
	hw_buf_printf(out, " (%.2f%%)\n", 100 * hw_share(block->sum.flat, view->total));
}

/* Of the columns, those that a narrow terminal has room for beside names. */
struct layout {
	bool has_total, has_samples;
	const char *left_out;
};

static struct layout fit_terminal(const struct hw_view *view, const struct hw_style *style)
{
	const bool has_samples = view->count_type != HW_NONE && view->count_type != view->type;
	const size_t least = HW_VALUE_WIDTH + HW_SHARE_WIDTH + 2 + HW_LABEL_WIDTH_MIN;

	if (!style->width || least + HW_SHARE_WIDTH + (has_samples ? HW_VALUE_WIDTH : 0) <= style->width)
		return (struct layout){ true, has_samples, "" };
	if (least + HW_SHARE_WIDTH <= style->width)
		return (struct layout){ true, false, "samples" };
	return (struct layout){ false, false, has_samples ? "of all, samples" : "of all" };
}

static void print_heading(struct hw_buf *out, const struct hw_callers *callers, const struct layout *layout,
			  const struct hw_style *style)
{
	hw_style_begin(out, style, HW_INK_HEADING);
	hw_buf_printf(out, "%*s%*s", HW_VALUE_WIDTH, "value", HW_SHARE_WIDTH, "of cum");
	if (layout->has_total)
		hw_buf_printf(out, "%*s", HW_SHARE_WIDTH, "of all");
	if (layout->has_samples)
		hw_buf_printf(out, "%*s", HW_VALUE_WIDTH, "samples");
	hw_buf_text(out, callers->side == HW_CALLERS ? "  caller" : "  callee");
	hw_style_end(out, style);
	hw_buf_text(out, "\n");
}

static void print_caller(struct hw_buf *out, const struct hw_view *view, const struct hw_rows *rows,
			 const struct hw_callers *callers, const struct hw_caller_block *block,
			 const struct hw_caller *caller, const struct layout *layout,
			 const struct hw_style *style)
{
	size_t used = HW_VALUE_WIDTH + HW_SHARE_WIDTH + 2;

	hw_style_value(out, caller->value, view->unit, HW_VALUE_WIDTH);
	hw_style_share(out, style, hw_share(caller->value, block->sum.cum), HW_SHARE_WIDTH);
	if (layout->has_total) {
		hw_style_share(out, style, hw_share(caller->value, view->total), HW_SHARE_WIDTH);
		used += HW_SHARE_WIDTH;
	}
	if (layout->has_samples) {
		hw_buf_printf(out, "%*" PRId64, HW_VALUE_WIDTH, caller->samples);
		used += HW_VALUE_WIDTH;
	}
	hw_buf_text(out, "  ");
	if (caller->row != HW_NONE)
		hw_table_label(out, rows, &rows->list.at[caller->row], style, used);
	else
		hw_buf_text(out, callers->side == HW_CALLERS ? "[root]" : "[self]");
	hw_buf_text(out, "\n");
}

static void print_block(struct hw_buf *out, const struct hw_view *view, const struct hw_rows *rows,
			const struct hw_callers *callers, const struct hw_caller_block *block,
			const struct hw_table_limits *limits, const struct layout *layout,
			const struct hw_style *style)
{
	const size_t shown = hw_callers_shown(callers, block, view, limits);
	int64_t rest = 0;

	print_title(out, view, rows, callers, block, style);
	print_heading(out, callers, layout, style);
	for (size_t i = 0; i < shown; i++)
		print_caller(out, view, rows, callers, block, &callers->list.at[block->first + i], layout,
			     style);
	for (size_t i = shown; i < block->count; i++)
		rest = hw_add_saturated(rest, callers->list.at[block->first + i].value);
	if (shown < block->count)
		hw_buf_printf(out, "... and %zu more with %.2f%% of cum; -n 0%s shows all\n",
			      block->count - shown, 100 * hw_share(rest, block->sum.cum),
			      limits->min_share > 0 ? " --min-share 0" : "");
}

void hw_callers_print(struct hw_buf *out, const struct hw_view *view, const struct hw_rows *rows,
		      const struct hw_callers *callers, const struct hw_table_limits *limits,
		      const struct hw_style *style)
{
	const struct layout layout = fit_terminal(view, style);

	for (size_t i = 0; i < callers->blocks.count; i++) {
		hw_buf_text(out, i ? "\n" : "");
		print_block(out, view, rows, callers, &callers->blocks.at[i], limits, &layout, style);
	}
	if (callers->blocks.count)
		hw_table_left_out(out, layout.left_out, style);
	if (!callers->match_count)
		hw_table_nothing(out, view, " is in what matches");
	if (callers->blocks.count < callers->match_count)
		hw_buf_printf(out, "\n... and %zu more that match; -n 0 shows all\n",
			      callers->match_count - callers->blocks.count);
}
