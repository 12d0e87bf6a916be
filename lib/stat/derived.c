#include "stat/derived.h"

#include "event/events.h"
#include "event/names.h"

#include <math.h>

/* Two time stamps of one event are taken within the same switch; what differs by less is the same time. */
#define SHARE_WHOLE 0.9999

/* --- Which rows a variable means ---------------------------------------------------------------------------- */

/* The events one variable stands for: several on a hybrid CPU, none when the machine does not know it. */
struct variable {
	struct hw_events events;
};

static const struct hw_event *event_of(const struct hw_sheet *sheet, const struct hw_sheet_row *row)
{
	if (row->event == HW_SHEET_NONE)
		row++;
	return &sheet->events[row->event];
}

/* Has the sheet events that only a CPU's own tables or sysfs know? If not, names that are not generic need no search in
 * them. */
static bool has_special_events(const struct hw_sheet *sheet)
{
	for (size_t i = 0; i < sheet->event_count; i++) {
		const uint32_t type = sheet->events[i].attr.type;

		if (type != PERF_TYPE_HARDWARE && type != PERF_TYPE_SOFTWARE && type != PERF_TYPE_HW_CACHE)
			return true;
	}
	return false;
}

/* May the sheet have this event? Finding out for certain reads sysfs, which most metrics are not worth. Of a hybrid CPU's
 * generic events the upper half of config names the PMU. */
static bool may_be_counted(const struct hw_sheet *sheet, const struct hw_catalogue *catalogue,
			   const char *name, bool search)
{
	const struct hw_catalogue_event *known = hw_catalogue_event(catalogue, name);
	uint32_t type;
	uint64_t config;

	if (!hw_names_find(known ? known->text : name, &type, &config))
		return search;
	for (size_t i = 0; i < sheet->event_count; i++)
		if (sheet->events[i].attr.type == type &&
		    (uint32_t)sheet->events[i].attr.config == (uint32_t)config)
			return true;
	return false;
}

static void variable_init(struct variable *variable, const char *name, const struct hw_sheet *sheet,
			  const struct hw_catalogue *catalogue, bool search)
{
	static const struct hw_event_defaults none;

	*variable = (struct variable){ 0 };
	if (may_be_counted(sheet, catalogue, name, search))
		/* One that this machine does not know is no metric's here. */
		(void)!hw_events_add(&variable->events, name, &none, catalogue, NULL);
}

/* The same event, at whatever levels. */
static bool counts_variable(const struct variable *variable, const struct hw_event *event)
{
	for (size_t i = 0; i < variable->events.list.count; i++)
		if (hw_attr_same_event(&variable->events.list.at[i].attr, &event->attr))
			return true;
	return false;
}

/* May these rows be of one metric? At the same levels, both sums over core types or both of the same. */
static bool go_together(const struct hw_sheet *sheet, const struct hw_sheet_row *a,
			const struct hw_sheet_row *b)
{
	const struct hw_event *x = event_of(sheet, a);
	const struct hw_event *y = event_of(sheet, b);

	if (!hw_attr_same_levels(&x->attr, &y->attr))
		return false;
	if (!x->pmu || !y->pmu) /* a software event has no parts */
		return true;
	return (a->whole == HW_SHEET_NONE) == (b->whole == HW_SHEET_NONE) &&
	       (a->whole == HW_SHEET_NONE || strcmp(x->pmu, y->pmu) == 0);
}

/* The group of a row; the sum of parts has that of its first part. */
static uint32_t group_of(const struct hw_sheet *sheet, const struct hw_sheet_row *row)
{
	return event_of(sheet, row)->group;
}

/* The row that counts the variable beside `anchor`: one of the same group if there is. HW_SHEET_NONE = none. */
static uint32_t find_row(const struct hw_sheet *sheet, const struct variable *variable,
			 const struct hw_sheet_row *anchor)
{
	uint32_t found = HW_SHEET_NONE;

	for (uint32_t i = 0; i < sheet->rows.count; i++) {
		const struct hw_sheet_row *row = &sheet->rows.at[i];

		if (row->state == HW_SHEET_NOT_SUPPORTED || !go_together(sheet, anchor, row) ||
		    !counts_variable(variable, event_of(sheet, row)))
			continue;
		if (group_of(sheet, row) && group_of(sheet, row) == group_of(sheet, anchor))
			return i;
		if (found == HW_SHEET_NONE)
			found = i;
	}
	return found;
}

