#include "report/header.h"

#include "base/units.h"
#include "report/event_quality.h"

#include <inttypes.h>

#define NS_PER_S 1000000000

void hw_header_time(struct hw_buf *out, int64_t time_ns, bool with_fraction)
{
	/* Round down also before 1970, so that the fraction is never negative. */
	const int64_t fraction_ns = (time_ns % NS_PER_S + NS_PER_S) % NS_PER_S;
	const time_t seconds = (time_t)((time_ns - fraction_ns) / NS_PER_S);
	struct tm tm;

	if (!gmtime_r(&seconds, &tm))
		return;
	hw_buf_printf(out, "%04d-%02d-%02d%c%02d:%02d:%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
		      with_fraction ? 'T' : ' ', tm.tm_hour, tm.tm_min, tm.tm_sec);
	if (with_fraction && fraction_ns)
		hw_buf_printf(out, ".%09" PRId64, fraction_ns);
	hw_buf_text(out, with_fraction ? "Z" : " UTC");
}

/* One line: a label and a foreign text. An empty text is not worth a line. */
static void print_line(struct hw_buf *out, const struct hw_style *style, const char *label, const char *text)
{
	const size_t width = style->width > HW_LABEL_WIDTH + 20 ? style->width - HW_LABEL_WIDTH : 0;

	if (!text[0])
		return;
	hw_style_begin(out, style, HW_INK_HEADING);
	hw_buf_printf(out, "%-*s", HW_LABEL_WIDTH, label);
	hw_style_end(out, style);
	hw_style_name(out, style, text, width);
	hw_buf_text(out, "\n");
}

static void print_line_buf(struct hw_buf *out, const struct hw_style *style, const char *label,
			   struct hw_buf *text)
{
	print_line(out, style, label, hw_buf_str(text));
	hw_buf_fini(text);
}

/* Sentences in full, however narrow the terminal: they are meant to be read. */
static void print_sentence(struct hw_buf *out, const struct hw_style *style, const char *label,
			   enum hw_ink ink, const char *text)
{
	hw_style_begin(out, style, ink);
	hw_buf_printf(out, "%-*s", HW_LABEL_WIDTH, label);
	hw_style_end(out, style);
	hw_buf_printable(out, text);
	hw_buf_text(out, "\n");
}

static void print_what(struct hw_buf *out, const struct hw_view *view, const char *path,
		       const struct hw_style *style)
{
	const struct hw_recording *r = &view->profile->recording;
	struct hw_buf text = { 0 };

	print_line(out, style, "file", path);
	if (r->command)
		hw_buf_text(&text, r->command);
	if (r->pid)
		hw_buf_printf(&text, "%s(pid %" PRIu32 ")", text.size ? "  " : "", r->pid);
	print_line_buf(out, style, "command", &text);
}

static void print_where_when(struct hw_buf *out, const struct hw_view *view, const struct hw_style *style)
{
	const struct hw_profile *profile = view->profile;
	const struct hw_recording *r = &profile->recording;
	struct hw_buf where = { 0 };
	struct hw_buf when = { 0 };

	if (r->hostname)
		hw_buf_text(&where, r->hostname);
	if (r->kernel)
		hw_buf_printf(&where, "%sLinux %s", where.size ? ", " : "", r->kernel);
	if (r->cpu_count)
		hw_buf_printf(&where, "%s%" PRIu32 " x %s", where.size ? ", " : "", r->cpu_count,
			      r->cpu ? r->cpu : "CPU");
	print_line_buf(out, style, "where", &where);
	if (profile->time_ns)
		hw_header_time(&when, profile->time_ns, false);
	if (profile->duration_ns > 0) {
		hw_buf_text(&when, when.size ? ", for " : "for ");
		hw_print_duration(&when, (double)profile->duration_ns);
	}
	print_line_buf(out, style, "when", &when);
}

