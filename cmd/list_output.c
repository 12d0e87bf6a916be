#include "list_output.h"
#include "wrap.h"

#include "base/json.h"
#include "event/catalogue.h"

#include <inttypes.h>

/* Columns that names and encodings are given at most, and descriptions at least; a longer name has a line of its own. */
#define NAME_WIDTH_MAX 36
#define ENCODING_WIDTH_MAX 34
#define DESCRIPTION_WIDTH_MIN 32
#define OPENS_WIDTH 10 /* "count only" */
#define GAP 2

/* --- Text ------------------------------------------------------------------------------------------ */

/* Why something does not open, told once and referred to by number. */
struct reason {
	const char *cause;
	const char *fix;
	bool shown; /* below the group that is being printed */
};

struct table {
	struct hw_buf *out;
	const struct hw_list_selection *selection;
	HW_VEC(struct reason) reasons;
	size_t name_width, encoding_width;
};

static const char *const titles[HW_INVENTORY_KIND_COUNT] = {
	[HW_INVENTORY_HARDWARE] = "Hardware events, which the kernel maps to the CPU's own (hw)",
	[HW_INVENTORY_CACHE] = "Cache events, mapped likewise (cache)",
	[HW_INVENTORY_SOFTWARE] = "Software events, which the kernel counts itself (sw)",
	[HW_INVENTORY_PRESET] = "Presets: events that belong together, under one name (preset)",
	[HW_INVENTORY_METRIC] = "Metrics, computed from events (metric)",
	[HW_INVENTORY_EVENT] = "Names for events of this CPU family (event)",
	[HW_INVENTORY_PMU] = "Events of the kernel's PMUs (pmu)",
	[HW_INVENTORY_PFM] = "Events of the CPU that libpfm4 has names for (pfm)",
	[HW_INVENTORY_RAW] = "Events by their code (raw)",
	[HW_INVENTORY_TRACEPOINT] = "Tracepoints of the kernel (tracepoint)",
};

/* The number of a reason, counted from 1. */
static size_t reason_number(struct table *table, const struct hw_obstacle *obstacle)
{
	for (size_t i = 0; i < table->reasons.count; i++) {
		struct reason *reason = &table->reasons.at[i];

		if (strcmp(reason->cause, obstacle->cause) == 0 && strcmp(reason->fix, obstacle->fix) == 0) {
			reason->shown = true;
			return i + 1;
		}
	}
	hw_vec_push(&table->reasons,
		    (struct reason){ .cause = obstacle->cause, .fix = obstacle->fix, .shown = true });
	return table->reasons.count;
}

static void opens_text(struct hw_buf *text, struct table *table, const struct hw_probe *probe)
{
	switch (probe->opens) {
	case HW_ANSWER_YES:
		hw_buf_text(text, probe->samples == HW_ANSWER_NO ? "count only"
				  : probe->user_only		 ? "user only"
								 : "yes");
		break;
	case HW_ANSWER_NO:
		hw_buf_printf(text, "no [%zu]", reason_number(table, &probe->obstacle));
		break;
	default:
		hw_buf_text(text, "-");
		break;
	}
}

static void encoding_text(struct hw_buf *text, const struct hw_inventory_entry *entry)
{
	if (entry->encoding)
		hw_buf_printable(text, entry->encoding);
	else if (entry->encoded)
		hw_buf_printf(text, "type %" PRIu32 " config 0x%" PRIx64, entry->type, entry->config);
	else
		hw_buf_text(text, "-");
}

/* What it is, and by which other names it goes. libpfm4's PMU in front of a name goes without saying. */
static void description_text(struct hw_buf *text, const struct hw_inventory_entry *entry)
{
	hw_buf_printable(text, entry->description);
	if (entry->is_default)
		hw_buf_text(text, " (default unit mask)");
	if (strcmp(entry->unit, "count") != 0 && strcmp(entry->unit, "nanoseconds") != 0) {
		hw_buf_text(text, text->size ? "; in " : "in ");
		hw_buf_printable(text, entry->unit);
	}
	for (size_t i = 0; i < entry->aliases.count && entry->kind != HW_INVENTORY_PFM; i++) {
		hw_buf_text(text, i ? ", " : "; also ");
		hw_buf_printable(text, entry->aliases.at[i]);
	}
}

