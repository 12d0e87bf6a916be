/* Whole texts of -e on machines without PMUs and with a catalogue, whatever the bytes: nothing is appended by halves, groups
 * stand side by side, and names tell events apart. */
#include "event/catalogue.h"
#include "event/events.h"
#include "event/resolve.h"

static struct hw_catalogue_event entries[] = {
	{ .name = (char *)"l2-misses", .text = (char *)"r24:period=9" },
	{ .name = (char *)"x", .text = (char *)"cs:u,faults" },
};

static char *texts[] = { (char *)"{l2-misses,instructions}", (char *)"cs:k" };

static struct hw_preset presets[] = { { .name = (char *)"cache", .texts = { .at = texts, .count = 2 } } };

static const struct hw_catalogue catalogue = {
	.events = { .at = entries, .count = HW_COUNT_OF(entries) },
	.presets = { .at = presets, .count = HW_COUNT_OF(presets) },
};

static void check_event(const struct hw_event *event, const struct hw_event *before)
{
	const struct perf_event_attr *attr = &event->attr;

	if (!event->name || !*event->name || !event->text || !event->unit || !attr->size)
		abort();
	/* groups stand side by side, numbered upwards */
	if (event->group && before && before->group > event->group)
		abort();
	/* only leaders may be pinned or exclusive (perf_event_open(2)) */
	if (event->group && before && before->group == event->group && (attr->pinned || attr->exclusive))
		abort();
}

static void check_names(struct hw_events *events)
{
	struct hw_err err = { 0 };

	if (hw_events_set_names(events->list.at, events->list.count, &err) < 0)
		return;
	for (size_t i = 0; i < events->list.count; i++)
		for (size_t k = 0; k < i; k++)
			if (strcmp(events->list.at[i].name, events->list.at[k].name) == 0)
				abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const no_tracepoints[] = { NULL };
	const struct hw_event_roots roots = { .pmus = "/nonexistent", .tracepoints = no_tracepoints };
	const struct hw_event_defaults defaults = { .freq_hz = 1000 };
	struct hw_events events = { .group_count = 3 };
	struct hw_err err = { 0 };
	char *text;

	if (size > 200) /* each unknown name is compared with all that libpfm4 has */
		return 0;
	text = hw_strndup(size ? (const char *)data : "", size);
	if (hw_events_add_in(&events, text, &defaults, &catalogue, &roots, &err) < 0) {
		if (events.list.count || events.group_count != 3 || !*err.message)
			abort();
	}
	for (size_t i = 0; i < events.list.count; i++)
		check_event(&events.list.at[i], i ? &events.list.at[i - 1] : NULL);
	check_names(&events);
	hw_events_fini(&events);
	free(text);
	return 0;
}
