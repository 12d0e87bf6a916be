/* Which sample types of a profile the samples of an event go to. */
#ifndef HW_COLUMNS_H
#define HW_COLUMNS_H

#include "event/attr.h"
#include "profile/profile.h"

/* Indexes of sample types. */
struct hw_column {
	uint32_t samples; /* counts the event's samples */
	uint32_t value;	  /* adds up their periods */
	/* Of a part of a hybrid CPU's event: the same of what the parts add up to; else HW_NONE. */
	uint32_t whole_samples, whole_value;
};

/* Do these events make sample types that a file can hold: not too many, and each name once? One event alone makes
 * "samples" and its own name. Of several, each makes "NAME_samples" and "NAME", in this order, since readers show the
 * type after the count of its samples (perf_to_profile's "_sample" and "_event" are the model); and so does, before its
 * first part, an event that has parts. -1 with HW_ERR_USAGE. */
int hw_columns_check(const struct hw_event *events, size_t count, struct hw_err *err) HW_CHECKED;

/* Append the sample types to a profile without any, and make the first event's the one shown unasked. columns: one for
 * each event. The events passed hw_columns_check. */
void hw_columns_add(struct hw_column *columns, struct hw_profile *profile, const struct hw_event *events,
		    size_t count);

/* Add one sample of the event, standing for `period`, to the values of its types. */
static inline void hw_column_count(const struct hw_column *column, int64_t *values, int64_t period)
{
	values[column->samples] = 1;
	values[column->value] = period;
	if (column->whole_value != HW_NONE) {
		values[column->whole_samples] = 1;
		values[column->whole_value] = period;
	}
}

#endif
