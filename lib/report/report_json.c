#include "report/report_json.h"

#include "report/header.h"
#include "report/warnings.h"

#include <math.h>

/* Shares to 10^-6 of a percent: below what 10^8 samples could tell. */
#define SHARE_DECIMALS 8
#define METRIC_DECIMALS 6
#define NS_PER_S 1e9

/* --- What stands in every report ----------------------------------------------------------------------- */

static void text_member(struct hw_json *json, const char *key, const char *text)
{
	hw_json_key(json, key);
	hw_json_text(json, text);
}

static void i64_member(struct hw_json *json, const char *key, int64_t value)
{
	hw_json_key(json, key);
	hw_json_i64(json, value);
}

static void u64_member(struct hw_json *json, const char *key, uint64_t value)
{
	hw_json_key(json, key);
	hw_json_u64(json, value);
}

static void share_member(struct hw_json *json, const char *key, double share)
{
	hw_json_key(json, key);
	hw_json_double(json, share, SHARE_DECIMALS);
}

/* A number that 0 means unknown for. */
static void known_member(struct hw_json *json, const char *key, uint64_t value)
{
	hw_json_key(json, key);
	if (value)
		hw_json_u64(json, value);
	else
		hw_json_null(json);
}

static void add_events(struct hw_json *json, const struct hw_profile *profile)
{
	hw_json_key(json, "events");
	hw_json_begin(json, '[');
	for (uint32_t i = 0; i < profile->sample_types.count; i++) {
		const struct hw_value_type *type = &profile->sample_types.at[i];

		hw_json_begin_line(json, '{');
		text_member(json, "name", hw_profile_text(profile, type->type));
		text_member(json, "unit", hw_profile_text(profile, type->unit));
		i64_member(json, "total", hw_profile_total(profile, i));
		hw_json_end(json, '}');
	}
	hw_json_end(json, ']');
}

static void add_profile(struct hw_json *json, const struct hw_profile *profile)
{
	const struct hw_recording *r = &profile->recording;
	struct hw_buf start = { 0 };

	if (profile->time_ns)
		hw_header_time(&start, profile->time_ns, true);
	hw_json_key(json, "profile");
	hw_json_begin(json, '{');
	text_member(json, "command", r->command);
	known_member(json, "pid", r->pid);
	text_member(json, "hostname", r->hostname);
	text_member(json, "kernel", r->kernel);
	text_member(json, "cpu", r->cpu);
	known_member(json, "cpu_count", r->cpu_count);
	text_member(json, "recorder", r->version);
	text_member(json, "start", start.data);
	hw_json_key(json, "duration");
	hw_json_double(json, profile->duration_ns > 0 ? (double)profile->duration_ns / NS_PER_S : NAN, 9);
	add_events(json, profile);
	hw_json_key(json, "comments");
	hw_json_begin(json, '[');
	for (size_t i = 0; i < profile->comments.count; i++)
		hw_json_text(json, hw_profile_text(profile, profile->comments.at[i]));
	hw_json_end(json, ']');
	hw_json_end(json, '}');
	hw_buf_fini(&start);
}

static void add_causes(struct hw_json *json, const char *key, const struct hw_cause_count *causes,
		       size_t count)
{
	hw_json_key(json, key);
	hw_json_begin_line(json, '{');
	for (size_t i = 0; i < count; i++)
		u64_member(json, causes[i].cause, causes[i].count);
	hw_json_end(json, '}');
}

/* What was counted, and how long; null where the recording does not know. */
static void add_event_counts(struct hw_json *json, const struct hw_event_quality *e)
{
	hw_json_key(json, "time_running_ns");
	if (e->time_enabled_ns)
		hw_json_u64(json, e->time_running_ns);
	else
		hw_json_null(json);
	share_member(json, "counted_share", hw_event_running_share(e));
	known_member(json, "counted", e->counted);
	known_member(json, "counted_enabled_ns", e->counted_enabled_ns);
	known_member(json, "counted_running_ns", e->counted_running_ns);
	hw_json_key(json, "counted_itself");
	hw_json_bool(json, e->counted_itself);
	hw_json_key(json, "sum_check");
	hw_json_double(json, hw_event_sum_check(e), METRIC_DECIMALS);
}