/* "12.3G", and the unit unless it is part of the value as printed. */
static void add_total(struct hw_buf *text, const struct hw_profile *profile, uint32_t type)
{
	const char *unit = hw_profile_text(profile, profile->sample_types.at[type].unit);

	hw_print_value(text, hw_profile_total(profile, type), unit);
	if (unit[0] && strcmp(unit, "count") != 0 && strcmp(unit, "nanoseconds") != 0 &&
	    strcmp(unit, "bytes") != 0)
		hw_buf_printf(text, " %s", unit);
}

static void add_event(struct hw_buf *text, const struct hw_view *view, uint32_t type)
{
	hw_buf_printf(text, "%s%s ", text->size ? ", " : "",
		      hw_profile_text(view->profile, view->profile->sample_types.at[type].type));
	add_total(text, view->profile, type);
}

/* "samples 1223, cycles 12.3G (shown)"; events whose samples are counted one by one: "cycles 12.3G in 1223 samples,
 * instructions 45.6G in 2345 samples". */
static void print_events(struct hw_buf *out, const struct hw_header *header, const struct hw_style *style)
{
	const struct hw_view *view = header->view;
	const struct hw_profile *profile = view->profile;
	const bool is_one = !header->sides || hw_sides_shown(header->sides) == 1;
	uint32_t events[HW_SAMPLE_TYPES_MAX];
	const uint32_t event_count = hw_view_events(profile, events);
	uint32_t at = 0;
	struct hw_buf text = { 0 };

	for (uint32_t i = 0; i < profile->sample_types.count; i++) {
		const bool is_event = at < event_count && events[at] == i;
		const uint32_t count_type = is_event ? hw_view_count_type(profile, i) : HW_NONE;

		at += is_event;
		if (event_count > 1 && !is_event && hw_view_counts_one(profile, i))
			continue;
		add_event(&text, view, i);
		if (event_count > 1 && count_type != HW_NONE && hw_view_counts_one(profile, count_type))
			hw_buf_printf(&text, " in %" PRId64 " samples",
				      hw_profile_total(profile, count_type));
		if (i == view->type && is_one && profile->sample_types.count > 1)
			hw_buf_text(&text, " (shown)");
	}
	/* Each of them counts: in full, however narrow the terminal. */
	print_sentence(out, style, profile->sample_types.count > 1 ? "events" : "event", HW_INK_HEADING,
		       hw_buf_str(&text));
	hw_buf_fini(&text);
}

static double percent(uint64_t part, uint64_t whole)
{
	return whole ? 100 * (double)part / (double)whole : 0;
}

static void print_quality(struct hw_buf *out, const struct hw_quality_facts *facts,
			  const struct hw_style *style)
{
	const struct hw_view *view = facts->view;
	const struct hw_quality *q = &view->profile->quality;
	const uint64_t stacks = q->stacks_complete + q->stacks_truncated + q->stacks_broken;
	struct hw_buf text = { 0 };

	if (q->present) {
		hw_buf_printf(&text, "%" PRIu64 " samples, %" PRIu64 " lost, %" PRIu64 " throttled",
			      q->samples, q->samples_lost, q->throttles);
		if (stacks) {
			hw_buf_printf(&text, "; stacks %.2f%% complete", percent(q->stacks_complete, stacks));
			if (q->stacks_stitched)
				hw_buf_printf(&text, " (%.2f%% stitched)",
					      percent(q->stacks_stitched, stacks));
			hw_buf_printf(&text, ", %.2f%% truncated, %.2f%% broken",
				      percent(q->stacks_truncated, stacks),
				      percent(q->stacks_broken, stacks));
		}
	} else {
		if (view->count_type != HW_NONE)
			hw_buf_printf(&text, "%" PRId64 " samples; ", view->sample_total);
		hw_buf_text(&text, "loss and stack quality are not stated (profile of another tool)");
	}
	hw_buf_printf(&text, "; %.2f%% without symbol", 100 * hw_share(facts->unnamed.leaf, view->total));
	print_sentence(out, style, "quality", HW_INK_HEADING, hw_buf_str(&text));
	hw_buf_fini(&text);
}

