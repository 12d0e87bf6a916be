#include "closing.h"
#include "terminal.h"

#include "base/units.h"
#include "report/unnamed_quality.h"

#include <inttypes.h>
#include <math.h>

/* Before the first sample of each thread, and after its last, lies a part of a period: where fewer samples were to be
 * expected, that is all the sum check would show. Too high it cannot be for that reason. */
#define SUM_CHECK_MIN_SAMPLES 100
#define SUM_CHECK_HIGH 1.1

static void print_count(struct hw_buf *out, uint64_t count)
{
	if (count >= 1000) {
		print_count(out, count / 1000);
		hw_buf_printf(out, ",%03" PRIu64, count % 1000);
	} else {
		hw_buf_printf(out, "%" PRIu64, count);
	}
}

/* " of cycles (sum check 0.998, had a counter 66 % of the time)": an event, and what there is to know about it. */
static void print_event(struct hw_buf *line, const struct hw_event_quality *event)
{
	const double share = hw_event_running_share(event);
	const double check = hw_event_sum_check(event);
	const char *between = " (";

	hw_buf_text(line, event->opened);
	if (!isnan(check) && event->samples &&
	    (check > SUM_CHECK_HIGH || (double)event->samples >= SUM_CHECK_MIN_SAMPLES * fmin(check, 1))) {
		hw_buf_printf(line, "%ssum check %.3f", between, check);
		between = ", ";
	}
	if (share < 0.9995) {
		hw_buf_printf(line, "%shad a counter %.1f %% of the time", between, 100 * share);
		between = ", ";
	}
	if (event->precise_obtained && event->samples) {
		hw_buf_printf(line, "%s%.1f %% at exact addresses", between,
			      100 * (double)event->exact_ips / (double)event->samples);
		between = ", ";
	}
	if (*between == ',')
		hw_buf_text(line, ")");
}

void closing_print_line(const struct recording *recording, const struct hw_pipeline_summary *summary,
			const struct hw_quality *quality)
{
	HW_AUTO(hw_buf_fini) struct hw_buf line = { 0 };
	const double stacks =
		(double)(summary->stacks_complete + summary->stacks_truncated + summary->stacks_broken);

	print_count(&line, summary->samples);
	hw_buf_text(&line, summary->samples == 1 ? " sample in " : " samples in ");
	hw_print_duration(&line, (double)summary->duration_ns);
	for (size_t i = 0; i < quality->events.count; i++) {
		hw_buf_text(&line, i ? ", " : " of ");
		if (quality->events.count > 1) {
			print_count(&line, quality->events.at[i].samples);
			hw_buf_text(&line, " ");
		}
		print_event(&line, &quality->events.at[i]);
	}
	hw_buf_text(&line, "; ");
	print_count(&line, summary->lost);
	hw_buf_text(&line, " lost; ");
	if (stacks > 0)
		hw_buf_printf(&line, "%.1f %% of stacks complete; ",
			      100 * (double)summary->stacks_complete / stacks);
	hw_buf_text(&line, strcmp(recording->output.path, "-") == 0 ? "stdout" : recording->output.path);
	hw_buf_text(&line, " (");
	hw_print_size(&line, (double)recording->output.written_bytes);
	hw_buf_text(&line, ")");
	hw_terminal_say("", hw_buf_str(&line));
}

static void print_amount(struct hw_buf *out, uint64_t count, const char *unit)
{
	if (strcmp(unit, "nanoseconds") == 0)
		hw_print_duration(out, (double)count);
	else
		print_count(out, count);
}

/* Events that happened, but too rarely for a sample. */
static bool warn_of_long_periods(const struct recording *recording, const struct hw_quality *quality)
{
	bool any = false;

	for (size_t i = 0; i < quality->events.count; i++) {
		const struct hw_event_quality *event = &quality->events.at[i];
		const char *unit = recording->events.list.at[i].unit;
		const bool is_clock = strcmp(unit, "nanoseconds") == 0;
		HW_AUTO(hw_buf_fini) struct hw_buf text = { 0 };

		if (event->samples || event->lost || !event->counted)
			continue;
		hw_buf_printf(&text, "no sample of %s: it counted ", event->opened);
		print_amount(&text, event->counted, unit);
		if (event->period || is_clock) {
			hw_buf_text(&text, ", and a sample is taken every ");
			print_amount(&text, event->period ? event->period : 1000000000 / event->freq_hz,
				     unit);
			hw_buf_text(&text, "; run longer, or sample more often (-F, -c)");
		} else {
			hw_buf_text(&text,
				    ", too little for a sample at this frequency (-F, or a period: -c)");
		}
		hw_terminal_say("warning: ", hw_buf_str(&text));
		any = true;
	}
	return any;
}

/* How much of it has no names, and what would help. */
static void remark_unnamed(const struct hw_profile *profile)
{
	const struct hw_filter everything = { 0 };
	struct hw_quality_facts facts;
	struct hw_view view;
	char *warning;

	if (hw_view_init(&view, profile, NULL, &everything, NULL) < 0) /* there is no event */
		return;
	hw_quality_facts_init(&facts, &view);
	warning = hw_unnamed_quality_warning(&facts);
	if (warning)
		hw_terminal_say("note: ", warning);
	free(warning);
	hw_quality_facts_fini(&facts);
	hw_view_fini(&view);
}

void closing_print_remarks(const struct recording *recording, const struct hw_profile *profile, bool silent)
{
	for (size_t i = 0; i < profile->quality.notes.count; i++)
		hw_terminal_say("note: ", profile->quality.notes.at[i]);
	remark_unnamed(profile);
	if (!warn_of_long_periods(recording, &profile->quality) && !profile->quality.samples && !silent)
		hw_terminal_say("warning: ",
				"no sample was taken: the target used too little CPU time, or none; run "
				"longer, or sample "
				"more often (-F)");
}
