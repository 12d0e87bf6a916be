#include "report/warnings.h"

#include "report/event_quality.h"
#include "report/unnamed_quality.h"

#include <inttypes.h>
#include <math.h>

/* What hwprof record takes for --stack-size at most. */
#define STACK_SIZE_MAX (60u << 10)
/* What is worth a warning: 1 % is the accuracy people expect of a share. */
#define LOST_SHARE 0.01
#define INCOMPLETE_SHARE 0.05
#define FEW_SAMPLES 100

static double share(uint64_t part, uint64_t whole)
{
	return whole ? (double)part / (double)whole : 0;
}

static void warn(struct hw_warnings *warnings, char *text)
{
	hw_vec_push(&warnings->list, text);
}

/* "truncated by the copy 12, no CFI 3": causes as the recorder names them. */
static void add_causes(struct hw_buf *out, const struct hw_cause_count *causes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		hw_buf_printf(out, "%s%s %" PRIu64, i ? ", " : "", causes[i].cause, causes[i].count);
}

static void warn_dropped(struct hw_warnings *warnings, const struct hw_quality *q)
{
	struct hw_buf text = { 0 };

	for (size_t i = 0; i < q->dropped.count; i++) {
		const struct hw_cause_count *dropped = &q->dropped.at[i];

		hw_buf_text(&text, text.size ? ", " : "records read but not used: ");
		add_causes(&text, dropped, 1);
	}
	if (text.size)
		warn(warnings, text.data);
}

static void warn_incomplete(struct hw_warnings *warnings, const struct hw_quality *q)
{
	const uint64_t incomplete = q->stacks_truncated + q->stacks_broken;
	const uint64_t all = incomplete + q->stacks_complete;
	struct hw_buf text = { 0 };

	if (share(incomplete, all) < INCOMPLETE_SHARE)
		return;
	hw_buf_printf(&text,
		      "%.2f%% of the stacks do not reach the root, so cum is too low and callers are missing",
		      100 * share(incomplete, all));
	if (q->stack_ends.count) {
		hw_buf_text(&text, " (");
		add_causes(&text, q->stack_ends.at, q->stack_ends.count);
		hw_buf_text(&text, ")");
	}
	if (q->stacks_truncated > q->stacks_broken)
		hw_buf_text(&text, q->stack_size_bytes < STACK_SIZE_MAX && !q->stack_raised_bytes
					   ? "; a larger --stack-size helps"
					   : "; --stack-size is at its largest, deeper stacks are cut");
	warn(warnings, text.data);
}

static void warn_recording(struct hw_warnings *warnings, const struct hw_profile *profile)
{
	const struct hw_quality *q = &profile->quality;
	const uint64_t all = q->samples + q->samples_lost;

	if (share(q->samples_lost, all) >= LOST_SHARE)
		warn(warnings, hw_asprintf("%.2f%% of the samples were lost (%" PRIu64 " of %" PRIu64
					   "); record at a lower frequency or with a larger ring",
					   100 * share(q->samples_lost, all), q->samples_lost, all));
	if (q->throttles)
		warn(warnings, hw_asprintf("the kernel paused sampling %" PRIu64
					   " time%s (throttling); record at a lower "
					   "frequency",
					   q->throttles, q->throttles == 1 ? "" : "s"));
	warn_dropped(warnings, q);
	warn_incomplete(warnings, q);
	hw_event_quality_warn(warnings, profile);
}

/* Half of the 95 % interval of a share of independent samples, in percentage points: the least its error can be. */
static double binomial_points(double p, double sample_count)
{
	return 100 * 1.96 * sqrt(p * (1 - p) / sample_count);
}

/* name is NULL where there is no other event to be told from. */
static void warn_few(struct hw_warnings *warnings, const struct hw_view *view, const char *name)
{
	const int64_t samples = view->kept_sample_total;

	if (view->count_type == HW_NONE || samples <= 0 || samples >= FEW_SAMPLES)
		return;
	warn(warnings,
	     hw_asprintf("%" PRId64 " sample%s%s%s: a share of 10%% can easily be off by %.0f points",
			 samples, samples == 1 ? "" : "s", name ? " of " : "", name ? name : "",
			 binomial_points(0.10, (double)samples)));
}

void hw_warnings_init(struct hw_warnings *warnings, const struct hw_view *view, const struct hw_sides *sides,
		      const struct hw_quality_facts *facts)
{
	const bool has_several = sides && hw_sides_shown(sides) > 1;
	char *unnamed = hw_unnamed_quality_warning(facts);

	*warnings = (struct hw_warnings){ 0 };
	if (view->profile->quality.present)
		warn_recording(warnings, view->profile);
	if (unnamed)
		warn(warnings, unnamed);
	warn_few(warnings, view, has_several ? view->event : NULL);
	for (size_t i = 1; has_several && i < sides->list.count; i++)
		if (!sides->list.at[i].is_hidden)
			warn_few(warnings, &sides->list.at[i].view, sides->list.at[i].view.event);
}

void hw_warnings_fini(struct hw_warnings *warnings)
{
	for (size_t i = 0; i < warnings->list.count; i++)
		free(warnings->list.at[i]);
	hw_vec_fini(&warnings->list);
}
