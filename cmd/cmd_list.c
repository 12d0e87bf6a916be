/* hwprof list: every event of this machine, how it is encoded, whether it opens. */
#include "list_output.h"
#include "options.h"
#include "pager.h"
#include "terminal.h"

#include "base/clock.h"
#include "base/nearest.h"
#include "event/catalogue.h"
#include "event/resolve.h"

#include <unistd.h>

/* What matched nothing, as grep says it. */
#define STATUS_NO_MATCH 1

/* Tracepoints that are opened one by one; of more, one answers for all. Each takes the kernel 40 ms (Linux 6.18). */
#define TRACEPOINTS_OPENED_MAX 32

#define SHOWS_ALL "'hwprof list' without a pattern shows all"

/* Looking that takes longer says on a terminal how far it is. */
#define PROGRESS_AFTER_NS UINT64_C(500000000)

struct list_options {
	bool json, details, no_pager;
};

#define OPTION(field) offsetof(struct list_options, field)
static const struct hw_option list_option_table[] = {
	{ "long", 'v', NULL, HW_OPT_FLAG, OPTION(details),
	  "show details: terms of PMUs, attributes of libpfm4's events, fields of tracepoints, formulas of "
	  "metrics, events of presets" },
	{ "json", 0, NULL, HW_OPT_FLAG, OPTION(json), "write JSON; see JSON FORMAT in hwprof-list(1)" },
	{ "no-pager", 0, NULL, HW_OPT_FLAG, OPTION(no_pager), "do not show a long list through $PAGER" },
};
#undef OPTION

/* --- Choosing -------------------------------------------------------------------------------------- */

/* As typed; borrowed from argv. */
struct patterns {
	char **at;
	size_t count;
};

/* An entry that one of the patterns asks for. matched[i] is set for each pattern that does; exact when one is its name. */
static bool is_wanted(const struct hw_inventory_entry *entry, const struct patterns *patterns, bool *matched,
		      bool *exact)
{
	bool wanted = !patterns->count;

	*exact = false;
	for (size_t i = 0; i < patterns->count; i++) {
		bool is_name;

		if (!hw_inventory_matches(entry, patterns->at[i], &is_name))
			continue;
		matched[i] = true;
		wanted = true;
		*exact |= is_name;
	}
	return wanted;
}

/* Of a kind that has nothing here, the notes may say why; of a name, which others are near. */
static void hint_no_match(struct hw_buf *out, const struct hw_inventory *inventory, const char *pattern,
			  const struct hw_err *why)
{
	const enum hw_inventory_kind kind = hw_inventory_kind_asked(pattern);
	struct hw_nearest nearest;

	if (kind != HW_INVENTORY_KIND_COUNT) {
		for (size_t i = 0; i < inventory->notes.count; i++) {
			if (inventory->notes.at[i].kind != kind)
				continue;
			hw_buf_text(out, "hint: ");
			hw_buf_printable(out, inventory->notes.at[i].text);
			hw_buf_text(out, "\n");
		}
		return;
	}
	hw_nearest_init(&nearest, pattern);
	for (size_t i = 0; i < inventory->entries.count; i++) {
		const struct hw_inventory_entry *entry = &inventory->entries.at[i];

		hw_nearest_offer(&nearest, entry->name);
		for (size_t j = 0; j < entry->aliases.count; j++)
			hw_nearest_offer(&nearest, entry->aliases.at[j]);
	}
	hw_buf_text(out, "hint: ");
	if (!hw_nearest_print(out, &nearest))
		hw_buf_printable(out, *why->hint && !strpbrk(pattern, "*?[") ? why->hint : SHOWS_ALL);
	hw_buf_text(out, "\n");
}

static void no_match(const struct hw_inventory *inventory, const char *pattern, const struct hw_err *why)
{
	struct hw_buf out = { 0 };

	hw_buf_text(&out, "hwprof: list: no event, preset or metric here matches '");
	hw_buf_printable(&out, pattern);
	hw_buf_text(&out, "'\n");
	hint_no_match(&out, inventory, pattern, why);
	(void)fputs(hw_buf_str(&out), stderr);
	hw_buf_fini(&out);
}

/* What stands in no list may still be an event: r1a8, cpu/event=0x3c/, cycles:u. Returns the exit status. */
static int add_unlisted(struct hw_inventory *inventory, struct hw_list_selection *selection,
			const struct patterns *patterns, const bool *matched)
{
	const struct hw_inventory_care in_detail = { .details = true };
	int status = 0;

	for (size_t i = 0; i < patterns->count; i++) {
		const char *pattern = patterns->at[i];
		struct hw_err why = { 0 };

		if (matched[i])
			continue;
		if (hw_inventory_kind_asked(pattern) == HW_INVENTORY_KIND_COUNT &&
		    hw_inventory_add(inventory, pattern, &why) == 0) {
			hw_vec_push(&selection->places, inventory->entries.count - 1);
			hw_inventory_examine(inventory, &inventory->entries.at[inventory->entries.count - 1],
					     &in_detail);
			continue;
		}
		no_match(inventory, pattern, &why);
		status = STATUS_NO_MATCH;
	}
	return status;
}

