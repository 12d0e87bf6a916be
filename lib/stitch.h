/* Stacks cut short by the copy of the stack are completed where other stacks of the same thread show how they went on
 * (cut_places.h). Until that is settled, such samples are kept aside. */
#ifndef HW_STITCH_H
#define HW_STITCH_H

#include "columns.h"
#include "cut_places.h"
#include "profile/profile.h"
#include "stack_counts.h"

/* Cut samples between two votes of a place, at most: more is a stretch in which it was perhaps another caller's. */
#define HW_STITCH_RUN_MAX 64

/* What goes into the profile for a sample. */
struct hw_stitch_sample {
	struct hw_stack_id stack; /* what was found of it, and behind that a location that says it was cut */
	struct hw_label_set_id labels;
	uint32_t event_index;
	uint64_t period_events;
	uint32_t cut_in; /* where it is counted, by hw_stack_counts_add */
};

struct hw_stitch; /* lib/stitch.c */

/* columns: of each event; counts: where what becomes of cut stacks is told. All are borrowed. */
struct hw_stitch *hw_stitch_new(struct hw_profile *profile, const struct hw_column *columns,
				struct hw_stack_counts *counts);
void hw_stitch_free(struct hw_stitch *stitch);

/* A stack in time order, of a thread that has or had stacks cut. True when it was cut and may be completed: the sample
 * is kept, and goes to the profile later. Allocates only for places and ways not seen before. */
bool hw_stitch_take(struct hw_stitch *stitch, const struct hw_cut_stack *stack,
		    const struct hw_stitch_sample *sample);

/* Put everything kept into the profile, completed or as it was found. */
void hw_stitch_settle(struct hw_stitch *stitch);

/* Records were lost: threads may be others than they seem. Settles, and begins anew. */
void hw_stitch_forget(struct hw_stitch *stitch);

/* A number for a thread that has its first stack cut; never 0. */
uint32_t hw_stitch_new_thread(struct hw_stitch *stitch);

#endif
