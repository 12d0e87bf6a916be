#include "columns.h"

#include "base/map.h"

static bool has_type(const struct hw_profile *profile, const char *type)
{
	return hw_profile_find_sample_type(profile, type) != HW_NONE;
}

/* The two types of something that is counted. Returns the index of the first. */
static uint32_t add_pair(struct hw_profile *profile, const char *name, const char *unit)
{
	HW_AUTO(hw_freep) char *samples = hw_asprintf("%s_samples", name);
	const size_t index = hw_profile_add_sample_type(profile, samples, "count");

	(void)hw_profile_add_sample_type(profile, name, unit);
	return (uint32_t)index;
}

void hw_columns_add(struct hw_column *columns, struct hw_profile *profile, const struct hw_event *events,
		    size_t count)
{
	const bool alone = count == 1 && !events[0].whole;

	for (size_t i = 0; i < count; i++) {
		const struct hw_event *event = &events[i];
		struct hw_column column = { .whole_samples = HW_NONE, .whole_value = HW_NONE };

		if (event->whole) {
			if (!has_type(profile, event->whole))
				(void)add_pair(profile, event->whole, event->unit);
			column.whole_value = hw_profile_find_sample_type(profile, event->whole);
			column.whole_samples = column.whole_value - 1;
		}
		if (alone) {
			column.samples = (uint32_t)hw_profile_add_sample_type(profile, "samples", "count");
			(void)hw_profile_add_sample_type(profile, event->name, event->unit);
		} else {
			column.samples = add_pair(profile, event->name, event->unit);
		}
		column.value = column.samples + 1;
		columns[i] = column;
	}
	profile->default_sample_type = profile->sample_types.at[1].type;
}

int hw_columns_check(const struct hw_event *events, size_t count, struct hw_err *err)
{
	HW_AUTO(hw_profile_freep) struct hw_profile *profile = hw_profile_new();
	HW_AUTO(hw_freep) struct hw_column *columns = hw_alloc(count, sizeof *columns);

	hw_columns_add(columns, profile, events, count);
	if (profile->sample_types.count > HW_SAMPLE_TYPES_MAX)
		return hw_err_set(err, HW_ERR_USAGE, "%zu events are too many for one recording (%d at most)",
				  count, HW_SAMPLE_TYPES_MAX / 2);
	for (uint32_t i = 0; i < profile->sample_types.count; i++) {
		const char *name = hw_profile_text(profile, profile->sample_types.at[i].type);

		if (hw_profile_find_sample_type(profile, name) == i)
			continue;
		(void)hw_err_set(err, HW_ERR_USAGE, "two numbers of the profile would both be called '%s'",
				 name);
		return hw_err_hint(err, "call the event something else (name=...)");
	}
	return 0;
}
