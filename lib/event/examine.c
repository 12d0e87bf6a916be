#include "event/inventory.h"

#include "event/catalogue.h"
#include "event/events.h"
#include "event/names.h"
#include "event/pfm.h"
#include "event/resolve.h"
#include "event/step_down.h"
#include "event/tracepoint.h"

#include <inttypes.h>

static const char *keep_buf(struct hw_inventory *inventory, struct hw_buf *buf)
{
	const char *kept = buf->size ? hw_arena_text(&inventory->arena, buf->data, buf->size) : NULL;

	hw_buf_fini(buf);
	return kept;
}

/* --- Answers --------------------------------------------------------------------------------------- */

static void set_no(struct hw_probe *probe, const char *cause, const char *fix)
{
	*probe = (struct hw_probe){ .opens = HW_ANSWER_NO, .samples = HW_ANSWER_NO };
	probe->obstacle.kind = HW_OBSTACLE_OTHER;
	hw_copy_text(probe->obstacle.cause, sizeof probe->obstacle.cause, cause);
	if (!strstr(fix, "hwprof list")) /* which is where we are */
		hw_copy_text(probe->obstacle.fix, sizeof probe->obstacle.fix, fix);
}

/* The CPU that libpfm4 was told to speak of instead of this one; NULL = this one. */
static const char *forced_pmu(void)
{
	return getenv("LIBPFM_FORCE_PMU");
}

static void set_elsewhere(struct hw_probe *probe)
{
	HW_AUTO(hw_freep)
	char *cause =
		hw_asprintf("libpfm4 is told to speak of another CPU: LIBPFM_FORCE_PMU=%s", forced_pmu());

	set_no(probe, cause, "unset LIBPFM_FORCE_PMU");
}

static void set_encoding(struct hw_inventory *inventory, struct hw_inventory_entry *entry,
			 const struct perf_event_attr *attr)
{
	struct hw_buf text = { 0 };

	entry->encoded = true;
	entry->type = attr->type;
	entry->config = attr->config;
	entry->config1 = attr->config1;
	entry->config2 = attr->config2;
	(void)hw_pmus_print_encoding(&text, &inventory->pmus, attr);
	entry->encoding = keep_buf(inventory, &text);
}

/* Where an event of this PMU is opened: on a CPU when it counts for whole CPUs only, else (-1) on our thread. */
static int cpu_of(const struct hw_inventory *inventory, uint32_t type)
{
	const struct hw_pmu *pmu = hw_pmus_find(&inventory->pmus, type);

	return pmu && pmu->is_whole ? (int)strtol(pmu->cpus, NULL, 10) : -1;
}

static void probe_event(struct hw_inventory *inventory, struct hw_probe *probe, const struct hw_event *event)
{
	hw_probe_event(probe, event, cpu_of(inventory, event->attr.type), &inventory->facts);
}

/* Whether all of several events open: the first that does not says why, by name unless all say the same. */
static void probe_all(struct hw_inventory *inventory, struct hw_probe *whole, const struct hw_events *events)
{
	const struct hw_event *culprit = NULL;
	bool is_common = true;

	*whole = (struct hw_probe){ .opens = HW_ANSWER_YES, .samples = HW_ANSWER_YES };
	for (size_t i = 0; i < events->list.count; i++) {
		struct hw_probe one;

		probe_event(inventory, &one, &events->list.at[i]);
		if (one.samples == HW_ANSWER_NO)
			whole->samples = HW_ANSWER_NO;
		whole->user_only |= one.user_only;
		if (culprit || (i && one.opens == HW_ANSWER_NO))
			is_common &= strcmp(one.obstacle.cause, culprit ? whole->obstacle.cause : "") == 0;
		if (one.opens != HW_ANSWER_NO || culprit)
			continue;
		culprit = &events->list.at[i];
		whole->opens = HW_ANSWER_NO;
		whole->obstacle = one.obstacle;
	}
	if (culprit && !is_common) {
		struct hw_err err = { 0 };

		(void)hw_err_set(&err, HW_ERR_EVENT, "%s: %s", culprit->name, whole->obstacle.cause);
		hw_copy_text(whole->obstacle.cause, sizeof whole->obstacle.cause, err.message);
	}
}

/* --- Details --------------------------------------------------------------------------------------- */

static void detail(struct hw_inventory *inventory, struct hw_inventory_entry *entry, const char *label,
		   struct hw_buf *text)
{
	const struct hw_inventory_detail made = { .label = label, .text = keep_buf(inventory, text) };

	if (made.text)
		hw_vec_push(&entry->details, made);
}

/* "cycles of cpu_core = type 0 config 0x400000000, ...": what several events stand for. */
static void print_parts(struct hw_buf *buf, const struct hw_inventory *inventory,
			const struct hw_events *events)
{
	for (size_t i = 0; i < events->list.count; i++) {
		const struct hw_event *event = &events->list.at[i];

		hw_buf_printf(buf, "%s%s", i ? ", " : "", event->whole ? event->whole : event->name);
		if (event->pmu)
			hw_buf_printf(buf, " of %s", event->pmu);
		hw_buf_text(buf, " = ");
		if (!hw_pmus_print_encoding(buf, &inventory->pmus, &event->attr))
			hw_buf_printf(buf, "type %" PRIu32 " config 0x%" PRIx64, event->attr.type,
				      (uint64_t)event->attr.config);
	}
}

