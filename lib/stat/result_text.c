#include "stat/result.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

/* Cells of one line. */
enum column { TIME, VALUE, UNIT, NAME, RATE, INTERVAL, SHARE, COLUMNS };

struct line {
	char *cells[COLUMNS]; /* owned; NULL is empty */
};

struct table {
	HW_VEC(struct line) lines;
};

static void table_fini(struct table *table)
{
	for (size_t i = 0; i < table->lines.count; i++)
		for (size_t c = 0; c < COLUMNS; c++)
			free(table->lines.at[i].cells[c]);
	hw_vec_fini(&table->lines);
}

/* --- Numbers ------------------------------------------------------------------------------------------------ */

/* A number's text with commas between thousands of its whole part. */
static void print_grouped(struct hw_buf *out, const char *digits)
{
	const char *p = digits;
	size_t whole;

	if (*p == '-')
		hw_buf_add(out, p++, 1);
	whole = strcspn(p, ".e");
	for (size_t i = 0; i < whole; i++)
		hw_buf_printf(out, "%s%c", i && (whole - i) % 3 == 0 ? "," : "", p[i]);
	hw_buf_text(out, p + whole);
}

void hw_result_print_number(struct hw_buf *out, double value)
{
	const double size = fabs(value);
	char digits[400];

	if (size >= 1e18 || (size > 0 && size < 1e-6))
		(void)snprintf(digits, sizeof digits, "%.3e", value);
	else if (size >= 1000 || value == round(value))
		(void)snprintf(digits, sizeof digits, "%.0f", value);
	else /* four significant digits */
		(void)snprintf(digits, sizeof digits, "%.*f", size < 1e-3 ? 6 : 3 - (int)floor(log10(size)),
			       value);
	print_grouped(out, digits);
}

/* Milliseconds, to the microsecond below a second. */
static void print_ms(struct hw_buf *out, double ns)
{
	char digits[64];

	(void)snprintf(digits, sizeof digits, "%.*f", fabs(ns) < 1e9 ? 3 : 2, ns / 1e6);
	print_grouped(out, digits);
}

/* 3 significant digits and a prefix: "1.23 M/s" */
static void print_rate(struct hw_buf *out, const struct hw_rate *rate)
{
	static const struct {
		double factor;
		const char *prefix;
	} prefixes[] = { { 1e9, "G" }, { 1e6, "M" }, { 1e3, "k" }, { 1, "" } };
	const bool is_count = strcmp(rate->unit, "/s") == 0;
	double value = rate->value;
	size_t i = HW_COUNT_OF(prefixes) - 1;

	if (value == 0) {
		hw_buf_printf(out, "0 %s", rate->unit);
		return;
	}
	while (is_count && i > 0 && value >= 999.5 * prefixes[i].factor)
		i--;
	value /= prefixes[i].factor;
	hw_buf_printf(out, "%.*f %s%s",
		      value < 9.995   ? 2 + !is_count
		      : value < 99.95 ? 1 + !is_count
				      : 0 + !is_count,
		      value, prefixes[i].prefix, rate->unit);
}

static char *text_of(struct hw_buf *buf)
{
	char *text = buf->data;

	*buf = (struct hw_buf){ 0 };
	return text;
}

static char *printable(const char *text)
{
	struct hw_buf buf = { 0 };

	hw_buf_printable(&buf, text);
	return buf.data ? buf.data : hw_strdup("");
}

/* "± 1.23 %": half the interval relative to the mean. NULL for a single run, and for a mean of 0. */
static char *interval_of(const struct hw_series *series)
{
	const double half = hw_series_interval(series, HW_RESULT_PROBABILITY);

	if (isnan(half) || series->mean == 0)
		return NULL;
	return hw_asprintf("± %.2f %%", 100 * half / fabs(series->mean));
}

/* --- Lines -------------------------------------------------------------------------------------------------- */

