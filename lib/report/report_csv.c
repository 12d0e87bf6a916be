#include "report/report_csv.h"

#include <inttypes.h>
#include <math.h>

/* A field, in quotes where its text needs them (RFC 4180 section 2, rules 5 to 7). */
static void add_text(struct hw_buf *out, const char *text)
{
	if (!strpbrk(text, ",\"\r\n")) {
		hw_buf_text(out, text);
		return;
	}
	hw_buf_text(out, "\"");
	for (; *text; text++) {
		if (*text == '"')
			hw_buf_text(out, "\"");
		hw_buf_add(out, text, 1);
	}
	hw_buf_text(out, "\"");
}

static void add_id(struct hw_buf *out, int64_t id)
{
	if (id >= 0)
		hw_buf_printf(out, "%" PRId64, id);
}

static void add_share(struct hw_buf *out, double share)
{
	hw_buf_printf(out, "%.8f", share);
}

/* Names of the columns that say who a row is, each behind a prefix. */
static void add_row_columns(struct hw_buf *out, const struct hw_rows *rows, const char *prefix)
{
	static const char *const columns[HW_ROW_KEY_COUNT][5] = {
		[HW_ROW_FUNCTION] = { "function", "file", "dso" },
		[HW_ROW_LINE] = { "function", "file", "line", "dso" },
		[HW_ROW_DSO] = { "dso" },
		[HW_ROW_THREAD] = { "thread", "pid", "tid" },
		[HW_ROW_PROCESS] = { "process", "pid" },
	};

	for (size_t i = 0; columns[rows->key][i]; i++)
		hw_buf_printf(out, "%s%s%s", i ? "," : "", prefix, columns[rows->key][i]);
}

/* The fields under add_row_columns. */
static void add_row_names(struct hw_buf *out, const struct hw_rows *rows, const struct hw_row *row)
{
	add_text(out, row->name);
	if (rows->key == HW_ROW_DSO)
		return;
	hw_buf_text(out, ",");
	if (rows->key == HW_ROW_FUNCTION || rows->key == HW_ROW_LINE) {
		add_text(out, row->file);
		hw_buf_text(out, ",");
		if (rows->key == HW_ROW_LINE) {
			if (row->line)
				hw_buf_printf(out, "%" PRId64, row->line);
			hw_buf_text(out, ",");
		}
		add_text(out, row->dso);
		return;
	}
	add_id(out, row->pid);
	if (rows->key == HW_ROW_THREAD) {
		hw_buf_text(out, ",");
		add_id(out, row->tid);
	}
}

static void add_sum(struct hw_buf *out, const struct hw_view *view, const struct hw_row_sum *sum)
{
	hw_buf_printf(out, ",%" PRId64 ",", sum->flat);
	add_share(out, hw_share(sum->flat, view->total));
	hw_buf_printf(out, ",%" PRId64 ",", sum->cum);
	add_share(out, hw_share(sum->cum, view->total));
	if (view->count_type != HW_NONE)
		hw_buf_printf(out, ",%" PRId64 ",%" PRId64, sum->flat_samples, sum->cum_samples);
	else
		hw_buf_text(out, ",,");
}

#define LINE_END "\r\n"

static const char *const sum_columns[] = {
	"flat", "flat_share", "cum", "cum_share", "samples", "cum_samples"
};

static void add_sum_columns(struct hw_buf *out)
{
	for (size_t i = 0; i < HW_COUNT_OF(sum_columns); i++)
		hw_buf_printf(out, ",%s", sum_columns[i]);
}

/* ",NAME:ENDING", or ",NAME" without an ending. */
static void add_named_column(struct hw_buf *out, const char *name, const char *ending)
{
	HW_AUTO(hw_freep) char *column = hw_asprintf("%s%s%s", name, ending[0] ? ":" : "", ending);

	hw_buf_text(out, ",");
	add_text(out, column);
}

static void add_estimate(struct hw_buf *out, struct hw_estimate e)
{
	if (isfinite(e.value) && isfinite(e.error))
		hw_buf_printf(out, ",%.6f,%.6f,%.6f", e.value, e.value - e.error, e.value + e.error);
	else
		hw_buf_text(out, ",,,");
}

