#include "report/view.h"

#include "base/buf.h"

/* The type that counts the samples of the one shown: perf_to_profile writes "X_sample" beside "X_event"; Go, gperftools
 * and hwprof write one "samples" for all. Counts of other things (objects, contentions) are no samples. */
static uint32_t find_count_type(const struct hw_profile *profile, const char *event)
{
	static const char event_ending[] = "_event";
	static const char *const names[] = { "samples", "sample" };
	const size_t length = strlen(event);
	const size_t ending_length = sizeof event_ending - 1;

	if (length > ending_length && strcmp(event + length - ending_length, event_ending) == 0) {
		char *name = hw_asprintf("%.*s_sample", (int)(length - ending_length), event);
		const uint32_t found = hw_profile_find_sample_type(profile, name);

		free(name);
		if (found != HW_NONE)
			return found;
	}
	for (size_t i = 0; i < HW_COUNT_OF(names); i++) {
		const uint32_t found = hw_profile_find_sample_type(profile, names[i]);

		if (found != HW_NONE &&
		    strcmp(hw_profile_text(profile, profile->sample_types.at[found].unit), "count") == 0)
			return found;
	}
	return HW_NONE;
}

static int unknown_event(const struct hw_profile *profile, const char *event, struct hw_err *err)
{
	struct hw_buf list = { 0 };

	for (size_t i = 0; i < profile->sample_types.count; i++) {
		hw_buf_text(&list, i ? ", " : "");
		hw_buf_printable(&list, hw_profile_text(profile, profile->sample_types.at[i].type));
	}
	(void)hw_err_set(err, HW_ERR_USAGE, "the profile has no event '%s'", event);
	(void)hw_err_hint(err, "its events are: %s", hw_buf_str(&list));
	hw_buf_fini(&list);
	return -1;
}

static void sum_totals(struct hw_view *view)
{
	for (size_t i = 0; i < view->profile->samples.count; i++) {
		const int64_t *values = hw_profile_values(view->profile, i);
		const int64_t value = hw_abs_saturated(values[view->type]);
		const int64_t samples = value && view->count_type != HW_NONE ? values[view->count_type] : 0;

		view->total = hw_add_saturated(view->total, value);
		view->sample_total = hw_add_saturated(view->sample_total, samples);
		if (!view->kept || view->kept[i]) {
			view->kept_total = hw_add_saturated(view->kept_total, value);
			view->kept_sample_total = hw_add_saturated(view->kept_sample_total, samples);
		}
	}
}

int hw_view_init(struct hw_view *view, const struct hw_profile *profile, const char *event,
		 const struct hw_filter *filter, struct hw_err *err)
{
	/* As in pprof, an empty expression is none. */
	const struct hw_filter set = {
		.focus = filter->focus && filter->focus[0] ? filter->focus : NULL,
		.ignore = filter->ignore && filter->ignore[0] ? filter->ignore : NULL,
	};
	struct hw_view v = { .profile = profile, .filter = set };

	if (!profile->sample_types.count)
		return hw_err_set(err, HW_ERR_FORMAT, "the profile holds no event at all");
	v.type =
		event ? hw_profile_find_sample_type(profile, event) : hw_profile_default_sample_type(profile);
	if (v.type == HW_NONE)
		return unknown_event(profile, event ? event : "", err);
	v.event = hw_profile_text(profile, profile->sample_types.at[v.type].type);
	v.unit = hw_profile_text(profile, profile->sample_types.at[v.type].unit);
	v.count_type = find_count_type(profile, v.event);
	if ((set.focus || set.ignore) && hw_filter_apply(&set, profile, &v.kept, err) < 0)
		return -1;
	sum_totals(&v);
	*view = v;
	return 0;
}

void hw_view_fini(struct hw_view *view)
{
	free(view->kept);
	*view = (struct hw_view){ 0 };
}

int64_t hw_view_value(const struct hw_view *view, size_t sample, int64_t *samples)
{
	const int64_t *values = hw_profile_values(view->profile, sample);

	*samples = 0;
	if ((view->kept && !view->kept[sample]) || !values[view->type])
		return 0;
	if (view->count_type != HW_NONE)
		*samples = values[view->count_type];
	return values[view->type];
}
