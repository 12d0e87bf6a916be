#include "report/table.h"

#include <inttypes.h>
#include <math.h>

#define DSO_WIDTH_MAX 24
/* However narrow the terminal, so much of a name is shown. */
#define LABEL_WIDTH_MIN 16

/* The columns of one table. */
struct layout {
	const struct hw_view *view;
	const struct hw_rows *rows;
	const struct hw_totals *totals;
	const struct hw_style *style;
	bool has_samples; /* a column of sample counts: only where the values are something else */
	size_t dso_width; /* 0 = no such column */
};

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

void hw_table_dso(struct hw_buf *out, const struct hw_row *row)
{
	if (strncmp(row->dso, "[kernel.kallsyms]", 17) == 0)
		hw_buf_text(out, "[kernel]");
	else
		hw_buf_text(out, row->dso[0] ? base_name(row->dso) : row->is_kernel ? "[kernel]" : "-");
}

void hw_table_label(struct hw_buf *out, const struct hw_rows *rows, const struct hw_row *row,
		    const struct hw_style *style, size_t used_columns)
{
	const size_t left =
		style->width > used_columns + LABEL_WIDTH_MIN ? style->width - used_columns : LABEL_WIDTH_MIN;
	const size_t width = style->width ? left : 0;
	const char *file = base_name(row->file);
	struct hw_buf label = { 0 };
	size_t columns;

	hw_row_label(&label, rows, row);
	if (row->is_kernel)
		hw_style_begin(out, style, HW_INK_KERNEL);
	columns = hw_style_name(out, style, hw_buf_str(&label), width);
	if (row->is_kernel)
		hw_style_end(out, style);
	hw_buf_fini(&label);
	if (rows->key != HW_ROW_FUNCTION || !file[0] ||
	    (width && columns + 2 + hw_style_columns(file) > width))
		return;
	hw_buf_text(out, "  ");
	hw_style_begin(out, style, HW_INK_DIM);
	(void)hw_style_name(out, style, file, 0);
	hw_style_end(out, style);
}

static double row_share(const struct hw_totals *totals, const struct hw_view *view, uint32_t row)
{
	const struct hw_row_sum *sum = &totals->sums[row];

	return hw_share(totals->by_cum ? sum->cum : sum->flat, view->total);
}

size_t hw_table_row_count(const struct hw_totals *totals, const struct hw_view *view,
			  const struct hw_table_limits *limits)
{
	size_t count = totals->order_count;

	if (limits->row_count && limits->row_count < count)
		count = (size_t)limits->row_count;
	/* Sorted: what is too small is at the end. */
	while (count && fabs(row_share(totals, view, totals->order[count - 1])) < limits->min_share)
		count--;
	return count;
}

/* The widest DSO name of the rows shown. */
static size_t dso_width(const struct layout *t, size_t count)
{
	size_t width = hw_style_columns("dso");

	if (t->rows->key != HW_ROW_FUNCTION && t->rows->key != HW_ROW_LINE)
		return 0;
	for (size_t i = 0; i < count; i++) {
		struct hw_buf dso = { 0 };
		struct hw_buf shown = { 0 };

		hw_table_dso(&dso, &t->rows->list.at[t->totals->order[i]]);
		const size_t columns = hw_style_name(&shown, t->style, hw_buf_str(&dso), DSO_WIDTH_MAX);

		width = columns > width ? columns : width;
		hw_buf_fini(&dso);
		hw_buf_fini(&shown);
	}
	return width;
}

static void print_heading(struct hw_buf *out, const struct layout *t)
{
	hw_style_begin(out, t->style, HW_INK_HEADING);
	hw_buf_printf(out, "%*s%*s%*s%*s", HW_VALUE_WIDTH, "flat", HW_SHARE_WIDTH, "flat %", HW_VALUE_WIDTH,
		      "cum", HW_SHARE_WIDTH, "cum %");
	if (t->has_samples)
		hw_buf_printf(out, "%*s", HW_VALUE_WIDTH, "samples");
	hw_buf_text(out, "  ");
	if (t->dso_width)
		hw_buf_printf(out, "%-*s  ", (int)t->dso_width, "dso");
	hw_buf_text(out, hw_row_key_name(t->rows->key));
	hw_style_end(out, t->style);
	hw_buf_text(out, "\n");
}

static void print_row(struct hw_buf *out, const struct layout *t, uint32_t id)
{
	const struct hw_row *row = &t->rows->list.at[id];
	const struct hw_row_sum *sum = &t->totals->sums[id];
	const int64_t total = t->view->total;
	size_t used = 2 * (HW_VALUE_WIDTH + HW_SHARE_WIDTH) + 2;

	hw_style_value(out, sum->flat, t->view->unit, HW_VALUE_WIDTH);
	hw_style_share(out, t->style, hw_share(sum->flat, total), HW_SHARE_WIDTH);
	hw_style_value(out, sum->cum, t->view->unit, HW_VALUE_WIDTH);
	hw_style_share(out, t->style, hw_share(sum->cum, total), HW_SHARE_WIDTH);
	if (t->has_samples) {
		hw_buf_printf(out, "%*" PRId64, HW_VALUE_WIDTH,
			      t->totals->by_cum ? sum->cum_samples : sum->flat_samples);
		used += HW_VALUE_WIDTH;
	}
	hw_buf_text(out, "  ");
	if (t->dso_width) {
		struct hw_buf dso = { 0 };
		size_t columns;

		hw_table_dso(&dso, row);
		columns = hw_style_name(out, t->style, hw_buf_str(&dso), DSO_WIDTH_MAX);
		hw_buf_printf(out, "%*s", (int)(t->dso_width - columns + 2), "");
		hw_buf_fini(&dso);
		used += t->dso_width + 2;
	}
	hw_table_label(out, t->rows, row, t->style, used);
	hw_buf_text(out, "\n");
}

static void print_rest(struct hw_buf *out, const struct layout *t, size_t shown, bool has_min_share)
{
	const size_t left = t->totals->order_count - shown;
	int64_t flat = 0;

	if (!left)
		return;
	for (size_t i = shown; i < t->totals->order_count; i++)
		flat = hw_add_saturated(flat, t->totals->sums[t->totals->order[i]].flat);
	hw_style_begin(out, t->style, HW_INK_DIM);
	hw_buf_printf(out, "... and %zu more row%s with %.2f%% flat; -n 0%s shows all", left,
		      left == 1 ? "" : "s", 100 * hw_share(flat, t->view->total),
		      has_min_share ? " --min-share 0" : "");
	hw_style_end(out, t->style);
	hw_buf_text(out, "\n");
}

void hw_table_print(struct hw_buf *out, const struct hw_view *view, const struct hw_rows *rows,
		    const struct hw_totals *totals, const struct hw_table_limits *limits,
		    const struct hw_style *style)
{
	const size_t count = hw_table_row_count(totals, view, limits);
	struct layout table = {
		.view = view,
		.rows = rows,
		.totals = totals,
		.style = style,
		.has_samples = view->count_type != HW_NONE && view->count_type != view->type,
	};

	if (!totals->order_count) {
		hw_buf_printf(out,
			      view->total ? "No sample of %s is left by the filter.\n" : "No sample of %s.\n",
			      view->event);
		return;
	}
	table.dso_width = dso_width(&table, count);
	print_heading(out, &table);
	for (size_t i = 0; i < count; i++)
		print_row(out, &table, totals->order[i]);
	print_rest(out, &table, count, limits->min_share > 0);
}