static void add_event_quality(struct hw_json *json, const struct hw_quality *q)
{
	hw_json_key(json, "events");
	hw_json_begin(json, '[');
	for (size_t i = 0; i < q->events.count; i++) {
		const struct hw_event_quality *e = &q->events.at[i];

		hw_json_begin_line(json, '{');
		text_member(json, "asked", e->asked);
		text_member(json, "opened", e->opened);
		known_member(json, "freq_hz", e->freq_hz);
		known_member(json, "period", e->period);
		u64_member(json, "precise_asked", e->precise_asked);
		u64_member(json, "precise_obtained", e->precise_obtained);
		u64_member(json, "samples", e->samples);
		u64_member(json, "events", e->events);
		u64_member(json, "lost", e->lost);
		u64_member(json, "throttles", e->throttles);
		known_member(json, "group", e->group);
		text_member(json, "pmu", e->pmu);
		text_member(json, "whole", e->whole);
		u64_member(json, "exact_ips", e->exact_ips);
		known_member(json, "time_enabled_ns", e->time_enabled_ns);
		add_event_counts(json, e);
		hw_json_end(json, '}');
	}
	hw_json_end(json, ']');
}

static void add_recorded_quality(struct hw_json *json, const struct hw_quality *q)
{
	u64_member(json, "records_read", q->records_read);
	u64_member(json, "records_other", q->records_other);
	u64_member(json, "samples", q->samples);
	u64_member(json, "samples_lost", q->samples_lost);
	u64_member(json, "throttles", q->throttles);
	add_causes(json, "dropped", q->dropped.at, q->dropped.count);
	u64_member(json, "stacks_complete", q->stacks_complete);
	u64_member(json, "stacks_truncated", q->stacks_truncated);
	u64_member(json, "stacks_broken", q->stacks_broken);
	u64_member(json, "stacks_stitched", q->stacks_stitched);
	add_causes(json, "stack_ends", q->stack_ends.at, q->stack_ends.count);
	u64_member(json, "frames", q->frames);
	u64_member(json, "frames_unknown", q->frames_unknown);
	u64_member(json, "stack_size_bytes", q->stack_size_bytes);
	u64_member(json, "stack_raised_bytes", q->stack_raised_bytes);
	u64_member(json, "stack_raised_after", q->stack_raised_after);
	u64_member(json, "ring_size_bytes", q->ring_size_bytes);
	add_event_quality(json, q);
}

static void add_quality(struct hw_json *json, const struct hw_view *view, const struct hw_sides *sides)
{
	const struct hw_quality *q = &view->profile->quality;
	struct hw_quality_facts facts;
	struct hw_warnings warnings;

	hw_quality_facts_init(&facts, view);
	hw_json_key(json, "quality");
	hw_json_begin(json, '{');
	hw_json_key(json, "present");
	hw_json_bool(json, q->present);
	if (q->present)
		add_recorded_quality(json, q);
	share_member(json, "unknown_share", hw_share(facts.unnamed.leaf, view->total));
	hw_quality_block_json(json, &facts);
	hw_warnings_init(&warnings, view, sides, &facts);
	hw_json_key(json, "warnings");
	hw_json_begin(json, '[');
	for (size_t i = 0; i < warnings.list.count; i++)
		hw_json_text(json, warnings.list.at[i]);
	hw_json_end(json, ']');
	hw_warnings_fini(&warnings);
	hw_quality_facts_fini(&facts);
	hw_json_key(json, "notes");
	hw_json_begin(json, '[');
	for (size_t i = 0; i < q->notes.count; i++)
		hw_json_text(json, q->notes.at[i]);
	hw_json_end(json, ']');
	hw_json_end(json, '}');
}

/* What the rows are: kind is "table", "tree", "callers" or "callees"; sides are those of a table, else NULL. Leaves
 * "report" open for more members. */
