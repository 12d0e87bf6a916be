#include "report/event_quality.h"

#include "report/together.h"

#include <inttypes.h>
#include <math.h>

static const char *event_name(const struct hw_event_quality *e)
{
	return e->opened ? e->opened : e->asked ? e->asked : "";
}

static void warn(struct hw_warnings *warnings, char *text)
{
	hw_vec_push(&warnings->list, text);
	warnings->of_events = true;
}

/* --- Warnings ------------------------------------------------------------------------------------------ */

/* Is this the first part of its event, or an event without parts? */
static bool is_first_part(const struct hw_quality *q, size_t index)
{
	const char *whole = q->events.at[index].whole;

	for (size_t i = 0; whole && i < index; i++)
		if (q->events.at[i].whole && strcmp(q->events.at[i].whole, whole) == 0)
			return false;
	return true;
}

/* The parts of a hybrid CPU's event count in turn, and each for a part of the time: warn of the whole. */
static void warn_time(struct hw_warnings *warnings, const struct hw_profile *profile, size_t index)
{
	const struct hw_event_quality *e = &profile->quality.events.at[index];
	const char *name = e->whole ? e->whole : event_name(e);
	const struct hw_event_time time = hw_event_time(profile, name);

	if (time.is_known && time.share < HW_COUNTED_SHARE_MIN && is_first_part(&profile->quality, index))
		warn(warnings,
		     hw_asprintf(
			     "event '%s' had a counter for %.1f%% of the time only: its values are of that "
			     "share, not scaled up; record fewer events at a time",
			     name, 100 * time.share));
}

/* While the kernel looks for the period that gives the frequency, it tells periods that it has changed since. */
#define RAMP_SAMPLES 1000

/* The kernel's timers have their period from the start (kernel/events/core.c, perf_swevent_init_hrtimer()). */
static bool is_timer(const struct hw_event_quality *e)
{
	return e->opened && (strcmp(e->opened, "cpu-clock") == 0 || strcmp(e->opened, "task-clock") == 0);
}

/* A sum check says something only where the samples were taken over the time that was counted. */
static bool has_sum_check(const struct hw_event_quality *e)
{
	const double share = hw_event_running_share(e);

	return isfinite(hw_event_sum_check(e)) && (e->counted_itself || !(share < HW_COUNTED_SHARE_MIN));
}

static void warn_sum(struct hw_warnings *warnings, const struct hw_event_quality *e)
{
	const double check = hw_event_sum_check(e);
	const char *cause;

	if (!e->samples || !has_sum_check(e) ||
	    fabs(check - 1) <= HW_SUM_CHECK_ERROR + 2 / (double)e->samples)
		return;
	if (e->freq_hz && !is_timer(e) && e->samples < RAMP_SAMPLES && !e->lost)
		cause = "by frequency the kernel takes a while to find the period; record longer, or by "
			"period (-c)";
	else if (check > 1)
		cause = "its values are too high; a hypervisor or driver that counts otherwise while "
			"sampling may be why";
	else if (e->lost || e->throttles)
		cause = "its values are too low by what was lost or throttled";
	else
		cause = "its values are too low; many short threads, which end before their next sample, may "
			"be why";
	warn(warnings, hw_asprintf("event '%s': samples x period is %.3f of what was counted beside them: %s",
				   event_name(e), check, cause));
}

static void warn_precise(struct hw_warnings *warnings, const struct hw_event_quality *e)
{
	if (e->samples && e->precise_obtained < e->precise_asked)
		warn(warnings,
		     hw_asprintf("event '%s': precise level %u was asked for, %u obtained; samples may be a "
				 "few instructions late",
				 event_name(e), e->precise_asked, e->precise_obtained));
}

/* Did nothing of an event arrive? A part may well be silent: where the program never ran on its kind of core. */
static bool is_silent(const struct hw_quality *q, const struct hw_event_quality *e)
{
	for (size_t i = 0; i < q->events.count; i++) {
		const struct hw_event_quality *other = &q->events.at[i];
		const bool same_whole = e->whole && other->whole && strcmp(e->whole, other->whole) == 0;

		if ((other == e || same_whole) && other->samples)
			return false;
	}
	return true;
}

static void warn_silent(struct hw_warnings *warnings, const struct hw_event_quality *e)
{
	const bool never_ran = e->time_enabled_ns && !e->time_running_ns;

	warn(warnings, hw_asprintf("event '%s' %s", e->whole ? e->whole : event_name(e),
				   never_ran ? "never had a counter, so it has no sample at all"
					     : "has no sample at all"));
}

