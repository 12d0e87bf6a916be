#include "report/together.h"

#include "base/buf.h"

/* Reading a counter's times is not instant. */
#define ALL_THE_TIME 0.999

/* Is this the quality of an event, or of one of its parts? */
static bool is_of(const struct hw_event_quality *e, const char *event)
{
	return (e->opened && strcmp(e->opened, event) == 0) || (e->whole && strcmp(e->whole, event) == 0);
}

struct hw_event_time hw_event_time(const struct hw_profile *profile, const char *event)
{
	const struct hw_quality *q = &profile->quality;
	double enabled_ns = 0;
	double running_ns = 0;

	for (size_t i = 0; q->present && i < q->events.count; i++) {
		const struct hw_event_quality *e = &q->events.at[i];

		if (!is_of(e, event))
			continue;
		if (!e->time_enabled_ns)
			return (struct hw_event_time){ 0 };
		running_ns += (double)e->time_running_ns;
		if ((double)e->time_enabled_ns > enabled_ns)
			enabled_ns = (double)e->time_enabled_ns;
	}
	if (enabled_ns <= 0)
		return (struct hw_event_time){ 0 };
	return (struct hw_event_time){
		.is_known = true,
		.share = running_ns < enabled_ns ? running_ns / enabled_ns : 1,
	};
}

static const char *event_name(const struct hw_profile *profile, uint32_t type)
{
	return hw_profile_text(profile, profile->sample_types.at[type].type);
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* The quality of an event's counter on one PMU (NULL for an event without parts), or NULL. */
static const struct hw_event_quality *find_part(const struct hw_quality *q, const char *event,
						const char *pmu)
{
	for (size_t i = 0; i < q->events.count; i++)
		if (is_of(&q->events.at[i], event) && same_text(q->events.at[i].pmu, pmu))
			return &q->events.at[i];
	return NULL;
}

/* Were all events in one group, on each PMU that counted the first? */
static bool in_one_group(const struct hw_profile *profile, const uint32_t *types, size_t count)
{
	const struct hw_quality *q = &profile->quality;
	const char *first = event_name(profile, types[0]);
	bool found = false;

	for (size_t i = 0; i < q->events.count; i++) {
		const struct hw_event_quality *e = &q->events.at[i];

		if (!is_of(e, first))
			continue;
		found = true;
		for (size_t j = 1; j < count; j++) {
			const struct hw_event_quality *other =
				find_part(q, event_name(profile, types[j]), e->pmu);

			if (!e->group || !other || other->group != e->group)
				return false;
		}
	}
	return found;
}

static bool always_on(const struct hw_profile *profile, const uint32_t *types, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct hw_event_time time = hw_event_time(profile, event_name(profile, types[i]));

		if (!time.is_known || time.share < ALL_THE_TIME)
			return false;
	}
	return true;
}

char *hw_together_check(const struct hw_profile *profile, const uint32_t *types, size_t count)
{
	HW_AUTO(hw_buf_fini) struct hw_buf list = { 0 };

	if (count < 2 || in_one_group(profile, types, count) || always_on(profile, types, count))
		return NULL;
	for (size_t i = 0; i < count; i++) {
		const char *name = event_name(profile, types[i]);
		const struct hw_event_time time = hw_event_time(profile, name);

		if (!time.is_known)
			return hw_asprintf("the profile does not say how long '%s' had a counter", name);
		hw_buf_printf(&list, "%s%s %.1f%% of the time", i ? ", " : "", name, 100 * time.share);
	}
	hw_buf_text(&list, "): record them as one group, -e '{");
	for (size_t i = 0; i < count; i++)
		hw_buf_printf(&list, "%s%s", i ? "," : "", event_name(profile, types[i]));
	return hw_asprintf("its events did not run together (%s}'", list.data);
}