/* Append text and blanks up to width, and a gap. */
static void print_cell(struct hw_buf *out, const char *text, size_t width)
{
	const size_t length = strlen(text);

	hw_buf_printf(out, "%s%*s", text, (int)(length < width ? width - length + GAP : GAP), "");
}

static void trim(struct hw_buf *out)
{
	while (out->size && out->data[out->size - 1] == ' ')
		out->data[--out->size] = '\0';
}

static void print_description(struct table *table, const char *text)
{
	const size_t column = GAP + table->name_width + GAP + OPENS_WIDTH + GAP + table->encoding_width + GAP;
	const size_t width = table->selection->width;
	const bool beneath = width && column + DESCRIPTION_WIDTH_MIN > width;
	const size_t indent = beneath ? 3 * GAP : column;

	if (!*text || beneath) {
		trim(table->out);
		hw_buf_text(table->out, "\n");
	}
	if (!*text)
		return;
	if (beneath)
		hw_buf_printf(table->out, "%*s", (int)indent, "");
	hw_wrap_print(table->out, text, indent, indent, width ? width : SIZE_MAX);
}

/* A text of several words below the entries, later lines indented. */
static void print_below(struct table *table, size_t indent, const char *text)
{
	const size_t width = table->selection->width ? table->selection->width : SIZE_MAX;

	hw_buf_printf(table->out, "%*s", (int)indent, "");
	hw_wrap_print(table->out, text, indent, indent + 2 * GAP, width);
}

static void print_details(struct table *table, const struct hw_inventory_entry *entry)
{
	for (size_t i = 0; i < entry->details.count; i++) {
		struct hw_buf text = { 0 };

		hw_buf_printf(&text, "%s: ", entry->details.at[i].label);
		hw_buf_printable(&text, entry->details.at[i].text);
		print_below(table, 3 * GAP, hw_buf_str(&text));
		hw_buf_fini(&text);
	}
}

static void print_entry(struct table *table, const struct hw_inventory_entry *entry)
{
	struct hw_buf name = { 0 }, opens = { 0 }, encoding = { 0 }, description = { 0 };

	hw_buf_printable(&name, entry->name);
	opens_text(&opens, table, &entry->probe);
	encoding_text(&encoding, entry);
	description_text(&description, entry);
	hw_buf_printf(table->out, "%*s", GAP, "");
	print_cell(table->out, hw_buf_str(&name), table->name_width);
	if (name.size > table->name_width && table->selection->width) {
		trim(table->out);
		hw_buf_printf(table->out, "\n%*s", (int)(GAP + table->name_width + GAP), "");
	}
	print_cell(table->out, hw_buf_str(&opens), OPENS_WIDTH);
	print_cell(table->out, hw_buf_str(&encoding), table->encoding_width);
	print_description(table, hw_buf_str(&description));
	print_details(table, entry);
	hw_buf_fini(&name);
	hw_buf_fini(&opens);
	hw_buf_fini(&encoding);
	hw_buf_fini(&description);
}

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* Columns for the entries from `first` on that are of its kind; returns the place behind them. */
static size_t measure(struct table *table, const struct hw_inventory *inventory, size_t first)
{
	const struct hw_list_selection *selection = table->selection;
	const enum hw_inventory_kind kind = inventory->entries.at[selection->places.at[first]].kind;
	size_t end;

	table->name_width = 0;
	table->encoding_width = 0;
	for (end = first; end < selection->places.count; end++) {
		const struct hw_inventory_entry *entry = &inventory->entries.at[selection->places.at[end]];
		struct hw_buf text = { 0 };

		if (entry->kind != kind)
			break;
		encoding_text(&text, entry);
		if (text.size <= ENCODING_WIDTH_MAX)
			table->encoding_width = larger(table->encoding_width, text.size);
		text.size = 0;
		hw_buf_printable(&text, entry->name);
		if (text.size <= NAME_WIDTH_MAX)
			table->name_width = larger(table->name_width, text.size);
		hw_buf_fini(&text);
	}
	return end;
}

