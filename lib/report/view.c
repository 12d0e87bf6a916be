#include "report/view.h"

#include "base/buf.h"

/* The type of that name when it counts; HW_NONE when there is none. */
static uint32_t find_count(const struct hw_profile *profile, const char *name)
{
	const uint32_t found = hw_profile_find_sample_type(profile, name);

	return found != HW_NONE && strcmp(hw_profile_text(profile, profile->sample_types.at[found].unit),
					  "count") == 0
		       ? found
		       : HW_NONE;
}

/* The type called like this one up to its ending, with another ending. */
static uint32_t find_sibling(const struct hw_profile *profile, const char *name, const char *ending,
			     const char *other_ending)
{
	const size_t length = strlen(name);
	const size_t ending_length = strlen(ending);

	if (length <= ending_length || strcmp(name + length - ending_length, ending) != 0)
		return HW_NONE;
	HW_AUTO(hw_freep)
	char *other = hw_asprintf("%.*s%s", (int)(length - ending_length), name, other_ending);

	return find_count(profile, other);
}

/* The type that counts the samples of another: hwprof writes "X_samples" before each "X" where there are several
 * events, perf_to_profile "X_sample" beside "X_event", Go, gperftools and hwprof one "samples" for all. Counts of other
 * things (objects, contentions) are no samples. */
static uint32_t find_count_type(const struct hw_profile *profile, const char *event)
{
	static const char *const shared[] = { "samples", "sample" };
	uint32_t found = find_sibling(profile, event, "", "_samples");

	if (found == HW_NONE)
		found = find_sibling(profile, event, "_event", "_sample");
	for (size_t i = 0; found == HW_NONE && i < HW_COUNT_OF(shared); i++)
		found = find_count(profile, shared[i]);
	return found;
}

static const char *type_name(const struct hw_profile *profile, uint32_t type)
{
	return hw_profile_text(profile, profile->sample_types.at[type].type);
}

/* For each type, how many others it counts the samples of. */
static void count_uses(const struct hw_profile *profile, uint32_t uses[HW_SAMPLE_TYPES_MAX])
{
	for (uint32_t i = 0; i < profile->sample_types.count; i++) {
		const uint32_t count_type = find_count_type(profile, type_name(profile, i));

		if (count_type != HW_NONE && count_type != i)
			uses[count_type]++;
	}
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
	view->total = view->kept_total = view->sample_total = view->kept_sample_total = 0;
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

uint32_t hw_view_count_type(const struct hw_profile *profile, uint32_t type)
{
	return find_count_type(profile, type_name(profile, type));
}

bool hw_view_counts_one(const struct hw_profile *profile, uint32_t count_type)
{
	uint32_t uses[HW_SAMPLE_TYPES_MAX] = { 0 };

	count_uses(profile, uses);
	return uses[count_type] == 1;
}

/* Make it a view of that event; the filter stays. */
static void look_at(struct hw_view *view, uint32_t type)
{
	uint32_t uses[HW_SAMPLE_TYPES_MAX] = { 0 };

	count_uses(view->profile, uses);
	view->type = type;
	view->event = type_name(view->profile, type);
	view->unit = hw_profile_text(view->profile, view->profile->sample_types.at[type].unit);
	view->count_type = uses[type] ? type : find_count_type(view->profile, view->event);
	view->count_is_shared = view->count_type != HW_NONE && uses[view->count_type] > 1;
	sum_totals(view);
}

uint32_t hw_view_events(const struct hw_profile *profile, uint32_t types[HW_SAMPLE_TYPES_MAX])
{
	uint32_t uses[HW_SAMPLE_TYPES_MAX] = { 0 };
	uint32_t count = 0;

	count_uses(profile, uses);
	/* Of types with one name only the first can be asked for. */
	for (uint32_t i = 0; i < profile->sample_types.count; i++)
		if (!uses[i] && hw_profile_find_sample_type(profile, type_name(profile, i)) == i)
			types[count++] = i;
	return count;
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
	if ((set.focus || set.ignore) && hw_filter_apply(&set, profile, &v.kept, err) < 0)
		return -1;
	look_at(&v, v.type);
	*view = v;
	return 0;
}

struct hw_view hw_view_of_event(const struct hw_view *view, uint32_t type)
{
	struct hw_view other = *view;

	look_at(&other, type);
	return other;
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
