#include "record/variant.h"

static bool differs(const struct hw_variant *variant, const struct hw_event *events, size_t event_count)
{
	for (size_t i = 0; i < event_count; i++)
		if (events[i].attr.sample_type & PERF_SAMPLE_STACK_USER && variant->stack_size_bytes &&
		    variant->stack_size_bytes != events[i].attr.sample_stack_user)
			return true;
	return false;
}

static void apply(const struct hw_variant *variant, struct perf_event_attr *attr)
{
	if (variant->stack_size_bytes && attr->sample_type & PERF_SAMPLE_STACK_USER)
		attr->sample_stack_user = variant->stack_size_bytes;
}

void hw_variants_init(struct hw_variants *variants, const struct hw_variant *list, size_t count,
		      const struct hw_event *events, size_t event_count)
{
	*variants = (struct hw_variants){ .event_count = event_count };
	variants->events = hw_alloc(count * event_count, sizeof *variants->events);
	for (size_t v = 0; v < count; v++) {
		struct hw_event *to = &variants->events[variants->count * event_count];

		if (v > 0 && !differs(&list[v], events, event_count))
			continue;
		memcpy(to, events, event_count * sizeof *to);
		for (size_t i = 0; i < event_count; i++) {
			apply(&list[v], &to[i].attr);
			if (v > 0) /* switched to, while the target runs */
				to[i].attr.enable_on_exec = 0;
		}
		variants->count++;
	}
}

void hw_variants_fini(struct hw_variants *variants)
{
	free(variants->events);
	*variants = (struct hw_variants){ 0 };
}
