#include "report/table.h"

#include <inttypes.h>
#include <math.h>

#define DSO_WIDTH_MAX 24
#define DSO_WIDTH_MIN 12

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
	const size_t left = style->width > used_columns + HW_LABEL_WIDTH_MIN ? style->width - used_columns
									     : HW_LABEL_WIDTH_MIN;
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

void hw_table_left_out(struct hw_buf *out, const char *names, const struct hw_style *style)
{
	if (!names[0])
		return;
	hw_style_begin(out, style, HW_INK_DIM);
	hw_buf_printf(out, "... no room for: %s; --wide shows all", names);
	hw_style_end(out, style);
	hw_buf_text(out, "\n");
}

void hw_table_nothing(struct hw_buf *out, const struct hw_view *view, const char *why)
{
	hw_buf_text(out, "No sample of ");
	hw_buf_printable(out, view->event);
	hw_buf_printf(out, "%s.\n", why);
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

/* --- Columns ------------------------------------------------------------------------------------------- */

enum cell { FLAT, FLAT_SHARE, CUM, CUM_SHARE, SAMPLES, METRIC, DSO };

struct column {
	enum cell cell;
	size_t index; /* of the side or metric */
	size_t width;
	/* Where there is no room, columns of the highest rank go first, all of a rank together. */
	unsigned rank;
	bool is_left_out;
};

struct table {
	const struct hw_sides *sides;
	const struct hw_row_metrics *metrics;
	const struct hw_style *style;
	size_t row_count;
	bool has_several; /* events, so that their names stand above their columns */
	HW_VEC(struct column) columns;
};

/* In the order they are given up, the last first: what the table is sorted by, its share with all it calls, the second
 * event and the first metric beside it, the other events and metrics in turn, and last what a row can be told without. */
enum { RANK_FIRST, RANK_CUM_SHARE, RANK_SIDES, RANK_CUM = 1000, RANK_SAMPLES, RANK_DSO };

static void add_column(struct table *t, enum cell cell, size_t index, size_t width, unsigned rank)
{
	hw_vec_push(&t->columns,
		    (struct column){ .cell = cell, .index = index, .width = width, .rank = rank });
}

static void add_metric_text(struct hw_buf *out, const struct table *t, size_t index, uint32_t row)
{
	const struct hw_row_metric *m = &t->metrics->list.at[index];

	hw_estimate_print(out, hw_row_metric_value(m, t->sides, row, t->sides->by_cum), m->metric->unit,
			  t->style->utf8);
}

/* The name of the row's DSO as shown; returns its columns. */
static size_t add_dso_text(struct hw_buf *out, const struct table *t, uint32_t row, size_t width)
{
	struct hw_buf dso = { 0 };
	size_t columns;

	hw_table_dso(&dso, &t->sides->rows->list.at[row]);
	columns = hw_style_name(out, t->style, hw_buf_str(&dso), width);
	hw_buf_fini(&dso);
	return columns;
}

/* What stands in a column that is as wide as its texts. */
static size_t add_text(struct hw_buf *out, const struct table *t, const struct column *column, uint32_t row)
{
	if (column->cell == DSO)
		return add_dso_text(out, t, row, DSO_WIDTH_MAX);
	add_metric_text(out, t, column->index, row);
	return hw_style_columns(hw_buf_str(out));
}

static const char *heading_of(const struct table *t, const struct column *column)
{
	static const char *const headings[] = { "flat", "flat %", "cum", "cum %", "samples", NULL, "dso" };

	return column->cell == METRIC ? t->metrics->list.at[column->index].metric->title
				      : headings[column->cell];
}

/* Make a column wide enough for its heading and all its texts. */
static void fit_texts(const struct table *t, struct column *column)
{
	size_t width = hw_style_columns(heading_of(t, column));

	for (size_t i = 0; i < t->row_count; i++) {
		struct hw_buf text = { 0 };
		const size_t columns = add_text(&text, t, column, t->sides->list.at[0].totals.order[i]);

		width = columns > width ? columns : width;
		hw_buf_fini(&text);
	}
	column->width = width + 2;
}

static void add_first_side(struct table *t)
{
	const struct hw_view *view = t->sides->view;

	add_column(t, FLAT, 0, HW_VALUE_WIDTH, RANK_FIRST);
	add_column(t, FLAT_SHARE, 0, HW_SHARE_WIDTH, RANK_FIRST);
	add_column(t, CUM, 0, HW_VALUE_WIDTH, RANK_CUM);
	add_column(t, CUM_SHARE, 0, HW_SHARE_WIDTH, RANK_CUM_SHARE);
	/* Only where the values are something else. */
	if (view->count_type != HW_NONE && view->count_type != view->type)
		add_column(t, SAMPLES, 0, HW_VALUE_WIDTH, RANK_SAMPLES);
}

static void add_columns(struct table *t)
{
	const enum hw_row_key key = t->sides->rows->key;
	const bool by_cum = t->sides->by_cum;

	add_first_side(t);
	for (size_t i = 1; i < t->sides->list.count; i++) {
		const unsigned rank = RANK_SIDES + 2 * (unsigned)i;

		if (t->sides->list.at[i].is_hidden)
			continue;
		t->has_several = true;
		add_column(t, by_cum ? CUM : FLAT, i, HW_VALUE_WIDTH, rank);
		add_column(t, by_cum ? CUM_SHARE : FLAT_SHARE, i, HW_SHARE_WIDTH, rank);
	}
	for (size_t i = 0; i < t->metrics->list.count; i++) {
		add_column(t, METRIC, i, 0, RANK_SIDES + 2 * (unsigned)(i + 1) + 1);
		fit_texts(t, &t->columns.at[t->columns.count - 1]);
	}
	if (key == HW_ROW_FUNCTION || key == HW_ROW_LINE) {
		add_column(t, DSO, 0, 0, RANK_DSO);
		fit_texts(t, &t->columns.at[t->columns.count - 1]);
	}
}

/* Without a terminal nothing is shortened: make the first column of each event so wide that its name has room above. */
static void fit_event_names(struct table *t)
{
	struct column *first = t->columns.at;
	size_t width = 0;

	for (size_t i = 0; i < t->columns.count && first->cell < METRIC; i++) {
		const struct column *column = &t->columns.at[i];
		const bool is_last = i + 1 == t->columns.count || column[1].cell >= METRIC ||
				     column[1].index != column->index;
		const size_t name = 1 + hw_style_columns(t->sides->list.at[first->index].view.event);

		width += column->width;
		if (!is_last)
			continue;
		first->width += name > width ? name - width : 0;
		first = &t->columns.at[i + 1 < t->columns.count ? i + 1 : i];
		width = 0;
	}
}

static size_t used_width(const struct table *t)
{
	size_t width = 2;

	for (size_t i = 0; i < t->columns.count; i++)
		if (!t->columns.at[i].is_left_out)
			width += t->columns.at[i].width;
	return width;
}

/* Make the DSOs shorter, if that is enough to have room for names. */
static void shorten_dsos(struct table *t)
{
	struct column *last = &t->columns.at[t->columns.count - 1];
	const size_t wanted = used_width(t) + HW_LABEL_WIDTH_MIN;
	const size_t width = t->style->width;

	if (last->cell == DSO && width && wanted > width && last->width >= wanted - width + DSO_WIDTH_MIN)
		last->width -= wanted - width;
}

/* Leave columns out until there is room for names. */
static void fit_terminal(struct table *t)
{
	shorten_dsos(t);
	while (t->style->width && used_width(t) + HW_LABEL_WIDTH_MIN > t->style->width) {
		unsigned rank = RANK_FIRST;

		for (size_t i = 0; i < t->columns.count; i++)
			if (!t->columns.at[i].is_left_out && t->columns.at[i].rank > rank)
				rank = t->columns.at[i].rank;
		if (rank == RANK_FIRST)
			return;
		for (size_t i = 0; i < t->columns.count; i++)
			if (t->columns.at[i].rank == rank)
				t->columns.at[i].is_left_out = true;
	}
}

/* --- Lines --------------------------------------------------------------------------------------------- */

static void add_right(struct hw_buf *out, const struct hw_style *style, const char *text, size_t width)
{
	struct hw_buf shown = { 0 };
	const size_t columns = hw_style_name(&shown, style, text, width ? width - 1 : 0);

	hw_buf_printf(out, "%*s%s", columns < width ? (int)(width - columns) : 0, "", hw_buf_str(&shown));
	hw_buf_fini(&shown);
}

/* The names of the events, each above its columns, which come first and side by side. */
static void print_events(struct hw_buf *out, const struct table *t)
{
	const struct column *column = t->columns.at;
	const struct column *end = column + t->columns.count;

	for (size_t i = 0; i < hw_sides_shown(t->sides); i++) {
		size_t width = 0;

		for (; column < end && column->cell < METRIC && column->index == i; column++)
			width += column->is_left_out ? 0 : column->width;
		if (width)
			add_right(out, t->style, t->sides->list.at[i].view.event, width);
	}
	hw_buf_text(out, "\n");
}

static void print_heading(struct hw_buf *out, const struct table *t)
{
	hw_style_begin(out, t->style, HW_INK_HEADING);
	if (t->has_several)
		print_events(out, t);
	for (size_t i = 0; i < t->columns.count; i++) {
		const struct column *column = &t->columns.at[i];

		if (column->is_left_out)
			continue;
		if (column->cell == DSO)
			hw_buf_printf(out, "  %-*s", (int)column->width - 2, "dso");
		else
			add_right(out, t->style, heading_of(t, column), column->width);
	}
	hw_buf_printf(out, "  %s", hw_row_key_name(t->sides->rows->key));
	hw_style_end(out, t->style);
	hw_buf_text(out, "\n");
}

static void print_cell(struct hw_buf *out, const struct table *t, const struct column *column, uint32_t row)
{
	/* Of a column that is an event's. */
	const struct hw_side *side = &t->sides->list.at[column->cell < METRIC ? column->index : 0];
	const struct hw_row_sum *sum = &side->totals.sums[row];
	const struct hw_view *view = &side->view;
	const int width = (int)column->width;
	struct hw_buf text = { 0 };

	switch (column->cell) {
	case FLAT:
	case CUM:
		hw_style_value(out, column->cell == CUM ? sum->cum : sum->flat, view->unit, width);
		break;
	case FLAT_SHARE:
	case CUM_SHARE:
		hw_style_share(out, t->style,
			       hw_share(column->cell == CUM_SHARE ? sum->cum : sum->flat, view->total),
			       width);
		break;
	case SAMPLES:
		hw_buf_printf(out, "%*" PRId64, width,
			      t->sides->by_cum ? sum->cum_samples : sum->flat_samples);
		break;
	case METRIC:
		add_metric_text(&text, t, column->index, row);
		add_right(out, t->style, hw_buf_str(&text), column->width);
		break;
	case DSO:
		hw_buf_text(out, "  ");
		hw_buf_printf(out, "%*s",
			      (int)(column->width - 2 - add_dso_text(out, t, row, column->width - 2)), "");
		break;
	}
	hw_buf_fini(&text);
}

static void print_row(struct hw_buf *out, const struct table *t, uint32_t row)
{
	for (size_t i = 0; i < t->columns.count; i++)
		if (!t->columns.at[i].is_left_out)
			print_cell(out, t, &t->columns.at[i], row);
	hw_buf_text(out, "  ");
	hw_table_label(out, t->sides->rows, &t->sides->rows->list.at[row], t->style, used_width(t));
	hw_buf_text(out, "\n");
}

static void print_rest(struct hw_buf *out, const struct table *t, bool has_min_share)
{
	const struct hw_totals *totals = &t->sides->list.at[0].totals;
	const size_t left = totals->order_count - t->row_count;
	int64_t flat = 0;

	if (!left)
		return;
	for (size_t i = t->row_count; i < totals->order_count; i++)
		flat = hw_add_saturated(flat, totals->sums[totals->order[i]].flat);
	hw_style_begin(out, t->style, HW_INK_DIM);
	hw_buf_printf(out, "... and %zu more row%s with %.2f%% flat; -n 0%s shows all", left,
		      left == 1 ? "" : "s", 100 * hw_share(flat, t->sides->view->total),
		      has_min_share ? " --min-share 0" : "");
	hw_style_end(out, t->style);
	hw_buf_text(out, "\n");
}

/* Name the columns that there is no room for: an event's by its name, others by their headings. */
static void print_left_out(struct hw_buf *out, const struct table *t)
{
	struct hw_buf names = { 0 };

	for (size_t i = 0; i < t->columns.count; i++) {
		const struct column *column = &t->columns.at[i];
		const bool is_side = column->cell < METRIC && column->index;

		if (!column->is_left_out || (is_side && column->cell != FLAT && column->cell != CUM))
			continue;
		hw_buf_text(&names, names.size ? ", " : "");
		hw_buf_printable(&names, is_side ? t->sides->list.at[column->index].view.event
						 : heading_of(t, column));
	}
	hw_table_left_out(out, hw_buf_str(&names), t->style);
	hw_buf_fini(&names);
}

void hw_table_print(struct hw_buf *out, const struct hw_sides *sides, const struct hw_row_metrics *metrics,
		    const struct hw_table_limits *limits, const struct hw_style *style)
{
	const struct hw_totals *totals = &sides->list.at[0].totals;
	struct table t = {
		.sides = sides,
		.metrics = metrics,
		.style = style,
		.row_count = hw_table_row_count(totals, sides->view, limits),
	};

	if (!totals->order_count) {
		hw_table_nothing(out, sides->view, sides->view->total ? " is left by the filter" : "");
		return;
	}
	add_columns(&t);
	if (t.has_several && !style->width)
		fit_event_names(&t);
	fit_terminal(&t);
	print_heading(out, &t);
	for (size_t i = 0; i < t.row_count; i++)
		print_row(out, &t, totals->order[i]);
	print_rest(out, &t, limits->min_share > 0);
	print_left_out(out, &t);
	hw_vec_fini(&t.columns);
}