/* --- Kinds ----------------------------------------------------------------------------------------- */

/* What one -e text means, appended to events. */
static int resolve(struct hw_events *events, const struct hw_inventory *inventory, const char *text,
		   struct hw_err *err)
{
	static const struct hw_event_defaults counted;

	return hw_events_add_in(events, text, &counted, inventory->catalogue, inventory->roots, err);
}

/* Of a metric, the events of its formula; else what the name means. */
static int resolve_entry(struct hw_events *events, const struct hw_inventory *inventory,
			 const struct hw_inventory_entry *entry, struct hw_err *err)
{
	const struct hw_formula *formula = entry->metric ? entry->metric->formula : NULL;

	if (!entry->metric)
		return resolve(events, inventory, entry->name, err);
	for (size_t i = 0; i < hw_formula_variable_count(formula); i++)
		if (resolve(events, inventory, hw_formula_variable(formula, i), err) < 0)
			return -1;
	return 0;
}

/* What its name means to -e, and whether that opens: all of it, where it stands for several events. */
static void examine_name(struct hw_inventory *inventory, struct hw_inventory_entry *entry)
{
	struct hw_events events = { 0 };
	struct hw_err err = { 0 };
	struct hw_buf parts = { 0 };

	if (resolve_entry(&events, inventory, entry, &err) < 0) {
		if (forced_pmu() && entry->source) /* the tables are of this CPU */
			set_elsewhere(&entry->probe);
		else
			set_no(&entry->probe, err.message, err.hint);
	} else if (events.list.count == 1 && !entry->metric) {
		const struct hw_event *event = &events.list.at[0];

		set_encoding(inventory, entry, &event->attr);
		if (strcmp(entry->unit, "count") == 0)
			entry->unit = event->unit;
		probe_event(inventory, &entry->probe, event);
	} else if (events.list.count) {
		probe_all(inventory, &entry->probe, &events);
		print_parts(&parts, inventory, &events);
		entry->parts = keep_buf(inventory, &parts);
	}
	hw_events_fini(&events);
}

/* libpfm4 goes by CPUID: it names events of PMUs that the kernel has no driver for, and may have been told of another CPU,
 * whose codes mean nothing here. */
static void examine_pfm(struct hw_inventory *inventory, struct hw_inventory_entry *entry)
{
	struct hw_pfm_encoding encoding;
	struct hw_err err = { 0 };
	const int encoded = hw_pfm_encode(&encoding, entry->name, &err);

	if (encoded > 0 && !forced_pmu()) {
		examine_name(inventory, entry);
		return;
	}
	if (encoded > 0)
		set_encoding(inventory, entry,
			     &(struct perf_event_attr){ .type = encoding.type,
							.config = encoding.config,
							.config1 = encoding.config1,
							.config2 = encoding.config2 });
	else if (encoded == 0)
		(void)hw_err_set(&err, HW_ERR_EVENT, "the kernel has no PMU for libpfm4's %s", entry->source);
	if (forced_pmu())
		set_elsewhere(&entry->probe);
	else
		set_no(&entry->probe, err.message, err.hint);
}

/* A parameter that the user has to give: nothing to encode, and nothing to open. */
static void examine_pmu(struct hw_inventory *inventory, struct hw_inventory_entry *entry)
{
	const char *parameter = strchr(entry->name, '?');

	if (!parameter) {
		examine_name(inventory, entry);
		return;
	}
	entry->probe.opens = HW_ANSWER_UNKNOWN;
	hw_copy_text(entry->probe.obstacle.cause, sizeof entry->probe.obstacle.cause,
		     "takes values for what stands before =?");
}

/* A form, not an event: only that the CPU has no PMU can be told. */
static void examine_raw(struct hw_inventory *inventory, struct hw_inventory_entry *entry)
{
	struct hw_event event = { .name = (char *)entry->name,
				  .attr = { .type = PERF_TYPE_RAW, .size = sizeof event.attr } };

	if (entry->source)
		return;
	probe_event(inventory, &entry->probe, &event);
	if (entry->probe.opens != HW_ANSWER_NO || entry->probe.obstacle.kind == HW_OBSTACLE_SETTINGS)
		entry->probe = (struct hw_probe){ 0 };
}

static void examine_tracepoint(struct hw_inventory *inventory, struct hw_inventory_entry *entry,
			       const struct hw_inventory_care *care)
{
	struct hw_event event = { .name = (char *)entry->name,
				  .attr = { .type = PERF_TYPE_TRACEPOINT,
					    .size = sizeof event.attr,
					    .config = entry->config,
					    .exclude_guest = 1 } };

	set_encoding(inventory, entry, &event.attr);
	if (care->each_tracepoint || !inventory->tracepoints_known) {
		probe_event(inventory, &entry->probe, &event);
		inventory->tracepoints = entry->probe;
		inventory->tracepoints_known = true;
	} else {
		entry->probe = inventory->tracepoints;
	}
}