/* The reasons that the group above refers to. */
static void print_reasons(struct table *table)
{
	for (size_t i = 0; i < table->reasons.count; i++) {
		struct reason *reason = &table->reasons.at[i];
		struct hw_buf text = { 0 };

		if (!reason->shown)
			continue;
		reason->shown = false;
		hw_buf_printf(&text, "[%zu] ", i + 1);
		hw_buf_printable(&text, reason->cause);
		print_below(table, GAP, hw_buf_str(&text));
		text.size = 0;
		hw_buf_text(&text, "mend: ");
		hw_buf_printable(&text, reason->fix);
		if (*reason->fix)
			print_below(table, 3 * GAP, hw_buf_str(&text));
		hw_buf_fini(&text);
	}
}

static void print_machine(struct table *table, const struct hw_inventory *inventory)
{
	struct hw_buf text = { 0 };

	for (size_t i = 0; i < inventory->pmus.list.count; i++) {
		const struct hw_pmu *pmu = &inventory->pmus.list.at[i];

		if (!pmu->is_core)
			continue;
		hw_buf_printf(&text, "%s%s (type %" PRIu32, text.size ? ", " : "", pmu->name, pmu->type);
		hw_buf_printf(&text, pmu->cpus ? ", CPUs %s)" : "%s)", pmu->cpus ? pmu->cpus : "");
	}
	hw_buf_printf(table->out, "core PMU  %s\n", text.size ? hw_buf_str(&text) : "none in the kernel");
	hw_buf_fini(&text);
	if (inventory->catalogue)
		hw_buf_printf(table->out, "tables    %s (%s)\n", inventory->catalogue->family,
			      inventory->catalogue->description);
	hw_buf_text(table->out, "\n");
}

void hw_list_print_text(struct hw_buf *out, const struct hw_inventory *inventory,
			const struct hw_list_selection *selection)
{
	struct table table = { .out = out, .selection = selection };

	if (selection->all)
		print_machine(&table, inventory);
	for (size_t at = 0; at < selection->places.count;) {
		const size_t end = measure(&table, inventory, at);

		hw_buf_printf(out, "%s%s\n", at ? "\n" : "",
			      titles[inventory->entries.at[selection->places.at[at]].kind]);
		for (; at < end; at++)
			print_entry(&table, &inventory->entries.at[selection->places.at[at]]);
		print_reasons(&table);
	}
	for (size_t i = 0; i < inventory->notes.count && selection->all; i++) {
		hw_buf_text(out, i ? "note: " : "\nnote: ");
		hw_buf_printable(out, inventory->notes.at[i].text);
		hw_buf_text(out, "\n");
	}
	hw_vec_fini(&table.reasons);
}

/* --- JSON ------------------------------------------------------------------------------------------ */

static void json_answer(struct hw_json *json, const char *key, enum hw_answer answer)
{
	hw_json_key(json, key);
	if (answer == HW_ANSWER_UNKNOWN)
		hw_json_null(json);
	else
		hw_json_bool(json, answer == HW_ANSWER_YES);
}

static void json_text(struct hw_json *json, const char *key, const char *text)
{
	hw_json_key(json, key);
	hw_json_text(json, text);
}

/* A text that is null when there is nothing to say. */
static void json_said(struct hw_json *json, const char *key, const char *text)
{
	json_text(json, key, text && *text ? text : NULL);
}

