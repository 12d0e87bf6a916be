/* What a report looks at: one event of a profile, and the samples a filter keeps. */
#ifndef HW_REPORT_VIEW_H
#define HW_REPORT_VIEW_H

#include "base/err.h"
#include "profile/filter.h"
#include "profile/profile.h"

struct hw_view {
	const struct hw_profile *profile; /* borrowed */
	struct hw_filter filter;	  /* texts borrowed from the caller */
	uint32_t type;			  /* index of the sample type shown */
	uint32_t count_type;  /* of the type that counts its samples; HW_NONE = the file has none */
	bool count_is_shared; /* which counts those of other events too, where they are in one stack */
	const char *event;    /* name of the type; borrowed from the profile */
	const char *unit;     /* of its values; borrowed */
	uint8_t *kept;	      /* one byte per sample; NULL = no filter, all are kept */
	int64_t total;	      /* of all samples, before the filter: what shares are of */
	int64_t kept_total;
	int64_t sample_total,
		kept_sample_total; /* samples with a value of this event; 0 without count_type */
};

/* Look at one event of a profile: the type of that name, or the file's default for NULL. Totals are sums of
 * absolute values, as in pprof, so that shares of a difference make sense. -1 with HW_ERR_USAGE for an unknown event
 * (the message lists those there are) or a bad expression, HW_ERR_FORMAT for a profile without any event. */
int hw_view_init(struct hw_view *view, const struct hw_profile *profile, const char *event,
		 const struct hw_filter *filter, struct hw_err *err) HW_CHECKED;
void hw_view_fini(struct hw_view *view);

/* Another event of the same profile through the same filter. Borrows from view, which must outlive it, and is not to be
 * finished. type is an index into sample_types. */
struct hw_view hw_view_of_event(const struct hw_view *view, uint32_t type);

/* The sample types that are events in their own right, in the file's order: not those that count the samples of others.
 * Returns how many. */
uint32_t hw_view_events(const struct hw_profile *profile, uint32_t types[HW_SAMPLE_TYPES_MAX]);

/* The value of a sample for the event shown and, in *samples, how many samples stand behind it (0 when the value
 * is 0: they belong to other events). 0 for a sample the filter drops. */
int64_t hw_view_value(const struct hw_view *view, size_t sample, int64_t *samples);

/* The type that counts the samples of this one, or HW_NONE; and does it count those of one event only? */
uint32_t hw_view_count_type(const struct hw_profile *profile, uint32_t type);
bool hw_view_counts_one(const struct hw_profile *profile, uint32_t count_type);

/* a + b, held at the ends of the range: a hostile file's sums must not wrap around. */
static inline int64_t hw_add_saturated(int64_t a, int64_t b)
{
	int64_t sum;

	if (__builtin_add_overflow(a, b, &sum))
		return b < 0 ? INT64_MIN : INT64_MAX;
	return sum;
}

static inline int64_t hw_abs_saturated(int64_t a)
{
	return a == INT64_MIN ? INT64_MAX : a < 0 ? -a : a;
}

/* value / total, 0 when there is no total. */
static inline double hw_share(int64_t value, int64_t total)
{
	return total ? (double)value / (double)total : 0;
}

#endif
