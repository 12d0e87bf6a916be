#include "report/quality_block.h"

#include "report/stack_quality.h"
#include "report/unnamed_quality.h"

/* In the order in which they are shown. */
static const struct section {
	void (*print)(struct hw_buf *out, const struct hw_quality_facts *facts, const struct hw_style *style);
	void (*json)(struct hw_json *json, const struct hw_quality_facts *facts);
} sections[] = {
	{ hw_stack_quality_print, hw_stack_quality_json },
	{ hw_unnamed_quality_print, hw_unnamed_quality_json },
};

void hw_quality_facts_init(struct hw_quality_facts *facts, const struct hw_view *view)
{
	const size_t count = view->profile->samples.count;
	HW_AUTO(hw_freep) int64_t *values = hw_alloc(count, sizeof *values);
	int64_t samples;

	*facts = (struct hw_quality_facts){ .view = view };
	for (size_t i = 0; i < count; i++)
		values[i] = hw_view_value(view, i, &samples);
	hw_unnamed_init(&facts->unnamed, view->profile, values);
}

void hw_quality_facts_fini(struct hw_quality_facts *facts)
{
	hw_unnamed_fini(&facts->unnamed);
}

void hw_quality_block_print(struct hw_buf *out, const struct hw_quality_facts *facts,
			    const struct hw_style *style)
{
	for (size_t i = 0; i < HW_COUNT_OF(sections); i++)
		sections[i].print(out, facts, style);
}

void hw_quality_block_json(struct hw_json *json, const struct hw_quality_facts *facts)
{
	for (size_t i = 0; i < HW_COUNT_OF(sections); i++)
		sections[i].json(json, facts);
}