static void begin_report(struct hw_json *json, const struct hw_view *view, const struct hw_sides *sides,
			 const struct hw_rows *rows, const char *kind)
{
	add_profile(json, view->profile);
	add_quality(json, view, sides);
	hw_json_key(json, "report");
	hw_json_begin(json, '{');
	text_member(json, "kind", kind);
	text_member(json, "by", hw_row_key_name(rows->key));
	text_member(json, "event", view->event);
	text_member(json, "unit", view->unit);
	i64_member(json, "total", view->total);
	text_member(json, "focus", view->filter.focus);
	text_member(json, "ignore", view->filter.ignore);
	i64_member(json, "kept_total", view->kept_total);
	share_member(json, "kept_share", hw_share(view->kept_total, view->total));
}

/* --- Rows ------------------------------------------------------------------------------------------------ */

static void id_member(struct hw_json *json, const char *key, int64_t id)
{
	hw_json_key(json, key);
	if (id >= 0)
		hw_json_i64(json, id);
	else
		hw_json_null(json);
}

/* Who a row is: its names are null when row is NULL. */
static void add_row_names(struct hw_json *json, const struct hw_rows *rows, const struct hw_row *row)
{
	static const struct hw_row nobody = { .pid = -1, .tid = -1 };
	const bool is_nobody = !row;

	row = row ? row : &nobody;
	switch (rows->key) {
	case HW_ROW_LINE:
		known_member(json, "line", (uint64_t)row->line);
		/* fall through */
	case HW_ROW_FUNCTION:
		text_member(json, "function", row->name);
		text_member(json, "file", row->file);
		text_member(json, "dso", row->dso);
		break;
	case HW_ROW_DSO:
		text_member(json, "dso", row->name);
		break;
	case HW_ROW_THREAD:
		text_member(json, "thread", row->name);
		id_member(json, "pid", row->pid);
		id_member(json, "tid", row->tid);
		return;
	case HW_ROW_PROCESS:
		text_member(json, "process", row->name);
		id_member(json, "pid", row->pid);
		return;
	}
	hw_json_key(json, "kernel");
	if (is_nobody)
		hw_json_null(json);
	else
		hw_json_bool(json, row->is_kernel);
}

static void samples_member(struct hw_json *json, const struct hw_view *view, const char *key, int64_t samples)
{
	hw_json_key(json, key);
	if (view->count_type != HW_NONE)
		hw_json_i64(json, samples);
	else
		hw_json_null(json);
}

static void add_sum(struct hw_json *json, const struct hw_view *view, const struct hw_row_sum *sum)
{
	i64_member(json, "flat", sum->flat);
	share_member(json, "flat_share", hw_share(sum->flat, view->total));
	i64_member(json, "cum", sum->cum);
	share_member(json, "cum_share", hw_share(sum->cum, view->total));
	samples_member(json, view, "samples", sum->flat_samples);
	samples_member(json, view, "cum_samples", sum->cum_samples);
}

/* --- Tables ---------------------------------------------------------------------------------------------- */

static void add_estimate(struct hw_json *json, struct hw_estimate e)
{
	hw_json_key(json, "value");
	hw_json_double(json, e.value, METRIC_DECIMALS);
	hw_json_key(json, "low");
	hw_json_double(json, e.value - e.error, METRIC_DECIMALS);
	hw_json_key(json, "high");
	hw_json_double(json, e.value + e.error, METRIC_DECIMALS);
}

/* The events that have columns beside each other, when there are several. */
static void add_sides(struct hw_json *json, const struct hw_sides *sides)
{
	hw_json_key(json, "events");
	hw_json_begin(json, '[');
	for (size_t i = 0; i < sides->list.count; i++) {
		const struct hw_view *view = &sides->list.at[i].view;

		if (sides->list.at[i].is_hidden)
			continue;
		hw_json_begin_line(json, '{');
		text_member(json, "name", view->event);
		text_member(json, "unit", view->unit);
		i64_member(json, "total", view->total);
		i64_member(json, "kept_total", view->kept_total);
		samples_member(json, view, "samples", view->sample_total);
		hw_json_end(json, '}');
	}
	hw_json_end(json, ']');
}

