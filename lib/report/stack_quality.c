#include "report/stack_quality.h"

#include "report/header.h"

#include <inttypes.h>

/* Rows; the rest is summed up in words. */
#define ENDS_MAX 20

static const struct hw_quality *quality_of(const struct hw_quality_facts *facts)
{
	return &facts->view->profile->quality;
}

static double ratio(uint64_t part, uint64_t whole)
{
	return whole ? (double)part / (double)whole : 0;
}

static void print_heading(struct hw_buf *out, const struct hw_style *style, const char *text)
{
	hw_style_begin(out, style, HW_INK_HEADING);
	hw_buf_printf(out, "%-*s", HW_LABEL_WIDTH, text);
	hw_style_end(out, style);
}

static void print_end(struct hw_buf *out, const struct hw_end_count *end, uint64_t stacks,
		      const struct hw_style *style)
{
	hw_buf_printf(out, "%*" PRIu64, HW_LABEL_WIDTH, end->count);
	hw_style_share(out, style, ratio(end->count, stacks), HW_LABEL_WIDTH);
	hw_buf_text(out, "  ");
	hw_buf_printable(out, end->cause);
	if (end->dso[0]) {
		hw_buf_text(out, " in ");
		hw_buf_printable(out, end->dso);
	}
	hw_buf_text(out, "\n");
}

static void print_ends(struct hw_buf *out, const struct hw_quality *q, const struct hw_style *style)
{
	const uint64_t incomplete = q->stacks_truncated + q->stacks_broken;
	const uint64_t stacks = incomplete + q->stacks_complete;

	print_heading(out, style, "stacks");
	hw_buf_printf(out, "%" PRIu64 " of %" PRIu64 " do not reach the root\n", incomplete, stacks);
	if (!q->ends_by_dso.count)
		return;
	hw_style_begin(out, style, HW_INK_HEADING);
	hw_buf_printf(out, "%*s%*s  %s", HW_LABEL_WIDTH, "stacks", HW_LABEL_WIDTH, "share",
		      "why they stop, and where");
	hw_style_end(out, style);
	hw_buf_text(out, "\n");
	for (size_t i = 0; i < q->ends_by_dso.count && i < ENDS_MAX; i++)
		print_end(out, &q->ends_by_dso.at[i], stacks, style);
	if (q->ends_by_dso.count > ENDS_MAX)
		hw_buf_printf(out, "%*sand %zu more\n", 2 * HW_LABEL_WIDTH + 2, "",
			      q->ends_by_dso.count - ENDS_MAX);
}

static void print_origins(struct hw_buf *out, const struct hw_quality *q, const struct hw_style *style)
{
	uint64_t all = 0;

	for (size_t i = 0; i < q->frame_origins.count; i++)
		all += q->frame_origins.at[i].count;
	print_heading(out, style, "frames");
	hw_buf_printf(out, "%" PRIu64, all);
	for (size_t i = 0; i < q->frame_origins.count; i++) {
		hw_buf_printf(out, "%s%.2f%% ", i ? ", " : ": ",
			      100 * ratio(q->frame_origins.at[i].count, all));
		hw_buf_printable(out, q->frame_origins.at[i].cause);
	}
	hw_buf_text(out, "\n");
}

void hw_stack_quality_print(struct hw_buf *out, const struct hw_quality_facts *facts,
			    const struct hw_style *style)
{
	const struct hw_quality *q = quality_of(facts);

	if (!q->frame_origins.count && !q->ends_by_dso.count) /* recorded by who did not count them */
		return;
	print_ends(out, q, style);
	print_origins(out, q, style);
}

/* --- JSON ---------------------------------------------------------------------------------------------- */

static void count_member(struct hw_json *json, const char *key, uint64_t count)
{
	hw_json_key(json, key);
	hw_json_u64(json, count);
}

void hw_stack_quality_json(struct hw_json *json, const struct hw_quality_facts *facts)
{
	const struct hw_quality *q = quality_of(facts);

	if (!q->present)
		return;
	hw_json_key(json, "frame_origins");
	hw_json_begin(json, '{');
	for (size_t i = 0; i < q->frame_origins.count; i++)
		count_member(json, q->frame_origins.at[i].cause, q->frame_origins.at[i].count);
	hw_json_end(json, '}');
	hw_json_key(json, "ends_by_dso");
	hw_json_begin(json, '[');
	for (size_t i = 0; i < q->ends_by_dso.count; i++) {
		const struct hw_end_count *end = &q->ends_by_dso.at[i];

		hw_json_begin_line(json, '{');
		hw_json_key(json, "cause");
		hw_json_text(json, end->cause);
		hw_json_key(json, "dso");
		hw_json_text(json, end->dso[0] ? end->dso : NULL);
		count_member(json, "count", end->count);
		hw_json_end(json, '}');
	}
	hw_json_end(json, ']');
}
