#include "stat/sheet.h"

#include "base/buf.h"

#include <math.h>

/* Below this a hardware event may well have had nothing to count. */
#define ZERO_NOTED_NS 1000000

/* --- Rows --------------------------------------------------------------------------------------------------- */

static double scale_of(const struct hw_event *event)
{
	return event->scale != 0 ? event->scale : 1;
}

static struct hw_sheet_row row_of(const struct hw_event *event, uint32_t index, const char *reason)
{
	return (struct hw_sheet_row){
		.name = event->whole_id ? event->pmu : event->name,
		.unit = event->unit,
		.scale = scale_of(event),
		.event = index,
		.whole = HW_SHEET_NONE,
		.state = reason ? HW_SHEET_NOT_SUPPORTED : HW_SHEET_COUNTED,
		.reason = reason,
		.run_value = NAN,
		.run_share = 1,
	};
}

static bool same_whole(const struct hw_event *a, const struct hw_event *b)
{
	return a->whole_id && a->whole_id == b->whole_id;
}

/* The sum of the parts and its parts, wherever they stand in the list; nothing when an earlier one brought them. */
static void add_parts(struct hw_sheet *sheet, uint32_t first, const char *const *reasons)
{
	const struct hw_event *events = sheet->events;
	const uint32_t whole = (uint32_t)sheet->rows.count;
	struct hw_sheet_row sum = row_of(&events[first], HW_SHEET_NONE, reasons ? reasons[first] : NULL);

	for (uint32_t i = 0; i < first; i++)
		if (same_whole(&events[i], &events[first]))
			return;
	sum.name = events[first].whole;
	hw_vec_push(&sheet->rows, sum);
	for (uint32_t i = first; i < sheet->event_count; i++) {
		if (!same_whole(&events[i], &events[first]))
			continue;
		hw_vec_push(&sheet->rows, row_of(&events[i], i, reasons ? reasons[i] : NULL));
		sheet->rows.at[sheet->rows.count - 1].whole = whole;
		if (!reasons || !reasons[i]) {
			sheet->rows.at[whole].state = HW_SHEET_COUNTED;
			sheet->rows.at[whole].reason = NULL;
		}
	}
}

void hw_sheet_init(struct hw_sheet *sheet, const struct hw_event *events, size_t event_count,
		   const char *const *reasons, bool whole_cpus)
{
	*sheet = (struct hw_sheet){ .events = events, .event_count = event_count, .whole_cpus = whole_cpus };
	for (uint32_t i = 0; i < event_count; i++) {
		if (events[i].whole_id)
			add_parts(sheet, i, reasons);
		else
			hw_vec_push(&sheet->rows, row_of(&events[i], i, reasons ? reasons[i] : NULL));
	}
}

void hw_sheet_fini(struct hw_sheet *sheet)
{
	hw_notes_fini(&sheet->notes);
	hw_vec_fini(&sheet->rows);
}

/* --- Runs --------------------------------------------------------------------------------------------------- */

/* The estimate of the full count. A thread's part of a hybrid event does not run while the thread is on cores of the
 * other type: that is no time without a counter, and its count is the whole count. */
static double estimate(const struct hw_sheet *sheet, const struct hw_sheet_row *row,
		       const struct hw_count *count)
{
	if (row->whole != HW_SHEET_NONE && !sheet->whole_cpus)
		return (double)count->value * row->scale;
	return hw_count_scaled(count) * row->scale;
}

static void add_count(struct hw_count *sum, const struct hw_count *count)
{
	sum->value += count->value;
	sum->time_enabled_ns += count->time_enabled_ns;
	sum->time_running_ns += count->time_running_ns;
}

static void add_to_row(struct hw_sheet_row *row, const struct hw_count *count, double value)
{
	add_count(&row->count, count);
	row->run_value = value;
	row->run_share = hw_count_share(count);
	if (!isnan(value))
		hw_series_add(&row->value, value);
	row->state = row->value.count ? HW_SHEET_COUNTED : HW_SHEET_NOT_COUNTED;
}

/* The sum of the parts of one run. On threads each part is enabled all the time, on CPUs only on its own. */
static void add_sum(struct hw_sheet *sheet, uint32_t whole, const struct hw_count *counts)
{
	struct hw_sheet_row *row = &sheet->rows.at[whole];
	struct hw_count sum = { 0 };
	uint64_t enabled_most_ns = 0;
	double value = 0;

	for (size_t i = whole + 1; i < sheet->rows.count && sheet->rows.at[i].whole == whole; i++) {
		const struct hw_sheet_row *part = &sheet->rows.at[i];
		const struct hw_count *count = &counts[part->event];

		if (part->state == HW_SHEET_NOT_SUPPORTED)
			continue;
		add_count(&sum, count);
		if (count->time_enabled_ns > enabled_most_ns)
			enabled_most_ns = count->time_enabled_ns;
		value += estimate(sheet, part, count);
	}
	if (!sheet->whole_cpus) {
		sum.time_enabled_ns = enabled_most_ns;
		value = hw_count_scaled(&sum) * row->scale;
	}
	add_to_row(row, &sum, value);
}