void hw_event_quality_warn(struct hw_warnings *warnings, const struct hw_profile *profile)
{
	const struct hw_quality *q = &profile->quality;

	for (size_t i = 0; i < q->events.count; i++) {
		const struct hw_event_quality *e = &q->events.at[i];

		if (is_silent(q, e)) {
			if (is_first_part(q, i))
				warn_silent(warnings, e);
			continue;
		}
		warn_time(warnings, profile, i);
		warn_sum(warnings, e);
		warn_precise(warnings, e);
	}
}

/* --- One line ------------------------------------------------------------------------------------------ */

static void add_sum_checks(struct hw_buf *text, const struct hw_quality *q)
{
	double least = INFINITY;
	double most = -INFINITY;

	for (size_t i = 0; i < q->events.count; i++) {
		if (!has_sum_check(&q->events.at[i]))
			continue;
		least = fmin(least, hw_event_sum_check(&q->events.at[i]));
		most = fmax(most, hw_event_sum_check(&q->events.at[i]));
	}
	if (!isfinite(least))
		return;
	hw_buf_printf(text, "%ssum check %.3f", text->size ? "; " : "", least);
	if (most - least >= 0.0005)
		hw_buf_printf(text, " to %.3f", most);
}

static double exact_share(const struct hw_event_quality *e)
{
	return e->samples ? (double)e->exact_ips / (double)e->samples : 0;
}

static void add_exact(struct hw_buf *text, const struct hw_quality *q)
{
	for (size_t i = 0; i < q->events.count; i++) {
		const struct hw_event_quality *e = &q->events.at[i];

		if (!e->precise_obtained)
			continue;
		hw_buf_text(text, text->size ? "; " : "");
		if (q->events.count > 1)
			hw_buf_printf(text, "%s ", event_name(e));
		hw_buf_printf(text, "precise level %" PRIu32 ", %.1f%% of its addresses exact",
			      e->precise_obtained, 100 * exact_share(e));
	}
}

void hw_event_quality_summary(struct hw_buf *text, const struct hw_profile *profile)
{
	const struct hw_quality *q = &profile->quality;
	bool is_known = q->present && q->events.count;

	for (size_t i = 0; i < q->events.count; i++)
		is_known = is_known && q->events.at[i].time_enabled_ns;
	if (is_known)
		hw_buf_text(text, "all the time");
	if (q->present)
		add_sum_checks(text, q);
	if (q->present)
		add_exact(text, q);
}

/* --- A table ------------------------------------------------------------------------------------------- */

/* That the numbers take; and however narrow the terminal, so much of a name is shown. */
#define COLUMNS 64
#define NAME_WIDTH_MIN 12

static void add_share(struct hw_buf *out, double share, int width)
{
	if (isfinite(share))
		hw_buf_printf(out, "%*.1f%%", width - 1, 100 * share);
	else
		hw_buf_printf(out, "%*s", width, "-");
}

static void add_line(struct hw_buf *out, const struct hw_event_quality *e, const struct hw_style *style)
{
	hw_buf_printf(out, "%8" PRIu64 "%6" PRIu64 "%11" PRIu64, e->samples, e->lost, e->throttles);
	add_share(out, hw_event_running_share(e), 9);
	if (has_sum_check(e))
		hw_buf_printf(out, "%11.3f", hw_event_sum_check(e));
	else
		hw_buf_printf(out, "%11s", "-");
	if (e->precise_asked)
		hw_buf_printf(out, "%4" PRIu32 " of %" PRIu32, e->precise_obtained, e->precise_asked);
	else
		hw_buf_printf(out, "%9s", "-");
	add_share(out, e->precise_obtained ? exact_share(e) : NAN, 8);
	hw_buf_text(out, "  ");
	(void)hw_style_name(out, style, event_name(e),
			    style->width > COLUMNS + NAME_WIDTH_MIN ? style->width - COLUMNS : 0);
	hw_buf_text(out, "\n");
}

void hw_event_quality_table(struct hw_buf *out, const struct hw_profile *profile,
			    const struct hw_style *style)
{
	const struct hw_quality *q = &profile->quality;

	hw_style_begin(out, style, HW_INK_HEADING);
	hw_buf_printf(out, "%8s%6s%11s%9s%11s%9s%8s  %s", "samples", "lost", "throttled", "counted",
		      "sum check", "precise", "exact", "event");
	hw_style_end(out, style);
	hw_buf_text(out, "\n");
	for (size_t i = 0; i < q->events.count; i++)
		add_line(out, &q->events.at[i], style);
}
