#include "profile/quality.h"

#include <math.h>

void hw_recording_fini(struct hw_recording *recording)
{
	free(recording->version);
	free(recording->command);
	free(recording->hostname);
	free(recording->kernel);
	free(recording->cpu);
	*recording = (struct hw_recording){ 0 };
}

static void free_causes(struct hw_cause_count *causes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(causes[i].cause);
	free(causes);
}

void hw_quality_fini(struct hw_quality *quality)
{
	free_causes(quality->dropped.at, quality->dropped.count);
	free_causes(quality->stack_ends.at, quality->stack_ends.count);
	free_causes(quality->frame_origins.at, quality->frame_origins.count);
	for (size_t i = 0; i < quality->ends_by_dso.count; i++) {
		free(quality->ends_by_dso.at[i].cause);
		free(quality->ends_by_dso.at[i].dso);
	}
	hw_vec_fini(&quality->ends_by_dso);
	for (size_t i = 0; i < quality->events.count; i++) {
		free(quality->events.at[i].asked);
		free(quality->events.at[i].opened);
		free(quality->events.at[i].pmu);
		free(quality->events.at[i].whole);
	}
	hw_vec_fini(&quality->events);
	for (size_t i = 0; i < quality->unnamed.count; i++) {
		free(quality->unnamed.at[i].dso);
		free(quality->unnamed.at[i].build_id);
		free(quality->unnamed.at[i].cause);
		free(quality->unnamed.at[i].fix);
	}
	hw_vec_fini(&quality->unnamed);
	for (size_t i = 0; i < quality->notes.count; i++)
		free(quality->notes.at[i]);
	hw_vec_fini(&quality->notes);
	*quality = (struct hw_quality){ 0 };
}

void hw_quality_note(struct hw_quality *quality, const char *note)
{
	for (size_t i = 0; i < quality->notes.count; i++)
		if (strcmp(quality->notes.at[i], note) == 0)
			return;
	hw_vec_push(&quality->notes, hw_strdup(note));
}

void hw_quality_count_end(struct hw_quality *quality, const char *cause, const char *dso, uint64_t n)
{
	for (size_t i = 0; i < quality->ends_by_dso.count; i++) {
		struct hw_end_count *known = &quality->ends_by_dso.at[i];

		if (strcmp(known->cause, cause) == 0 && strcmp(known->dso, dso) == 0) {
			known->count += n;
			return;
		}
	}
	hw_vec_push(&quality->ends_by_dso,
		    (struct hw_end_count){ .cause = hw_strdup(cause), .dso = hw_strdup(dso), .count = n });
}

void hw_cause_add(struct hw_cause_count **at, size_t *count, size_t *capacity, const char *cause, uint64_t n)
{
	for (size_t i = 0; i < *count; i++)
		if (strcmp((*at)[i].cause, cause) == 0) {
			(*at)[i].count += n;
			return;
		}
	if (*count == *capacity) {
		*capacity = *capacity ? *capacity * 2 : 8;
		*at = hw_realloc(*at, *capacity, sizeof **at);
	}
	(*at)[(*count)++] = (struct hw_cause_count){ .cause = hw_strdup(cause), .count = n };
}

double hw_event_sum_check(const struct hw_event_quality *event)
{
	double counted = (double)event->counted;

	if (!event->counted)
		return NAN;
	if (event->counted_running_ns && event->counted_running_ns < event->counted_enabled_ns)
		counted *= (double)event->counted_enabled_ns / (double)event->counted_running_ns;
	return (double)event->events / counted;
}

double hw_event_running_share(const struct hw_event_quality *event)
{
	if (!event->time_enabled_ns)
		return NAN;
	if (event->time_running_ns >= event->time_enabled_ns)
		return 1;
	return (double)event->time_running_ns / (double)event->time_enabled_ns;
}