static void fill_value(struct line *line, const struct hw_sheet_row *row)
{
	struct hw_buf value = { 0 };

	if (row->state == HW_SHEET_NOT_SUPPORTED) {
		line->cells[VALUE] = hw_strdup("not supported");
		return;
	}
	if (!row->value.count) {
		line->cells[VALUE] = hw_strdup("not counted");
		return;
	}
	if (strcmp(row->unit, "nanoseconds") == 0) {
		print_ms(&value, row->value.mean);
		line->cells[UNIT] = hw_strdup("ms");
	} else {
		hw_result_print_number(&value, row->value.mean);
		if (strcmp(row->unit, "count") != 0)
			line->cells[UNIT] = printable(row->unit);
	}
	line->cells[VALUE] = text_of(&value);
}

/* The share of a thread's part of a hybrid event is that of its time on such cores: to be shown always. */
static char *share_of(const struct hw_sheet *sheet, const struct hw_sheet_row *row)
{
	const double share = hw_sheet_share(row);

	if (!row->value.count || share >= 0.9995)
		return NULL;
	return hw_asprintf(row->whole != HW_SHEET_NONE && !sheet->whole_cpus ? "%.1f %% here" : "%.1f %%",
			   100 * share);
}

static void add_row(struct table *table, const struct hw_result *result, const struct hw_sheet_row *row)
{
	HW_AUTO(hw_freep) char *name = printable(row->name);
	struct line line = { 0 };
	struct hw_rate rate;

	fill_value(&line, row);
	line.cells[NAME] = hw_asprintf("%s%s", row->whole == HW_SHEET_NONE ? "" : "  ", name);
	if (hw_sheet_rate(result->sheet, row, &rate)) {
		struct hw_buf text = { 0 };

		print_rate(&text, &rate);
		line.cells[RATE] = text_of(&text);
	}
	line.cells[INTERVAL] = interval_of(&row->value);
	line.cells[SHARE] = share_of(result->sheet, row);
	if (!isnan(result->end_s))
		line.cells[TIME] = hw_asprintf("%.6f", result->end_s);
	hw_vec_push(&table->lines, line);
}

static void add_metric(struct table *table, const struct hw_result *result,
		       const struct hw_derived_metric *metric)
{
	struct hw_buf value = { 0 };
	struct line line = { 0 };

	if (metric->refusal)
		return;
	hw_result_print_number(&value, metric->value.mean);
	line.cells[VALUE] = text_of(&value);
	if (strcmp(metric->metric->unit, "%") == 0)
		line.cells[UNIT] = hw_strdup("%");
	line.cells[NAME] = printable(metric->name);
	if (!line.cells[UNIT])
		line.cells[RATE] = printable(metric->metric->unit);
	line.cells[INTERVAL] = interval_of(&metric->value);
	if (!isnan(result->end_s))
		line.cells[TIME] = hw_asprintf("%.6f", result->end_s);
	hw_vec_push(&table->lines, line);
}

static void fill_table(struct table *table, const struct hw_result *result)
{
	const bool is_interval = !isnan(result->end_s);

	for (size_t i = 0; i < result->sheet->rows.count; i++)
		if (!is_interval || result->sheet->rows.at[i].state != HW_SHEET_NOT_SUPPORTED)
			add_row(table, result, &result->sheet->rows.at[i]);
	for (size_t i = 0; i < result->derived->list.count; i++)
		add_metric(table, result, &result->derived->list.at[i]);
}

/* --- Layout ------------------------------------------------------------------------------------------------- */