/* --- Looking --------------------------------------------------------------------------------------- */

static void examine(struct hw_inventory *inventory, const struct hw_list_selection *selection,
		    const bool *exact, bool each_tracepoint)
{
	const uint64_t start_ns = hw_now_ns();
	const bool terminal = isatty(STDERR_FILENO);
	bool shown = false;

	for (size_t i = 0; i < selection->places.count; i++) {
		const size_t place = selection->places.at[i];
		const struct hw_inventory_care care = { .details = selection->details || exact[place],
							.each_tracepoint = each_tracepoint };

		hw_inventory_examine(inventory, &inventory->entries.at[place], &care);
		if (terminal && hw_now_ns() - start_ns > PROGRESS_AFTER_NS) {
			(void)fprintf(stderr, "\rlooking at event %zu of %zu", i + 1,
				      selection->places.count);
			shown = true;
		}
	}
	if (shown)
		(void)fputs("\r\033[K", stderr);
}

/* Fill the selection, and say what matched nothing. Returns the exit status. */
static int choose_and_examine(struct hw_inventory *inventory, struct hw_list_selection *selection,
			      const struct patterns *patterns)
{
	HW_AUTO(hw_freep) bool *matched = hw_alloc(patterns->count + 1, sizeof *matched);
	HW_AUTO(hw_freep) bool *exact = hw_alloc(inventory->entries.count + 1, sizeof *exact);
	size_t tracepoint_count = 0;

	for (size_t i = 0; i < inventory->entries.count; i++) {
		if (!is_wanted(&inventory->entries.at[i], patterns, matched, &exact[i]))
			continue;
		hw_vec_push(&selection->places, i);
		tracepoint_count += inventory->entries.at[i].kind == HW_INVENTORY_TRACEPOINT;
	}
	examine(inventory, selection, exact, tracepoint_count <= TRACEPOINTS_OPENED_MAX);
	return add_unlisted(inventory, selection, patterns, matched);
}

/* --- Showing --------------------------------------------------------------------------------------- */

static int show(const struct hw_inventory *inventory, const struct hw_list_selection *selection,
		const struct list_options *o, struct hw_err *err)
{
	struct hw_buf out = { 0 };
	int result;

	if (o->json)
		hw_list_print_json(&out, inventory, selection);
	else
		hw_list_print_text(&out, inventory, selection);
	result = hw_pager_show(&out, !o->no_pager && !o->json, err);
	hw_buf_fini(&out);
	return result;
}

static void note_no_tables(struct hw_inventory *inventory, const struct hw_err *err)
{
	hw_inventory_note_missing(inventory, HW_INVENTORY_PRESET, "no presets", err);
	hw_inventory_note_missing(inventory, HW_INVENTORY_METRIC, "no metrics", err);
}

static int list(const struct list_options *o, const struct patterns *patterns, struct hw_err *err)
{
	struct hw_list_selection selection = { .all = !patterns->count,
					       .details = o->details || o->json,
					       .width = hw_terminal_width(STDOUT_FILENO) };
	struct hw_catalogue catalogue = { 0 };
	struct hw_inventory inventory;
	struct hw_event_roots roots;
	struct hw_err no_tables = { 0 };
	int status;

	hw_event_roots_get(&roots);
	/* The rest is there without tables, too. */
	if (hw_catalogue_load(&catalogue, &no_tables) < 0) {
		hw_inventory_init(&inventory, &roots, NULL);
		note_no_tables(&inventory, &no_tables);
	} else {
		hw_inventory_init(&inventory, &roots, &catalogue);
	}
	status = choose_and_examine(&inventory, &selection, patterns);
	if (selection.places.count && show(&inventory, &selection, o, err) < 0)
		status = -1;
	hw_vec_fini(&selection.places);
	hw_inventory_fini(&inventory);
	hw_catalogue_fini(&catalogue);
	return status;
}

static int run_list(const void *options, int operand_count, char **operands, struct hw_err *err)
{
	const struct patterns patterns = { .at = operands, .count = (size_t)operand_count };

	return list(options, &patterns, err);
}

const struct hw_command hw_command_list = {
	.name = "list",
	.summary = "show the events of this machine, and which of them open",
	.usage = "[OPTIONS] [PATTERN]...",
	.options = list_option_table,
	.option_count = HW_COUNT_OF(list_option_table),
	.options_anywhere = true,
	.options_size = sizeof(struct list_options),
	.run = run_list,
};