/* One line where all is well, else a table. */
static void print_event_quality(struct hw_buf *out, const struct hw_header *header,
				const struct hw_warnings *warnings, const struct hw_style *style)
{
	const struct hw_profile *profile = header->view->profile;
	struct hw_buf text = { 0 };

	if (profile->quality.events.count && (warnings->of_events || header->with_quality)) {
		hw_event_quality_table(out, profile, style);
		return;
	}
	hw_event_quality_summary(&text, profile);
	if (text.size)
		print_sentence(out, style, "counted", HW_INK_HEADING, text.data);
	hw_buf_fini(&text);
}

static void print_notes(struct hw_buf *out, const struct hw_header *header,
			const struct hw_quality_facts *facts, const struct hw_style *style)
{
	const struct hw_profile *profile = header->view->profile;
	struct hw_warnings warnings;

	hw_warnings_init(&warnings, header->view, header->sides, facts);
	print_event_quality(out, header, &warnings, style);
	if (header->with_quality)
		hw_quality_block_print(out, facts, style);
	for (size_t i = 0; i < warnings.list.count; i++)
		print_sentence(out, style, "warning", HW_INK_WARNING, warnings.list.at[i]);
	hw_warnings_fini(&warnings);
	for (size_t i = 0; i < profile->quality.notes.count; i++)
		print_sentence(out, style, "note", HW_INK_HEADING, profile->quality.notes.at[i]);
	for (size_t i = 0; i < profile->comments.count; i++)
		print_sentence(out, style, "comment", HW_INK_HEADING,
			       hw_profile_text(profile, profile->comments.at[i]));
}

static void print_filter(struct hw_buf *out, const struct hw_view *view, const struct hw_style *style)
{
	struct hw_buf text = { 0 };

	if (!view->kept)
		return;
	if (view->filter.focus)
		hw_buf_printf(&text, "focus '%s'", view->filter.focus);
	if (view->filter.ignore)
		hw_buf_printf(&text, "%signore '%s'", text.size ? ", " : "", view->filter.ignore);
	hw_buf_printf(&text, ": %.2f%% of %s remain; percentages are of the whole",
		      100 * hw_share(view->kept_total, view->total), view->event);
	print_line_buf(out, style, "filter", &text);
}

/* The metrics of the whole profile; and those that cannot be had, in full. */
static void print_metrics(struct hw_buf *out, const struct hw_header *header, const struct hw_style *style)
{
	const struct hw_row_metrics *metrics = header->metrics;
	struct hw_buf text = { 0 };

	for (size_t i = 0; metrics && i < metrics->list.count; i++) {
		const struct hw_row_metric *m = &metrics->list.at[i];
		const char *unit = m->metric->unit;

		hw_buf_printf(&text, "%s%s ", i ? ", " : "", m->metric->title);
		hw_estimate_print(&text, hw_row_metric_total(m, header->sides), unit, style->utf8);
	}
	if (text.size)
		print_sentence(out, style, "metrics", HW_INK_HEADING, text.data);
	hw_buf_fini(&text);
	for (size_t i = 0; metrics && i < metrics->refused.count; i++)
		print_sentence(out, style, "refused", HW_INK_WARNING, metrics->refused.at[i]);
}

void hw_header_print(struct hw_buf *out, const struct hw_header *header, const struct hw_style *style)
{
	const struct hw_view *view = header->view;
	struct hw_quality_facts facts;

	hw_quality_facts_init(&facts, view);
	print_what(out, view, header->path, style);
	print_where_when(out, view, style);
	print_events(out, header, style);
	print_quality(out, &facts, style);
	print_notes(out, header, &facts, style);
	hw_quality_facts_fini(&facts);
	print_filter(out, view, style);
	print_metrics(out, header, style);
	hw_buf_text(out, "\n");
}
