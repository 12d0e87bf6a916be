#include "disclosure.h"

#include "config.h"

#include "base/units.h"
#include "event/catalogue.h"
#include "event/cpu.h"

#include <inttypes.h>
#include <sys/utsname.h>
#include <unistd.h>

/* What a target has to run before an event that counts nothing is suspect. */
#define SILENT_AFTER_NS UINT64_C(3000000)

/* --- The machine ---------------------------------------------------------------------------------------------- */

void hw_disclose_machine(struct hw_recording *recording, const char *command)
{
	struct utsname system;
	struct hw_cpu cpu;

	hw_cpu_read(&cpu, "");
	recording->version = hw_strdup(PACKAGE_VERSION);
	recording->command = hw_strdup(command);
	recording->cpu = *cpu.name ? hw_strdup(cpu.name) : NULL;
	recording->cpu_count = (uint32_t)sysconf(_SC_NPROCESSORS_ONLN);
	if (uname(&system) == 0) {
		recording->hostname = hw_strdup(system.nodename);
		recording->kernel = hw_strdup(system.release);
	}
}

/* --- The events ----------------------------------------------------------------------------------------------- */

static char *copy_or_null(const char *text)
{
	return text ? hw_strdup(text) : NULL;
}

void hw_disclose_events(struct hw_quality *quality, const struct hw_event *events, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct hw_event *event = &events[i];
		const struct perf_event_attr *attr = &event->attr;

		hw_vec_push(&quality->events,
			    (struct hw_event_quality){
				    .asked = hw_strdup(event->is_default ? "" : event->text),
				    .opened = hw_strdup(event->name),
				    .freq_hz = attr->freq ? attr->sample_freq : 0,
				    .period = attr->freq ? 0 : attr->sample_period,
				    .precise_asked = event->precise_asked,
				    .precise_obtained = (uint32_t)attr->precise_ip,
				    .group = event->group,
				    .pmu = copy_or_null(event->pmu),
				    .whole = copy_or_null(event->whole),
			    });
	}
}

static void note_count_of(struct hw_quality *quality, uint64_t count, const char *what)
{
	HW_AUTO(hw_freep) char *note = hw_asprintf("%" PRIu64 " %s", count, what);

	if (count)
		hw_quality_note(quality, note);
}

static void disclose_counts(struct hw_event_quality *event, const struct hw_recorder_event_stats *stats)
{
	const struct hw_count *own = &stats->own;

	event->lost = stats->lost;
	event->throttles = stats->throttles;
	event->time_enabled_ns = own->time_enabled_ns;
	event->time_running_ns = own->time_running_ns;
	event->counted_itself = !stats->has_twin;
	if (stats->has_twin) {
		event->counted = stats->twin.value;
		event->counted_enabled_ns = stats->twin.time_enabled_ns;
		event->counted_running_ns = stats->twin.time_running_ns;
	} else {
		event->counted = own->value;
		event->counted_enabled_ns = event->counted_running_ns = own->time_running_ns;
	}
}

void hw_disclose_recorder(struct hw_quality *quality, const struct hw_recorder *recorder,
			  const struct hw_event *events, size_t count)
{
	HW_AUTO(hw_freep) struct hw_recorder_event_stats *of_event = hw_alloc(count, sizeof *of_event);
	struct hw_recorder_stats stats;
	char *const *notes;
	size_t note_count;

	hw_recorder_stats(recorder, &stats, of_event);
	quality->records_read = stats.records_read;
	quality->samples_lost = stats.lost;
	quality->throttles = stats.throttles;
	quality->ring_size_bytes = (uint32_t)stats.ring_size_bytes;
	if (stats.records_corrupt)
		hw_quality_count(&quality->dropped, "corrupt", stats.records_corrupt);
	for (size_t i = 0; i < count; i++) {
		disclose_counts(&quality->events.at[i], &of_event[i]);
		/* A clock of user or kernel code only counts the rest of the time as well. */
		if (!hw_attr_counts_what_it_samples(&events[i].attr))
			quality->events.at[i].counted = 0;
		if (!quality->events.at[i].counted)
			quality->events.at[i].counted_itself = false;
	}
	note_count_of(quality, stats.records_late, "records came later than newer ones of other CPUs");
	note_count_of(quality, stats.rings_corrupt, "times what a ring held made no sense and was skipped");
	note_count = hw_recorder_notes(recorder, &notes);
	for (size_t i = 0; i < note_count; i++)
		hw_quality_note(quality, notes[i]);
}

/* --- Silence -------------------------------------------------------------------------------------------------- */

static bool is_silent(const struct hw_event_quality *quality, const struct hw_event *event)
{
	return hw_attr_needs_counter(&event->attr) && !quality->samples && !quality->lost &&
	       !quality->counted && quality->time_enabled_ns >= SILENT_AFTER_NS;
}

