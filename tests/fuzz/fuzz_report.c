/* Every report on profiles from hostile files. An input is a line "OPTIONS FORMULA" and then a profile, pprof or folded:
 * the bits of OPTIONS, one byte, choose grouping, order, width and quality; FORMULA is a metric of all sample types. */
#include "format/folded.h"
#include "format/pprof.h"
#include "report/callers_text.h"
#include "report/header.h"
#include "report/report_csv.h"
#include "report/report_json.h"
#include "report/tree_text.h"

#include <stdlib.h>

#define SIZE_MAX_BYTES ((size_t)1 << 14)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a recorder would have said: a metric, and events that ran together, or not. */
static void add_quality(struct hw_profile *profile, const char *formula, uint8_t options)
{
	struct hw_profile_metric metric = {
		.name = hw_strdup("ipc"),
		.title = hw_strdup(formula),
		.description = hw_strdup(""),
		.unit = hw_strdup(options & 8 ? "%" : ""),
		.formula = hw_strdup(formula),
	};

	for (size_t i = 0; i < profile->sample_types.count; i++) {
		const char *type = hw_profile_text(profile, profile->sample_types.at[i].type);

		hw_vec_push(&metric.variables, hw_strdup(type));
		hw_vec_push(&metric.sample_types, hw_strdup(type));
		hw_vec_push(&profile->quality.events,
			    (struct hw_event_quality){ .asked = hw_strdup(""),
						       .opened = hw_strdup(type),
						       .whole = options & 16 ? hw_strdup(formula) : NULL,
						       .group = options & 32 ? 1 : 0,
						       .samples = i,
						       .counted = i,
						       .time_enabled_ns = options & 64 ? 2 : 0,
						       .time_running_ns = 1 });
	}
	hw_vec_push(&profile->metrics, metric);
	profile->quality.present = true;
}

static void add_table(struct hw_buf *out, const struct hw_view *view, const struct hw_rows *rows,
		      uint8_t options)
{
	const struct hw_table_limits limits = { 0 };
	const struct hw_style style = { .width = options & 2 ? 60 : 0, .utf8 = true, .color = options & 4 };
	struct hw_row_metrics metrics;
	struct hw_sides sides;
	struct hw_err err = { 0 };

	hw_sides_init(&sides, view, rows, options & 1, !(options & 128));
	if (hw_row_metrics_init(&metrics, &sides, "", &err) < 0)
		abort();
	hw_header_print(out,
			&(struct hw_header){ .view = view,
					     .path = "x",
					     .sides = &sides,
					     .metrics = &metrics,
					     .with_quality = options & 1 },
			&style);
	hw_table_print(out, &sides, &metrics, &limits, &style);
	hw_report_json_table(out, &sides, &metrics, &limits);
	hw_report_csv_table(out, &sides, &metrics, &limits);
	hw_row_metrics_fini(&metrics);
	hw_sides_fini(&sides);
}

static void add_tree(struct hw_buf *out, const struct hw_view *view, const struct hw_rows *rows,
		     uint8_t options)
{
	const struct hw_style style = { .width = options & 2 ? 40 : 0 };
	struct hw_tree tree;
	struct hw_err err = { 0 };

	if (hw_tree_init(&tree, view, rows, &(struct hw_tree_limits){ 0 }, &err) < 0)
		return;
	hw_tree_print(out, view, rows, &tree, &style);
	hw_report_json_tree(out, view, rows, &tree, 0);
	hw_report_csv_tree(out, view, rows, &tree);
	hw_tree_fini(&tree);
}

static void report(struct hw_profile *profile, const char *formula, uint8_t options)
{
	static const enum hw_row_key keys[] = { HW_ROW_FUNCTION, HW_ROW_LINE, HW_ROW_DSO, HW_ROW_THREAD };
	const enum hw_row_key key = keys[options >> 1 & 3];
	HW_AUTO(hw_buf_fini) struct hw_buf out = { 0 };
	struct hw_err err = { 0 };
	struct hw_view view;
	struct hw_rows rows;

	add_quality(profile, formula, options);
	if (hw_view_init(&view, profile, NULL, &(struct hw_filter){ 0 }, &err) < 0)
		return;
	hw_rows_init(&rows, profile, key);
	add_table(&out, &view, &rows, options);
	if (hw_row_key_has_callers(key))
		add_tree(&out, &view, &rows, options);
	hw_rows_fini(&rows);
	hw_view_fini(&view);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
	HW_AUTO(hw_profile_freep) struct hw_profile *profile = NULL;
	struct hw_err err = { 0 };

	if (!end || end - data < 2 || size > SIZE_MAX_BYTES)
		return 0;
	HW_AUTO(hw_freep) char *formula = hw_strndup((const char *)data + 2, (size_t)(end - data) - 2);

	size -= (size_t)(end + 1 - data);
	if (hw_folded_probe(end + 1, size))
		profile = hw_folded_decode(end + 1, size, &err);
	else
		profile = hw_pprof_decode(end + 1, size, &err);
	if (profile)
		report(profile, formula, data[0]);
	return 0;
}