static void json_number(struct hw_json *json, const char *key, uint64_t value)
{
	hw_json_key(json, key);
	hw_json_u64(json, value);
}

static void json_encoding(struct hw_json *json, const struct hw_inventory_entry *entry)
{
	hw_json_key(json, "encoding");
	if (!entry->encoded) {
		hw_json_null(json);
		return;
	}
	hw_json_begin(json, '{');
	json_number(json, "type", entry->type);
	json_number(json, "config", entry->config);
	json_number(json, "config1", entry->config1);
	json_number(json, "config2", entry->config2);
	json_said(json, "text", entry->encoding);
	hw_json_end(json, '}');
}

static void json_entry(struct hw_json *json, const struct hw_inventory_entry *entry)
{
	hw_json_begin_line(json, '{');
	json_text(json, "kind", hw_inventory_kind_word(entry->kind));
	json_text(json, "name", entry->name);
	hw_json_key(json, "aliases");
	hw_json_begin(json, '[');
	for (size_t i = 0; i < entry->aliases.count; i++)
		hw_json_text(json, entry->aliases.at[i]);
	hw_json_end(json, ']');
	json_text(json, "description", entry->description);
	json_said(json, "unit", entry->unit);
	hw_json_key(json, "scale");
	hw_json_double(json, entry->scale, 17);
	json_said(json, "source", entry->source);
	hw_json_key(json, "default");
	hw_json_bool(json, entry->is_default);
	json_encoding(json, entry);
	json_answer(json, "opens", entry->probe.opens);
	json_answer(json, "samples", entry->probe.samples);
	hw_json_key(json, "user_only");
	hw_json_bool(json, entry->probe.user_only);
	json_said(json, "cause", entry->probe.obstacle.cause);
	json_said(json, "fix", entry->probe.obstacle.fix);
	hw_json_key(json, "details");
	hw_json_begin(json, '{');
	for (size_t i = 0; i < entry->details.count; i++)
		json_text(json, entry->details.at[i].label, entry->details.at[i].text);
	hw_json_end(json, '}');
	hw_json_end(json, '}');
}

static void json_pmu(struct hw_json *json, const struct hw_pmu *pmu)
{
	hw_json_begin_line(json, '{');
	json_text(json, "name", pmu->name);
	json_number(json, "type", pmu->type);
	hw_json_key(json, "core");
	hw_json_bool(json, pmu->is_core);
	json_text(json, "cpus", pmu->cpus);
	hw_json_key(json, "terms");
	hw_json_begin(json, '{');
	for (size_t i = 0; i < pmu->terms.count; i++)
		json_text(json, pmu->terms.at[i].name, pmu->terms.at[i].text);
	hw_json_end(json, '}');
	hw_json_end(json, '}');
}

void hw_list_print_json(struct hw_buf *out, const struct hw_inventory *inventory,
			const struct hw_list_selection *selection)
{
	struct hw_json json = { .out = out };

	hw_json_begin(&json, '{');
	json_text(&json, "family", inventory->catalogue ? inventory->catalogue->family : NULL);
	hw_json_key(&json, "pmus");
	hw_json_begin(&json, '[');
	for (size_t i = 0; i < inventory->pmus.list.count; i++)
		json_pmu(&json, &inventory->pmus.list.at[i]);
	hw_json_end(&json, ']');
	hw_json_key(&json, "notes");
	hw_json_begin(&json, '[');
	for (size_t i = 0; i < inventory->notes.count; i++)
		hw_json_text(&json, inventory->notes.at[i].text);
	hw_json_end(&json, ']');
	hw_json_key(&json, "events");
	hw_json_begin(&json, '[');
	for (size_t i = 0; i < selection->places.count; i++)
		json_entry(&json, &inventory->entries.at[selection->places.at[i]]);
	hw_json_end(&json, ']');
	hw_json_end(&json, '}');
	hw_buf_text(out, "\n");
}