static void explain_silence(struct hw_err *err, const struct hw_event_quality *quality,
			    const struct hw_event *event)
{
	HW_AUTO(hw_buf_fini) struct hw_buf time = { 0 };

	hw_print_duration(&time, (double)quality->time_enabled_ns);
	if (!quality->time_running_ns) {
		(void)hw_err_set(err, HW_ERR_EVENT,
				 "event '%s' never had a counter while its target ran for %s: there are no "
				 "samples of it",
				 event->name, hw_buf_str(&time));
		(void)hw_err_hint(
			err,
			"others hold the counters (the NMI watchdog: sysctl kernel.nmi_watchdog=0; "
			"another profiler), or its group needs more than there are: hwprof doctor tells");
		return;
	}
	(void)hw_err_set(err, HW_ERR_EVENT,
			 "event '%s' opened, but counted nothing while its target ran for %s: there are no "
			 "samples of it",
			 event->name, hw_buf_str(&time));
	if (quality->precise_obtained)
		(void)hw_err_hint(
			err,
			"this CPU, or the virtual machine, may not have precise level %u for it (try it "
			"without :p), or not the event at all",
			quality->precise_obtained);
	else
		(void)hw_err_hint(err,
				  "this CPU, or the virtual machine that stands for one, probably does not "
				  "have the event, though its driver takes the number; or the event is one "
				  "of another type of core; or none happened");
}

size_t hw_disclose_silence(const struct hw_quality *quality, const struct hw_event *events,
			   struct hw_err *err)
{
	HW_AUTO(hw_buf_fini) struct hw_buf others = { 0 };
	size_t silent = 0;

	for (size_t i = 0; i < quality->events.count; i++) {
		if (!is_silent(&quality->events.at[i], &events[i]))
			continue;
		if (silent++ == 0)
			explain_silence(err, &quality->events.at[i], &events[i]);
		else
			hw_buf_printf(&others, "%s'%s'", others.size ? ", " : "", events[i].name);
	}
	if (others.size)
		(void)hw_err_wrap(err, "and likewise %s", hw_buf_str(&others));
	return silent;
}

/* --- Metrics -------------------------------------------------------------------------------------------------- */

/* "instructions" of "instructions:u". */
static bool is_named(const char *name, const char *wanted)
{
	const size_t length = strlen(wanted);

	return strncmp(name, wanted, length) == 0 && (!name[length] || name[length] == ':');
}

/* The sample type that stands for a name in a formula, counted at the same levels as `model`; NULL = none. Under another
 * name ("INST_RETIRED:ANY_P") it is found by what it counts. */
static const char *find_variable(const char *variable, const struct hw_catalogue *catalogue,
				 const struct hw_event *events, size_t count,
				 const struct perf_event_attr *model)
{
	static const struct hw_event_defaults defaults = { 0 };
	const struct hw_catalogue_event *entry = hw_catalogue_event(catalogue, variable);
	struct hw_event wanted = { 0 };
	const char *found = NULL;

	for (size_t i = 0; i < count; i++) {
		if (!hw_attr_same_levels(&events[i].attr, model))
			continue;
		if (events[i].whole && is_named(events[i].whole, variable))
			return events[i].whole;
		if (!events[i].whole && is_named(events[i].name, variable))
			return events[i].name;
	}
	if (hw_event_resolve(&wanted, entry ? entry->text : variable, &defaults, NULL) < 0)
		return NULL;
	for (size_t i = 0; !found && i < count; i++)
		if (hw_attr_same_levels(&events[i].attr, model) &&
		    hw_attr_same_event(&events[i].attr, &wanted.attr))
			found = events[i].name;
	hw_event_fini(&wanted);
	return found;
}

static bool bind_metric(struct hw_profile_metric *bound, const struct hw_metric *metric,
			const struct hw_catalogue *catalogue, const struct hw_event *events, size_t count,
			const struct perf_event_attr *model)
{
	for (size_t i = 0; i < hw_formula_variable_count(metric->formula); i++) {
		const char *variable = hw_formula_variable(metric->formula, i);
		const char *type = find_variable(variable, catalogue, events, count, model);

		if (!type) {
			hw_profile_metric_fini(bound);
			return false;
		}
		hw_vec_push(&bound->variables, hw_strdup(variable));
		hw_vec_push(&bound->sample_types, hw_strdup(type));
	}
	bound->name = hw_strdup(metric->name);
	bound->title = hw_strdup(metric->title);
	bound->description = hw_strdup(metric->description);
	bound->unit = hw_strdup(metric->unit);
	bound->formula = hw_strdup(metric->formula_text);
	return true;
}

void hw_disclose_metrics(struct hw_profile *profile, const struct hw_event *events, size_t count)
{
	struct hw_catalogue catalogue = { 0 };
	struct hw_err err = { 0 };

	if (count < 2) /* a ratio has two */
		return;
	if (hw_catalogue_load(&catalogue, &err) < 0) {
		HW_AUTO(hw_freep) char *note = hw_asprintf("without metrics: %s", err.message);

		hw_quality_note(&profile->quality, note);
		return;
	}
	for (size_t m = 0; m < catalogue.metrics.count; m++) {
		struct hw_profile_metric bound = { 0 };

		/* All of its events at the levels (user, kernel) of one of them. */
		for (size_t i = 0; i < count; i++) {
			if (bind_metric(&bound, &catalogue.metrics.at[m], &catalogue, events, count,
					&events[i].attr)) {
				hw_vec_push(&profile->metrics, bound);
				break;
			}
		}
	}
	hw_catalogue_fini(&catalogue);
}
