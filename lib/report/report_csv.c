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

/* Names of the columns that say who a row is. */
static void add_row_columns(struct hw_buf *out, const struct hw_rows *rows)
{
	static const char *const columns[HW_ROW_KEY_COUNT] = {
		[HW_ROW_FUNCTION] = "function,file,dso",
		[HW_ROW_LINE] = "function,file,line,dso",
		[HW_ROW_DSO] = "dso",
		[HW_ROW_THREAD] = "thread,pid,tid",
		[HW_ROW_PROCESS] = "process,pid",
	};

	hw_buf_text(out, columns[rows->key]);
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
	add_row_columns(out, rows);
	hw_buf_text(out, SUM_COLUMNS);
	for (size_t i = 0; i < row_count; i++) {
		const uint32_t id = totals->order[i];

		add_row_names(out, rows, &rows->list.at[id]);
		add_sum(out, view, &totals->sums[id]);
	}
}