/* --- Which metrics there are -------------------------------------------------------------------------------- */

static char *name_of(const struct hw_sheet *sheet, const struct hw_metric *metric,
		     const struct hw_sheet_row *anchor)
{
	const struct hw_event *event = event_of(sheet, anchor);
	const bool user = !event->attr.exclude_user;
	const bool kernel = !event->attr.exclude_kernel;
	const char *levels = user == kernel ? "" : user ? ":u" : ":k";

	if (anchor->whole != HW_SHEET_NONE)
		return hw_asprintf("%s%s (%s)", metric->name, levels, event->pmu);
	return hw_asprintf("%s%s", metric->name, levels);
}

static bool in_one_group(const struct hw_sheet *sheet, const uint32_t *rows, size_t count)
{
	const uint32_t group = group_of(sheet, &sheet->rows.at[rows[0]]);

	for (size_t i = 0; i < count; i++)
		if (!group || group_of(sheet, &sheet->rows.at[rows[i]]) != group)
			return false;
	return true;
}

static void derived_metric_fini(struct hw_derived_metric *found)
{
	free(found->name);
	free(found->rows);
	free(found->refusal);
}

/* Keep it, unless there is one of this name that is as good: events counted twice give one metric. */
static void keep(struct hw_derived *derived, const struct hw_sheet *sheet, struct hw_derived_metric *found)
{
	const size_t count = hw_formula_variable_count(found->metric->formula);

	for (size_t i = 0; i < derived->list.count; i++) {
		struct hw_derived_metric *other = &derived->list.at[i];

		if (other->metric != found->metric || strcmp(other->name, found->name) != 0)
			continue;
		if (!in_one_group(sheet, other->rows, count) && in_one_group(sheet, found->rows, count)) {
			const struct hw_derived_metric better = *found;

			*found = *other;
			*other = better;
		}
		derived_metric_fini(found);
		return;
	}
	hw_vec_push(&derived->list, *found);
}

/* The metric over each set of rows: each row that counts the first variable is the anchor of one. */
static void find_metric(struct hw_derived *derived, const struct hw_sheet *sheet,
			const struct hw_metric *metric, const struct variable *variables, size_t count)
{
	for (size_t a = 0; a < sheet->rows.count; a++) {
		const struct hw_sheet_row *anchor = &sheet->rows.at[a];
		struct hw_derived_metric found = { .metric = metric };
		bool complete = true;

		if (anchor->state == HW_SHEET_NOT_SUPPORTED ||
		    !counts_variable(&variables[0], event_of(sheet, anchor)))
			continue;
		found.rows = hw_alloc(count, sizeof *found.rows);
		for (size_t i = 0; complete && i < count; i++) {
			found.rows[i] = i == 0 ? (uint32_t)a : find_row(sheet, &variables[i], anchor);
			complete = found.rows[i] != HW_SHEET_NONE;
		}
		if (!complete) {
			free(found.rows);
			continue;
		}
		found.name = name_of(sheet, metric, anchor);
		keep(derived, sheet, &found);
	}
}

static bool is_wanted(const char *name, const char *const *only, size_t only_count)
{
	for (size_t i = 0; only && i < only_count; i++)
		if (strcmp(name, only[i]) == 0)
			return true;
	return !only;
}

