/* Ways to sample the same events, of which one is in force at a time.
 *
 * What cannot be changed in an open event (how much of the stack it copies; in the copies that threads inherited, its
 * period) is changed by switching: each variant is a set of the sampling events of its own, opened on the same targets
 * beside the others, disabled. To enable and to disable reaches inherited copies, and a disabled event takes no counter.
 * All variants' samples are of the same events; each stands for its own period. */
#ifndef HW_RECORD_VARIANT_H
#define HW_RECORD_VARIANT_H

#include "event/attr.h"

/* Each thread that is born gets copies of all events on all CPUs: of the kernel's memory 1.3 KiB and of its parent's time a
 * microsecond for each (Linux 6.18). Where more than so many would come from variants, there is only the first. */
#define HW_VARIANT_COPIES_MAX 64

/* In which a variant differs from what the events settled on (settle.h). */
struct hw_variant {
	uint32_t stack_size_bytes; /* of user stack copied, multiple of 8; 0 = no other */
};

/* The events of all variants. Zeroed is none. */
struct hw_variants {
	struct hw_event *events; /* count x event_count; owned, their texts are borrowed */
	size_t count;
	size_t event_count;
};

/* From events that are settled, which must outlive this, and `count` variants, at least 1. Variants that would not
 * differ, since no stacks are copied after all, are left out; the first never is. */
void hw_variants_init(struct hw_variants *variants, const struct hw_variant *list, size_t count,
		      const struct hw_event *events, size_t event_count);
void hw_variants_fini(struct hw_variants *variants);

static inline const struct hw_event *hw_variants_event(const struct hw_variants *variants, uint32_t variant,
						       uint32_t event)
{
	return &variants->events[variant * variants->event_count + event];
}

#endif