/* --- More about it --------------------------------------------------------------------------------- */

/* The code that the kernel's driver maps a generic event to, where sysfs has it. */
static void detail_mapping(struct hw_inventory *inventory, struct hw_inventory_entry *entry)
{
	const char *const *spellings = hw_names_spellings(entry->name);
	struct hw_buf text = { 0 };

	for (; spellings && *spellings; spellings++) {
		for (size_t i = 0; i < inventory->pmus.list.count; i++) {
			const struct hw_pmu *pmu = &inventory->pmus.list.at[i];

			for (size_t j = 0; pmu->is_core && j < pmu->events.count; j++)
				if (strcmp(pmu->events.at[j].name, *spellings) == 0)
					hw_buf_printf(&text, "%s%s/%s/", text.size ? ", " : "", pmu->name,
						      pmu->events.at[j].terms);
		}
	}
	detail(inventory, entry, "mapped to", &text);
}

static void detail_terms(struct hw_inventory *inventory, struct hw_inventory_entry *entry)
{
	struct hw_buf text = { 0 };
	const struct hw_pmu *pmu = entry->source ? hw_pmus_named(&inventory->pmus, entry->source) : NULL;

	for (size_t i = 0; pmu && i < pmu->terms.count; i++)
		hw_buf_printf(&text, "%s%s (%s)", i ? ", " : "", pmu->terms.at[i].name,
			      pmu->terms.at[i].text);
	detail(inventory, entry, "terms", &text);
	if (pmu && pmu->cpus)
		hw_buf_printf(&text, "%s%s", pmu->cpus, pmu->is_whole ? ", for whole CPUs" : "");
	detail(inventory, entry, "CPUs", &text);
}

static void add_details(struct hw_inventory *inventory, struct hw_inventory_entry *entry)
{
	struct hw_buf text = { 0 };
	const char *root;

	if (entry->parts)
		hw_vec_push(&entry->details,
			    (struct hw_inventory_detail){ .label = "events", .text = entry->parts });
	switch (entry->kind) {
	case HW_INVENTORY_HARDWARE:
		detail_mapping(inventory, entry);
		break;
	case HW_INVENTORY_PMU:
	case HW_INVENTORY_RAW:
		detail_terms(inventory, entry);
		break;
	case HW_INVENTORY_PFM:
		hw_pfm_attributes(&text, entry->pfm_index);
		detail(inventory, entry, "takes also", &text);
		break;
	case HW_INVENTORY_PRESET:
		for (size_t i = 0; i < entry->preset->texts.count; i++)
			hw_buf_printf(&text, "%s%s", i ? " " : "", entry->preset->texts.at[i]);
		detail(inventory, entry, "stands for", &text);
		break;
	case HW_INVENTORY_METRIC:
		hw_buf_text(&text, entry->metric->formula_text);
		detail(inventory, entry, "formula", &text);
		break;
	case HW_INVENTORY_EVENT:
		hw_buf_text(&text, hw_catalogue_event(inventory->catalogue, entry->name)->text);
		detail(inventory, entry, "stands for", &text);
		break;
	case HW_INVENTORY_TRACEPOINT:
		root = hw_tracepoint_root(inventory->roots->tracepoints, NULL);
		if (root)
			(void)hw_tracepoint_fields(&text, root, entry->name);
		detail(inventory, entry, "fields", &text);
		break;
	default:
		break;
	}
}

void hw_inventory_examine(struct hw_inventory *inventory, struct hw_inventory_entry *entry,
			  const struct hw_inventory_care *care)
{
	if (!entry->examined) {
		switch (entry->kind) {
		case HW_INVENTORY_PFM:
			examine_pfm(inventory, entry);
			break;
		case HW_INVENTORY_PMU:
			examine_pmu(inventory, entry);
			break;
		case HW_INVENTORY_RAW:
			examine_raw(inventory, entry);
			break;
		case HW_INVENTORY_TRACEPOINT:
			examine_tracepoint(inventory, entry, care);
			break;
		default:
			examine_name(inventory, entry);
			break;
		}
		entry->examined = true;
	}
	if (care->details && !entry->detailed)
		add_details(inventory, entry);
	entry->detailed |= care->details;
}

int hw_inventory_add(struct hw_inventory *inventory, const char *text, struct hw_err *err)
{
	struct hw_inventory_entry entry = {
		.kind = HW_INVENTORY_RAW, .description = "", .unit = "count", .scale = 1, .examined = true
	};
	struct hw_events events = { 0 };

	if (resolve(&events, inventory, text, err) < 0)
		return -1;
	hw_events_fini(&events);
	entry.name = hw_arena_text(&inventory->arena, text, strlen(text));
	examine_name(inventory, &entry);
	hw_vec_push(&inventory->entries, entry);
	return 0;
}