void hw_derived_init(struct hw_derived *derived, const struct hw_sheet *sheet,
		     const struct hw_catalogue *catalogue, const char *const *only, size_t only_count)
{
	const bool search = has_special_events(sheet);

	*derived = (struct hw_derived){ 0 };
	for (size_t m = 0; m < catalogue->metrics.count; m++) {
		const struct hw_metric *metric = &catalogue->metrics.at[m];
		const size_t count = hw_formula_variable_count(metric->formula);
		struct variable variables[HW_DERIVED_VARIABLES_MAX];
		size_t known = 0;

		if (!count || count > HW_DERIVED_VARIABLES_MAX || !is_wanted(metric->name, only, only_count))
			continue;
		/* The first variable that nothing counts ends it: most metrics are not this run's. */
		for (bool there = true; there && known < count; known++) {
			variable_init(&variables[known], hw_formula_variable(metric->formula, known), sheet,
				      catalogue, search);
			there = variables[known].events.list.count > 0;
		}
		if (known == count && variables[count - 1].events.list.count)
			find_metric(derived, sheet, metric, variables, count);
		while (known > 0)
			hw_events_fini(&variables[--known].events);
	}
}

void hw_derived_fini(struct hw_derived *derived)
{
	for (size_t i = 0; i < derived->list.count; i++)
		derived_metric_fini(&derived->list.at[i]);
	hw_vec_fini(&derived->list);
}

bool hw_derived_is_at_risk(const struct hw_derived_metric *metric, const struct hw_sheet *sheet)
{
	const size_t count = hw_formula_variable_count(metric->metric->formula);

	if (in_one_group(sheet, metric->rows, count))
		return false;
	for (size_t i = 0; i < count; i++)
		if (event_of(sheet, &sheet->rows.at[metric->rows[i]])->attr.type != PERF_TYPE_SOFTWARE)
			return true;
	return false;
}

/* --- Values ------------------------------------------------------------------------------------------------- */

/* "cycles (50.0 %), instructions (66.7 %)" */
static void print_shares(struct hw_buf *text, const struct hw_sheet *sheet, const uint32_t *rows,
			 size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct hw_sheet_row *row = &sheet->rows.at[rows[i]];

		hw_buf_printf(text, "%s%s (%.1f %%)", i ? ", " : "", row->name, 100 * row->run_share);
	}
}

/* NULL when its events of this run may be compared. */
static char *find_refusal(const struct hw_sheet *sheet, const struct hw_derived_metric *derived)
{
	const size_t count = hw_formula_variable_count(derived->metric->formula);
	struct hw_buf text = { 0 };
	bool whole_time = true;

	for (size_t i = 0; i < count; i++) {
		const struct hw_sheet_row *row = &sheet->rows.at[derived->rows[i]];

		if (isnan(row->run_value))
			return hw_asprintf("%s was not counted", row->name);
		whole_time = whole_time && row->run_share >= SHARE_WHOLE;
	}
	if (whole_time || in_one_group(sheet, derived->rows, count))
		return NULL;
	hw_buf_text(&text, "its events did not run together: ");
	print_shares(&text, sheet, derived->rows, count);
	hw_buf_text(&text, "; put them in one group, or count fewer events");
	return text.data;
}

static void add_value(struct hw_derived_metric *derived, const struct hw_sheet *sheet)
{
	const struct hw_metric *metric = derived->metric;
	const size_t count = hw_formula_variable_count(metric->formula);
	double values[HW_DERIVED_VARIABLES_MAX];
	double value;

	for (size_t i = 0; i < count; i++)
		values[i] = sheet->rows.at[derived->rows[i]].run_value;
	value = hw_formula_value(metric->formula, values);
	if (isfinite(value))
		hw_series_add(&derived->value, value);
	else
		derived->refusal = hw_strdup("it would divide by zero");
}

void hw_derived_add(struct hw_derived *derived, const struct hw_sheet *sheet)
{
	for (size_t i = 0; i < derived->list.count; i++) {
		struct hw_derived_metric *metric = &derived->list.at[i];

		if (!metric->refusal)
			metric->refusal = find_refusal(sheet, metric);
		if (!metric->refusal)
			add_value(metric, sheet);
	}
}

void hw_derived_clear(struct hw_derived *derived)
{
	for (size_t i = 0; i < derived->list.count; i++) {
		free(derived->list.at[i].refusal);
		derived->list.at[i].refusal = NULL;
		derived->list.at[i].value = (struct hw_series){ 0 };
	}
}
