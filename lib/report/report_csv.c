#include "report/report_csv.h"

#include <inttypes.h>

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
	hw_buf_text(out, "\r\n");
}

#define SUM_COLUMNS ",flat,flat_share,cum,cum_share,samples,cum_samples\r\n"

void hw_report_csv_table(struct hw_buf *out, const struct hw_view *view, const struct hw_rows *rows,
			 const struct hw_totals *totals, size_t row_count)
{
	add_row_columns(out, rows, "");
	hw_buf_text(out, SUM_COLUMNS);
	for (size_t i = 0; i < row_count; i++) {
		const uint32_t id = totals->order[i];

		add_row_names(out, rows, &rows->list.at[id]);
		add_sum(out, view, &totals->sums[id]);
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
	hw_buf_text(out, SUM_COLUMNS);
	do {
		const struct hw_tree_node *node = &tree->nodes.at[item.node];
		const struct hw_row_sum other = { .cum = node->other, .cum_samples = node->other_samples };

		hw_buf_printf(out, "%" PRIu32 ",", node->depth + item.is_other);
		if (item.is_other || node->row == HW_NONE)
			add_no_row(out, rows, item.is_other ? "[other]" : "[all]");
		else
			add_row_names(out, rows, &rows->list.at[node->row]);
		add_sum(out, view, item.is_other ? &other : &node->sum);
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