/* Columns a text takes on the terminal: its characters; names are UTF-8 by now. */
static size_t width_of(const char *text)
{
	size_t width = 0;

	for (; text && *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

static void measure(size_t *widths, const struct table *table)
{
	memset(widths, 0, COLUMNS * sizeof *widths);
	for (size_t i = 0; i < table->lines.count; i++) {
		for (size_t c = 0; c < COLUMNS; c++) {
			const size_t width = width_of(table->lines.at[i].cells[c]);

			if (width > widths[c])
				widths[c] = width;
		}
	}
	if (widths[VALUE] < 14)
		widths[VALUE] = 14;
}

static bool is_to_the_right(size_t column)
{
	return column == TIME || column == VALUE || column == INTERVAL || column == SHARE;
}

/* Names too long for the line's width get a line of their own for what follows: make the column narrower. */
static void fit_names(size_t *widths, unsigned width)
{
	size_t sum = 0;

	for (size_t c = 0; c < COLUMNS; c++)
		sum += widths[c] ? widths[c] + 2 : 0;
	if (sum <= width)
		return;
	sum -= widths[NAME];
	widths[NAME] = width > sum + 16 ? width - sum : 16;
}

static void pad(struct hw_buf *out, size_t count)
{
	hw_buf_printf(out, "%*s", (int)count, "");
}

static void print_line(struct hw_buf *out, const struct line *line, const size_t *widths)
{
	size_t owed = 0; /* spaces that nothing has followed yet */
	size_t name_end = 0;

	for (size_t c = 0; c < COLUMNS; c++) {
		const size_t width = width_of(line->cells[c]);
		const size_t room = widths[c] > width ? widths[c] - width : 0;

		if (!widths[c])
			continue;
		if (c <= NAME)
			name_end += widths[c] + (c == NAME ? 0 : 2);
		if (!width) {
			owed += widths[c] + 2;
			continue;
		}
		pad(out, owed + (is_to_the_right(c) ? room : 0));
		hw_buf_text(out, line->cells[c]);
		owed = 2 + (is_to_the_right(c) ? 0 : room);
		if (c == NAME && width > widths[c] &&
		    (line->cells[RATE] || line->cells[INTERVAL] || line->cells[SHARE])) {
			hw_buf_text(out, "\n");
			owed = name_end + 2;
		}
	}
	hw_buf_text(out, "\n");
}

static void print_table(struct hw_buf *out, const struct table *table, unsigned width)
{
	size_t widths[COLUMNS];

	measure(widths, table);
	fit_names(widths, width);
	for (size_t i = 0; i < table->lines.count; i++)
		print_line(out, &table->lines.at[i], widths);
}

static void add_heading(struct table *table, const struct hw_result *result)
{
	struct line line = { .cells = {
				     [VALUE] = hw_strdup("value"),
				     [NAME] = hw_strdup("event"),
				     [RATE] = hw_strdup("rate"),
			     } };

	if (result->sheet->run_count > 1)
		line.cells[INTERVAL] = hw_strdup("± 95 %");
	for (size_t i = 0; i < result->sheet->rows.count; i++) {
		HW_AUTO(hw_freep) char *share = share_of(result->sheet, &result->sheet->rows.at[i]);

		if (share && !line.cells[SHARE])
			line.cells[SHARE] = hw_strdup("counted");
	}
	if (!isnan(result->end_s))
		line.cells[TIME] = hw_strdup("time s");
	hw_vec_push(&table->lines, line);
}

/* --- The rest ----------------------------------------------------------------------------------------------- */

/* Words in lines of at most `width` columns, the first after `lead`, the others behind as many spaces. */
static void print_wrapped(struct hw_buf *out, const char *lead, const char *text, unsigned width)
{
	HW_AUTO(hw_freep) char *shown = printable(text);
	const size_t indent = strlen(lead);
	size_t at = indent;
	const char *p = shown;

	hw_buf_text(out, lead);
	while (*p) {
		const size_t length = strcspn(p, " ");

		if (at > indent && at + 1 + length > width) {
			hw_buf_text(out, "\n");
			pad(out, indent);
			at = indent;
		}
		if (at > indent) {
			hw_buf_text(out, " ");
			at++;
		}
		hw_buf_add(out, p, length);
		at += length;
		p += length;
		p += strspn(p, " ");
	}
	hw_buf_text(out, "\n");
}

static void print_refusals(struct hw_buf *out, const struct hw_result *result)
{
	for (size_t i = 0; i < result->derived->list.count; i++) {
		const struct hw_derived_metric *metric = &result->derived->list.at[i];
		HW_AUTO(hw_freep) char *text = NULL;

		if (!metric->refusal)
			continue;
		text = hw_asprintf("%s: %s", metric->name, metric->refusal);
		print_wrapped(out, "not computed: ", text, result->width);
	}
}

/* The rows that share the reason of row `first`, in one sentence; nothing when an earlier row was the first. */
static void print_reason(struct hw_buf *out, const struct hw_result *result, size_t first)
{
	const struct hw_sheet *sheet = result->sheet;
	const char *reason = sheet->rows.at[first].reason;
	HW_AUTO(hw_buf_fini) struct hw_buf text = { 0 };

	for (size_t i = 0; i < sheet->rows.count; i++) {
		const struct hw_sheet_row *row = &sheet->rows.at[i];

		if (!row->reason || row->whole != HW_SHEET_NONE || strcmp(row->reason, reason) != 0)
			continue;
		if (i < first)
			return;
		hw_buf_printf(&text, "%s%s", text.size ? ", " : "", row->name);
	}
	hw_buf_printf(&text, ": %s", reason);
	print_wrapped(out, "not supported: ", text.data, result->width);
}

static void print_not_supported(struct hw_buf *out, const struct hw_result *result)
{
	for (size_t i = 0; i < result->sheet->rows.count; i++)
		if (result->sheet->rows.at[i].reason && result->sheet->rows.at[i].whole == HW_SHEET_NONE)
			print_reason(out, result, i);
}

static void print_remarks(struct hw_buf *out, const struct hw_result *result)
{
	print_not_supported(out, result);
	print_refusals(out, result);
	for (size_t i = 0; i < result->sheet->notes.list.count; i++)
		print_wrapped(out, "note: ", result->sheet->notes.list.at[i], result->width);
}

static void print_seconds(struct hw_buf *out, const struct hw_series *series, const char *what)
{
	HW_AUTO(hw_freep) char *interval = interval_of(series);

	if (interval)
		hw_buf_printf(out, "%14.6f s  %-7s  %s\n", series->mean, what, interval);
	else
		hw_buf_printf(out, "%14.6f s  %s\n", series->mean, what);
}

static void print_times(struct hw_buf *out, const struct hw_sheet *sheet)
{
	print_seconds(out, &sheet->elapsed_s, "elapsed");
	if (!sheet->user_s.count)
		return;
	print_seconds(out, &sheet->user_s, "user");
	print_seconds(out, &sheet->system_s, "system");
}

void hw_result_print_text(struct hw_buf *out, const struct hw_result *result)
{
	HW_AUTO(table_fini) struct table table = { 0 };
	HW_AUTO(hw_buf_fini) struct hw_buf what = { 0 };

	hw_buf_text(&what, result->what);
	if (result->sheet->run_count > 1)
		hw_buf_printf(&what, ", %" PRIu64 " runs", result->sheet->run_count);
	hw_buf_text(out, "\n");
	print_wrapped(out, " ", hw_buf_str(&what), result->width);
	hw_buf_text(out, "\n");
	add_heading(&table, result);
	fill_table(&table, result);
	print_table(out, &table, result->width);
	hw_buf_text(out, "\n");
	print_times(out, result->sheet);
	hw_buf_text(out, "\n");
	print_remarks(out, result);
}

void hw_result_print_interval(struct hw_buf *out, const struct hw_result *result, bool first)
{
	HW_AUTO(table_fini) struct table table = { 0 };
	size_t widths[COLUMNS];

	if (first) {
		print_remarks(out, result);
		add_heading(&table, result);
	}
	fill_table(&table, result);
	/* The lines of all intervals are one table. */
	measure(widths, &table);
	widths[TIME] = widths[TIME] > 12 ? widths[TIME] : 12;
	widths[VALUE] = 18;
	widths[UNIT] = widths[UNIT] > 2 ? widths[UNIT] : 2;
	widths[RATE] = 12;
	fit_names(widths, result->width);
	for (size_t i = 0; i < table.lines.count; i++)
		print_line(out, &table.lines.at[i], widths);
}