static void add_metrics(struct hw_json *json, const struct hw_sides *sides,
			const struct hw_row_metrics *metrics)
{
	hw_json_key(json, "metrics");
	hw_json_begin(json, '[');
	for (size_t i = 0; i < metrics->list.count; i++) {
		const struct hw_profile_metric *metric = metrics->list.at[i].metric;

		hw_json_begin_line(json, '{');
		text_member(json, "name", metric->name);
		text_member(json, "title", metric->title);
		text_member(json, "description", metric->description);
		text_member(json, "unit", metric->unit);
		text_member(json, "formula", metric->formula);
		add_estimate(json, hw_row_metric_total(&metrics->list.at[i], sides));
		hw_json_end(json, '}');
	}
	hw_json_end(json, ']');
	hw_json_key(json, "metrics_refused");
	hw_json_begin(json, '[');
	for (size_t i = 0; i < metrics->refused.count; i++)
		hw_json_text(json, metrics->refused.at[i]);
	hw_json_end(json, ']');
}

static void add_row_sides(struct hw_json *json, const struct hw_sides *sides, uint32_t row)
{
	hw_json_key(json, "events");
	hw_json_begin(json, '{');
	for (size_t i = 0; i < sides->list.count; i++) {
		const struct hw_side *side = &sides->list.at[i];

		if (side->is_hidden)
			continue;
		hw_json_key(json, side->view.event);
		hw_json_begin(json, '{');
		add_sum(json, &side->view, &side->totals.sums[row]);
		hw_json_end(json, '}');
	}
	hw_json_end(json, '}');
}

static void add_row_metrics(struct hw_json *json, const struct hw_sides *sides,
			    const struct hw_row_metrics *metrics, uint32_t row)
{
	hw_json_key(json, "metrics");
	hw_json_begin(json, '{');
	for (size_t i = 0; i < metrics->list.count; i++) {
		const struct hw_row_metric *m = &metrics->list.at[i];

		hw_json_key(json, m->metric->name);
		hw_json_begin(json, '{');
		add_estimate(json, hw_row_metric_value(m, sides, row, sides->by_cum));
		hw_json_end(json, '}');
	}
	hw_json_end(json, '}');
}

void hw_report_json_table(struct hw_buf *out, const struct hw_sides *sides,
			  const struct hw_row_metrics *metrics, const struct hw_table_limits *limits)
{
	const struct hw_totals *totals = &sides->list.at[0].totals;
	const size_t row_count = hw_table_row_count(totals, sides->view, limits);
	const bool has_several = hw_sides_shown(sides) > 1;
	struct hw_json json = { .out = out };

	hw_json_begin(&json, '{');
	begin_report(&json, sides->view, sides, sides->rows, "table");
	text_member(&json, "sort", totals->by_cum ? "cum" : "flat");
	u64_member(&json, "row_count", totals->order_count);
	if (has_several)
		add_sides(&json, sides);
	if (metrics->list.count || metrics->refused.count)
		add_metrics(&json, sides, metrics);
	hw_json_end(&json, '}');
	hw_json_key(&json, "rows");
	hw_json_begin(&json, '[');
	for (size_t i = 0; i < row_count; i++) {
		const uint32_t id = totals->order[i];

		hw_json_begin_line(&json, '{');
		add_row_names(&json, sides->rows, &sides->rows->list.at[id]);
		add_sum(&json, sides->view, &totals->sums[id]);
		if (has_several)
			add_row_sides(&json, sides, id);
		if (metrics->list.count)
			add_row_metrics(&json, sides, metrics, id);
		hw_json_end(&json, '}');
	}
	hw_json_end(&json, ']');
	hw_json_end(&json, '}');
}

/* --- Trees ----------------------------------------------------------------------------------------------- */

