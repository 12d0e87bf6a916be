#include "stat/result.h"

#include <inttypes.h>
#include <math.h>

#define HEADING                                                                                      \
	"time_s,kind,name,state,value,unit,counted_share,runs,deviation,interval_low,interval_high," \
	"reason\r\n"

/* A field, quoted where RFC 4180 asks for it. */
static void put_text(struct hw_buf *out, const char *text)
{
	hw_buf_text(out, ",");
	if (!text)
		return;
	if (!strpbrk(text, ",\"\r\n")) {
		hw_buf_text(out, text);
		return;
	}
	hw_buf_text(out, "\"");
	for (; *text; text++)
		hw_buf_add(out, *text == '"' ? "\"\"" : text, *text == '"' ? 2 : 1);
	hw_buf_text(out, "\"");
}

/* Whole numbers as such, others with up to 9 digits behind the point; nothing when there is no number. */
static void put_number(struct hw_buf *out, double value)
{
	size_t end;

	hw_buf_text(out, ",");
	if (!isfinite(value))
		return;
	hw_buf_printf(out, "%.9f", value);
	end = out->size;
	while (out->data[end - 1] == '0')
		end--;
	end -= out->data[end - 1] == '.';
	out->size = end;
	out->data[end] = '\0';
}

/* One record. series may be empty; share is NaN where it means nothing. */
static void put_record(struct hw_buf *out, const struct hw_result *result, const char *const texts[3],
		       const struct hw_series *series, const char *unit, double share, const char *reason)
{
	const double half = hw_series_interval(series, HW_RESULT_PROBABILITY);

	if (!isnan(result->end_s))
		hw_buf_printf(out, "%.9f", result->end_s);
	for (size_t i = 0; i < 3; i++)
		put_text(out, texts[i]);
	put_number(out, series->count ? series->mean : NAN);
	put_text(out, unit);
	put_number(out, share);
	hw_buf_printf(out, ",%" PRIu64, series->count);
	put_number(out, hw_series_deviation(series));
	put_number(out, series->mean - half);
	put_number(out, series->mean + half);
	put_text(out, reason);
	hw_buf_text(out, "\r\n");
}

static void put_row(struct hw_buf *out, const struct hw_result *result, const struct hw_sheet_row *row)
{
	static const char *const states[] = { [HW_SHEET_COUNTED] = "counted",
					      [HW_SHEET_NOT_COUNTED] = "not counted",
					      [HW_SHEET_NOT_SUPPORTED] = "not supported" };
	const bool is_part = row->whole != HW_SHEET_NONE;
	HW_AUTO(hw_freep)
	char *name = is_part ? hw_asprintf("%s (%s)", result->sheet->rows.at[row->whole].name, row->name)
			     : hw_strdup(row->name);
	const char *const texts[] = { is_part ? "part" : "event", name, states[row->state] };
	const bool supported = row->state != HW_SHEET_NOT_SUPPORTED;

	put_record(out, result, texts, &row->value, row->unit, supported ? hw_sheet_share(row) : NAN,
		   row->reason);
}

static void put_metric(struct hw_buf *out, const struct hw_result *result,
		       const struct hw_derived_metric *metric)
{
	static const struct hw_series none;
	const char *const texts[] = { "metric", metric->name, metric->refusal ? "refused" : "counted" };

	put_record(out, result, texts, metric->refusal ? &none : &metric->value, metric->metric->unit, NAN,
		   metric->refusal);
}

static void put_time(struct hw_buf *out, const struct hw_result *result, const char *name,
		     const struct hw_series *series)
{
	const char *const texts[] = { "time", name, "counted" };

	if (series->count)
		put_record(out, result, texts, series, "seconds", NAN, NULL);
}

void hw_result_print_csv(struct hw_buf *out, const struct hw_result *result, bool first)
{
	const struct hw_sheet *sheet = result->sheet;

	if (first)
		hw_buf_text(out, HEADING);
	for (size_t i = 0; i < sheet->rows.count; i++)
		put_row(out, result, &sheet->rows.at[i]);
	for (size_t i = 0; i < result->derived->list.count; i++)
		put_metric(out, result, &result->derived->list.at[i]);
	put_time(out, result, "elapsed", &sheet->elapsed_s);
	put_time(out, result, "user", &sheet->user_s);
	put_time(out, result, "system", &sheet->system_s);
}