void hw_sheet_add(struct hw_sheet *sheet, const struct hw_count *counts, const struct hw_sheet_times *times)
{
	for (uint32_t i = 0; i < sheet->rows.count; i++) {
		struct hw_sheet_row *row = &sheet->rows.at[i];

		if (row->state == HW_SHEET_NOT_SUPPORTED)
			continue;
		if (row->event == HW_SHEET_NONE)
			add_sum(sheet, i, counts);
		else
			add_to_row(row, &counts[row->event], estimate(sheet, row, &counts[row->event]));
	}
	hw_series_add(&sheet->elapsed_s, times->elapsed_s);
	sheet->run_elapsed_s = times->elapsed_s;
	sheet->run_count++;
	if (!times->has_cpu_times)
		return;
	hw_series_add(&sheet->user_s, times->user_s);
	hw_series_add(&sheet->system_s, times->system_s);
}

void hw_sheet_clear(struct hw_sheet *sheet)
{
	static const struct hw_series empty;

	for (size_t i = 0; i < sheet->rows.count; i++) {
		sheet->rows.at[i].value = empty;
		sheet->rows.at[i].count = (struct hw_count){ 0 };
	}
	sheet->elapsed_s = sheet->user_s = sheet->system_s = empty;
	sheet->run_count = 0;
}

double hw_sheet_share(const struct hw_sheet_row *row)
{
	return hw_count_share(&row->count);
}

/* --- Rates -------------------------------------------------------------------------------------------------- */

/* The low half is the event, the high half may name a hybrid CPU's PMU (perf_event_open(2), config). */
static bool is_cycles(const struct perf_event_attr *attr)
{
	return attr->type == PERF_TYPE_HARDWARE && (uint32_t)attr->config == PERF_COUNT_HW_CPU_CYCLES;
}

/* The event of a row; of a sum that of its first part. */
static const struct hw_event *event_of(const struct hw_sheet *sheet, const struct hw_sheet_row *row)
{
	if (row->event == HW_SHEET_NONE)
		row++;
	return &sheet->events[row->event];
}

static const struct hw_sheet_row *find_clock(const struct hw_sheet *sheet)
{
	for (size_t i = 0; i < sheet->rows.count; i++) {
		const struct hw_sheet_row *row = &sheet->rows.at[i];

		if (row->event != HW_SHEET_NONE && row->value.count && row->value.mean > 0 &&
		    hw_attr_is_clock(&sheet->events[row->event].attr))
			return row;
	}
	return NULL;
}

bool hw_sheet_rate(const struct hw_sheet *sheet, const struct hw_sheet_row *row, struct hw_rate *rate)
{
	const struct hw_event *event = event_of(sheet, row);
	const struct hw_sheet_row *clock = find_clock(sheet);
	double seconds;

	if (!row->value.count)
		return false;
	if (hw_attr_is_clock(&event->attr)) {
		*rate = (struct hw_rate){ row->value.mean / 1e9 / sheet->elapsed_s.mean, "CPUs" };
		return sheet->elapsed_s.mean > 0;
	}
	if (!clock || strcmp(row->unit, "count") != 0)
		return false;
	seconds = clock->value.mean / 1e9;
	/* Cycles of the user or the kernel half only are no frequency. */
	if (is_cycles(&event->attr) && row->whole == HW_SHEET_NONE && !event->attr.exclude_kernel &&
	    !event->attr.exclude_user)
		*rate = (struct hw_rate){ row->value.mean / seconds / 1e9, "GHz" };
	else
		*rate = (struct hw_rate){ row->value.mean / seconds, "/s" };
	return true;
}

/* --- Notes -------------------------------------------------------------------------------------------------- */

static bool is_doubtful(const struct hw_sheet *sheet, const struct hw_sheet_row *row)
{
	return row->whole == HW_SHEET_NONE && row->value.count && !row->count.value &&
	       row->count.time_running_ns >= ZERO_NOTED_NS &&
	       hw_attr_needs_counter(&event_of(sheet, row)->attr);
}

void hw_sheet_note_zeros(struct hw_sheet *sheet)
{
	HW_AUTO(hw_buf_fini) struct hw_buf note = { 0 };
	size_t count = 0;

	for (size_t i = 0; i < sheet->rows.count; i++)
		if (is_doubtful(sheet, &sheet->rows.at[i]))
			hw_buf_printf(&note, "%s%s", count++ ? ", " : "", sheet->rows.at[i].name);
	if (!count)
		return;
	hw_buf_text(
		&note,
		count == 1
			? " reads 0 although it had a counter: it did not happen, or this machine does not "
			  "count it"
			: " read 0 although they had counters: they did not happen, or this machine does "
			  "not count them");
	hw_notes_keep(&sheet->notes, hw_buf_str(&note));
}