/* places[node] is the node's place in rows. */
static void add_tree_item(struct hw_json *json, const struct hw_view *view, const struct hw_rows *rows,
			  const struct hw_tree *tree, const struct hw_tree_item *item, const uint32_t *places)
{
	const struct hw_tree_node *node = &tree->nodes.at[item->node];
	const struct hw_row_sum other = { .cum = node->other, .cum_samples = node->other_samples };
	const uint32_t parent = item->is_other ? item->node : node->parent;
	const bool is_row = !item->is_other && node->row != HW_NONE;

	hw_json_begin_line(json, '{');
	u64_member(json, "depth", node->depth + item->is_other);
	id_member(json, "parent", parent == HW_NONE ? -1 : (int64_t)places[parent]);
	add_row_names(json, rows, is_row ? &rows->list.at[node->row] : NULL);
	if (item->is_other)
		u64_member(json, "other_count", node->other_count);
	add_sum(json, view, item->is_other ? &other : &node->sum);
	hw_json_end(json, '}');
}

void hw_report_json_tree(struct hw_buf *out, const struct hw_view *view, const struct hw_rows *rows,
			 const struct hw_tree *tree, double min_share)
{
	uint32_t *places = hw_alloc(tree->nodes.count, sizeof *places);
	struct hw_json json = { .out = out };
	struct hw_tree_item item = { 0 };
	uint32_t place = 0;

	hw_json_begin(&json, '{');
	begin_report(&json, view, NULL, rows, "tree");
	share_member(&json, "min_share", min_share);
	hw_json_end(&json, '}');
	hw_json_key(&json, "rows");
	hw_json_begin(&json, '[');
	do {
		if (!item.is_other)
			places[item.node] = place;
		place++;
		add_tree_item(&json, view, rows, tree, &item, places);
	} while (hw_tree_next(tree, &item));
	hw_json_end(&json, ']');
	hw_json_end(&json, '}');
	free(places);
}

/* --- Callers and callees --------------------------------------------------------------------------------- */

static void add_caller(struct hw_json *json, const struct hw_view *view, const struct hw_rows *rows,
		       const struct hw_caller_block *block, const struct hw_caller *caller)
{
	hw_json_begin_line(json, '{');
	add_row_names(json, rows, caller->row == HW_NONE ? NULL : &rows->list.at[caller->row]);
	i64_member(json, "value", caller->value);
	share_member(json, "share", hw_share(caller->value, view->total));
	share_member(json, "share_of_cum", hw_share(caller->value, block->sum.cum));
	samples_member(json, view, "samples", caller->samples);
	hw_json_end(json, '}');
}

void hw_report_json_callers(struct hw_buf *out, const struct hw_view *view, const struct hw_rows *rows,
			    const struct hw_callers *callers, const struct hw_table_limits *limits)
{
	const char *kind = callers->side == HW_CALLERS ? "callers" : "callees";
	struct hw_json json = { .out = out };

	hw_json_begin(&json, '{');
	begin_report(&json, view, NULL, rows, kind);
	u64_member(&json, "row_count", callers->match_count);
	hw_json_end(&json, '}');
	hw_json_key(&json, "rows");
	hw_json_begin(&json, '[');
	for (size_t i = 0; i < callers->blocks.count; i++) {
		const struct hw_caller_block *block = &callers->blocks.at[i];
		const size_t shown = hw_callers_shown(callers, block, view, limits);

		hw_json_begin(&json, '{');
		add_row_names(&json, rows, &rows->list.at[block->row]);
		add_sum(&json, view, &block->sum);
		u64_member(&json, callers->side == HW_CALLERS ? "caller_count" : "callee_count",
			   block->count);
		hw_json_key(&json, kind);
		hw_json_begin(&json, '[');
		for (size_t j = 0; j < shown; j++)
			add_caller(&json, view, rows, block, &callers->list.at[block->first + j]);
		hw_json_end(&json, ']');
		hw_json_end(&json, '}');
	}
	hw_json_end(&json, ']');
	hw_json_end(&json, '}');
}