static void add_table_columns(struct hw_buf *out, const struct hw_sides *sides,
			      const struct hw_row_metrics *metrics)
{
	add_row_columns(out, sides->rows, "");
	add_sum_columns(out);
	for (size_t i = 1; i < sides->list.count; i++)
		for (size_t j = 0; !sides->list.at[i].is_hidden && j < HW_COUNT_OF(sum_columns); j++)
			add_named_column(out, sides->list.at[i].view.event, sum_columns[j]);
	for (size_t i = 0; i < metrics->list.count; i++) {
		const char *name = metrics->list.at[i].metric->name;

		add_named_column(out, name, "");
		add_named_column(out, name, "low");
		add_named_column(out, name, "high");
	}
	hw_buf_text(out, LINE_END);
}

void hw_report_csv_table(struct hw_buf *out, const struct hw_sides *sides,
			 const struct hw_row_metrics *metrics, const struct hw_table_limits *limits)
{
	const struct hw_totals *totals = &sides->list.at[0].totals;
	const size_t row_count = hw_table_row_count(totals, sides->view, limits);

	add_table_columns(out, sides, metrics);
	for (size_t i = 0; i < row_count; i++) {
		const uint32_t id = totals->order[i];

		add_row_names(out, sides->rows, &sides->rows->list.at[id]);
		for (size_t j = 0; j < sides->list.count; j++)
			if (!sides->list.at[j].is_hidden)
				add_sum(out, &sides->list.at[j].view, &sides->list.at[j].totals.sums[id]);
		for (size_t j = 0; j < metrics->list.count; j++)
			add_estimate(out,
				     hw_row_metric_value(&metrics->list.at[j], sides, id, sides->by_cum));
		hw_buf_text(out, LINE_END);
	}
}

/* A name where there is no row, with the other columns empty. */
static void add_no_row(struct hw_buf *out, const struct hw_rows *rows, const char *name)
{
	const struct hw_row nobody = { .name = name, .file = "", .dso = "", .pid = -1, .tid = -1 };

	add_row_names(out, rows, &nobody);
}

void hw_report_csv_tree(struct hw_buf *out, const struct hw_view *view, const struct hw_rows *rows,
			const struct hw_tree *tree)
{
	struct hw_tree_item item = { 0 };

	hw_buf_text(out, "depth,");
	add_row_columns(out, rows, "");
	add_sum_columns(out);
	hw_buf_text(out, LINE_END);
	do {
		const struct hw_tree_node *node = &tree->nodes.at[item.node];
		const struct hw_row_sum other = { .cum = node->other, .cum_samples = node->other_samples };

		hw_buf_printf(out, "%" PRIu32 ",", node->depth + item.is_other);
		if (item.is_other || node->row == HW_NONE)
			add_no_row(out, rows, item.is_other ? "[other]" : "[all]");
		else
			add_row_names(out, rows, &rows->list.at[node->row]);
		add_sum(out, view, item.is_other ? &other : &node->sum);
		hw_buf_text(out, LINE_END);
	} while (hw_tree_next(tree, &item));
}

static void add_pair(struct hw_buf *out, const struct hw_view *view, const struct hw_rows *rows,
		     const struct hw_callers *callers, const struct hw_caller_block *block,
		     const struct hw_caller *caller)
{
	add_row_names(out, rows, &rows->list.at[block->row]);
	hw_buf_text(out, ",");
	if (caller->row == HW_NONE)
		add_no_row(out, rows, callers->side == HW_CALLERS ? "[root]" : "[self]");
	else
		add_row_names(out, rows, &rows->list.at[caller->row]);
	hw_buf_printf(out, ",%" PRId64 ",", caller->value);
	add_share(out, hw_share(caller->value, view->total));
	hw_buf_text(out, ",");
	add_share(out, hw_share(caller->value, block->sum.cum));
	if (view->count_type != HW_NONE)
		hw_buf_printf(out, ",%" PRId64, caller->samples);
	else
		hw_buf_text(out, ",");
	hw_buf_text(out, "\r\n");
}

void hw_report_csv_callers(struct hw_buf *out, const struct hw_view *view, const struct hw_rows *rows,
			   const struct hw_callers *callers, const struct hw_table_limits *limits)
{
	add_row_columns(out, rows, "");
	hw_buf_text(out, ",");
	add_row_columns(out, rows, callers->side == HW_CALLERS ? "caller_" : "callee_");
	hw_buf_text(out, ",value,share,share_of_cum,samples\r\n");
	for (size_t i = 0; i < callers->blocks.count; i++) {
		const struct hw_caller_block *block = &callers->blocks.at[i];
		const size_t shown = hw_callers_shown(callers, block, view, limits);

		for (size_t j = 0; j < shown; j++)
			add_pair(out, view, rows, callers, block, &callers->list.at[block->first + j]);
	}
}
