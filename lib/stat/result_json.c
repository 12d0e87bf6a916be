#include "stat/result.h"

#include "base/json.h"

#include <math.h>

static const char *state_name(enum hw_sheet_state state)
{
	switch (state) {
	case HW_SHEET_COUNTED:
		return "counted";
	case HW_SHEET_NOT_COUNTED:
		return "not counted";
	case HW_SHEET_NOT_SUPPORTED:
		break;
	}
	return "not supported";
}

static void put_number(struct hw_json *json, const char *key, double value, int decimals)
{
	hw_json_key(json, key);
	hw_json_double(json, value, decimals);
}

/* A value of one run or several: the interval is null for one. */
static void put_series(struct hw_json *json, const struct hw_series *series, int decimals)
{
	const double half = hw_series_interval(series, HW_RESULT_PROBABILITY);

	put_number(json, "value", series->count ? series->mean : NAN, decimals);
	if (series->count < 2)
		return;
	put_number(json, "deviation", hw_series_deviation(series), decimals);
	put_number(json, "interval_low", series->mean - half, decimals);
	put_number(json, "interval_high", series->mean + half, decimals);
	put_number(json, "least", series->least, decimals);
	put_number(json, "most", series->most, decimals);
}

static void put_time(struct hw_json *json, const char *key, const struct hw_series *series)
{
	hw_json_key(json, key);
	hw_json_begin_line(json, '{');
	put_series(json, series, 9);
	hw_json_end(json, '}');
}

static void put_row(struct hw_json *json, const struct hw_sheet *sheet, const struct hw_sheet_row *row)
{
	struct hw_rate rate;

	hw_json_begin_line(json, '{');
	hw_json_key(json, "name");
	hw_json_text(json, row->whole == HW_SHEET_NONE ? row->name : sheet->events[row->event].name);
	if (row->whole != HW_SHEET_NONE) {
		hw_json_key(json, "pmu");
		hw_json_text(json, row->name);
		hw_json_key(json, "part_of");
		hw_json_text(json, sheet->rows.at[row->whole].name);
	}
	hw_json_key(json, "state");
	hw_json_text(json, state_name(row->state));
	if (row->reason) {
		hw_json_key(json, "reason");
		hw_json_text(json, row->reason);
	}
	hw_json_key(json, "unit");
	hw_json_text(json, row->unit);
	put_series(json, &row->value, 6);
	if (row->state != HW_SHEET_NOT_SUPPORTED) {
		put_number(json, "counted_share", hw_sheet_share(row), 6);
		hw_json_key(json, "enabled_ns");
		hw_json_u64(json, row->count.time_enabled_ns);
		hw_json_key(json, "running_ns");
		hw_json_u64(json, row->count.time_running_ns);
	}
	if (hw_sheet_rate(sheet, row, &rate)) {
		put_number(json, "rate", rate.value, 6);
		hw_json_key(json, "rate_unit");
		hw_json_text(json, rate.unit);
	}
	hw_json_end(json, '}');
}

static void put_metric(struct hw_json *json, const struct hw_derived_metric *metric)
{
	hw_json_begin_line(json, '{');
	hw_json_key(json, "name");
	hw_json_text(json, metric->name);
	hw_json_key(json, "unit");
	hw_json_text(json, metric->metric->unit);
	if (metric->refusal) {
		hw_json_key(json, "value");
		hw_json_null(json);
		hw_json_key(json, "refused");
		hw_json_text(json, metric->refusal);
	} else {
		put_series(json, &metric->value, 9);
	}
	hw_json_end(json, '}');
}

static void put_lists(struct hw_json *json, const struct hw_result *result)
{
	const struct hw_sheet *sheet = result->sheet;

	hw_json_key(json, "events");
	hw_json_begin(json, '[');
	for (size_t i = 0; i < sheet->rows.count; i++)
		put_row(json, sheet, &sheet->rows.at[i]);
	hw_json_end(json, ']');
	hw_json_key(json, "metrics");
	hw_json_begin(json, '[');
	for (size_t i = 0; i < result->derived->list.count; i++)
		put_metric(json, &result->derived->list.at[i]);
	hw_json_end(json, ']');
	hw_json_key(json, "notes");
	hw_json_begin(json, '[');
	for (size_t i = 0; i < sheet->notes.list.count; i++)
		hw_json_text(json, sheet->notes.list.at[i]);
	hw_json_end(json, ']');
}

void hw_result_print_json(struct hw_buf *out, const struct hw_result *result)
{
	const struct hw_sheet *sheet = result->sheet;
	struct hw_json json = { .out = out };

	if (isnan(result->end_s))
		hw_json_begin(&json, '{');
	else
		hw_json_begin_line(&json, '{');
	hw_json_key(&json, "target");
	hw_json_text(&json, result->what);
	if (isnan(result->end_s)) {
		hw_json_key(&json, "runs");
		hw_json_u64(&json, sheet->run_count);
	} else {
		put_number(&json, "time_s", result->end_s, 9);
	}
	put_time(&json, "elapsed_s", &sheet->elapsed_s);
	if (sheet->user_s.count) {
		put_time(&json, "user_s", &sheet->user_s);
		put_time(&json, "system_s", &sheet->system_s);
	}
	put_lists(&json, result);
	hw_json_end(&json, '}');
}
