#include "event/inventory.h"

#include "event/catalogue.h"
#include "event/dirs.h"
#include "event/names.h"
#include "event/pfm.h"
#include "event/resolve.h"
#include "event/tracepoint.h"

#include <fnmatch.h>

/* --- Texts ----------------------------------------------------------------------------------------- */

/* A copy that lives as long as the inventory. */
static const char *keep(struct hw_inventory *inventory, const char *text)
{
	return text ? hw_arena_text(&inventory->arena, text, strlen(text)) : NULL;
}

/* The same of a text on the heap, which is freed. */
static const char *keep_and_free(struct hw_inventory *inventory, char *text)
{
	const char *kept = keep(inventory, text);

	free(text);
	return kept;
}

void hw_inventory_note_missing(struct hw_inventory *inventory, enum hw_inventory_kind kind, const char *what,
			       const struct hw_err *err)
{
	char *note = hw_asprintf("%s: %s%s%s%s", what, err->message, *err->hint ? " (" : "", err->hint,
				 *err->hint ? ")" : "");

	hw_vec_push(&inventory->notes,
		    (struct hw_inventory_note){ .kind = kind, .text = keep_and_free(inventory, note) });
}

/* --- Listing --------------------------------------------------------------------------------------- */

static struct hw_inventory_entry *add(struct hw_inventory *inventory, enum hw_inventory_kind kind,
				      const char *name)
{
	const struct hw_inventory_entry entry = {
		.kind = kind, .name = name, .description = "", .unit = "count", .scale = 1
	};

	hw_vec_push(&inventory->entries, entry);
	return &inventory->entries.at[inventory->entries.count - 1];
}

static void add_generic(struct hw_inventory *inventory, enum hw_inventory_kind kind, uint32_t type)
{
	struct hw_generic event;

	for (size_t at = 0; hw_names_next(&at, &event);) {
		struct hw_inventory_entry *entry;

		if (event.type != type)
			continue;
		entry = add(inventory, kind, keep(inventory, event.name));
		entry->description = keep(inventory, event.description);
		for (const char *const *alias = event.aliases; *alias; alias++)
			hw_vec_push(&entry->aliases, *alias);
	}
}

static void add_catalogue(struct hw_inventory *inventory, const struct hw_catalogue *catalogue)
{
	for (size_t i = 0; i < catalogue->presets.count; i++) {
		const struct hw_preset *preset = &catalogue->presets.at[i];
		struct hw_inventory_entry *entry = add(inventory, HW_INVENTORY_PRESET, preset->name);

		entry->description = preset->description;
		entry->source = catalogue->family;
		entry->preset = preset;
	}
	for (size_t i = 0; i < catalogue->metrics.count; i++) {
		const struct hw_metric *metric = &catalogue->metrics.at[i];
		struct hw_inventory_entry *entry = add(inventory, HW_INVENTORY_METRIC, metric->name);

		entry->description = metric->description;
		entry->unit = metric->unit;
		entry->source = catalogue->family;
		entry->metric = metric;
	}
	for (size_t i = 0; i < catalogue->events.count; i++) {
		const struct hw_catalogue_event *event = &catalogue->events.at[i];
		struct hw_inventory_entry *entry = add(inventory, HW_INVENTORY_EVENT, event->name);

		entry->description = event->description;
		entry->source = catalogue->family;
	}
}

/* "event=0x1,umask=?" needs a value from the user: "pmu/name,umask=?/", as perf lists it. */
static char *pmu_event_name(const struct hw_pmu *pmu, const struct hw_pmu_event *event)
{
	struct hw_buf name = { 0 };
	const char *at = event->terms;

	hw_buf_printf(&name, "%s/%s", pmu->name, event->name);
	while (*at) {
		const size_t length = strcspn(at, ",");

		if (length > 2 && strncmp(at + length - 2, "=?", 2) == 0)
			hw_buf_printf(&name, ",%.*s", (int)length, at);
		at += length;
		at += *at == ',';
	}
	hw_buf_text(&name, "/");
	return name.data;
}

static void add_pmu_events(struct hw_inventory *inventory, const struct hw_pmu *pmu)
{
	for (size_t i = 0; i < pmu->events.count; i++) {
		const struct hw_pmu_event *event = &pmu->events.at[i];
		struct hw_inventory_entry *entry = add(inventory, HW_INVENTORY_PMU,
						       keep_and_free(inventory, pmu_event_name(pmu, event)));

		entry->source = pmu->name;
		entry->description =
			keep_and_free(inventory, hw_asprintf("%s of PMU %s%s", event->terms, pmu->name,
							     pmu->is_whole ? ", for whole CPUs only" : ""));
		if (event->unit)
			entry->unit = event->unit;
		entry->scale = event->scale;
	}
}

/* libpfm4's words; some events have none yet, and some unit masks the same as their event. */
static const char *pfm_description(struct hw_inventory *inventory, const struct hw_pfm_event *event)
{
	const char *whole = strcmp(event->description, "TBD") == 0 ? "" : event->description;
	const char *part = event->umask ? event->umask_description : "";
	const size_t length = strlen(whole);

	if (strcmp(part, "TBD") == 0 || strcmp(part, whole) == 0)
		part = "";
	if (!*whole || !*part)
		return *whole ? whole : part;
	return keep_and_free(
		inventory, hw_asprintf("%.*s: %s", (int)(length - (whole[length - 1] == '.')), whole, part));
}

static void note_no_pfm(struct hw_inventory *inventory)
{
	const char *forced = getenv("LIBPFM_FORCE_PMU");
	struct hw_err err = { 0 };

	if (forced)
		(void)hw_err_set(&err, HW_ERR_EVENT, "libpfm4 knows no PMU '%s' (LIBPFM_FORCE_PMU)", forced);
	else
		(void)hw_err_set(&err, HW_ERR_EVENT, "libpfm4 does not know this CPU");
	hw_inventory_note_missing(inventory, HW_INVENTORY_PFM, "no names of libpfm4", &err);
}

static void add_pfm(struct hw_inventory *inventory)
{
	struct hw_pfm_cursor cursor = { 0 };
	struct hw_pfm_event event;
	const size_t before = inventory->entries.count;

	while (hw_pfm_next(&cursor, &event)) {
		char *name = hw_asprintf("%s%s%s%s%s", event.is_bare ? "" : event.pmu,
					 event.is_bare ? "" : "::", event.name, event.umask ? ":" : "",
					 event.umask ? event.umask : "");
		struct hw_inventory_entry *entry =
			add(inventory, HW_INVENTORY_PFM, keep_and_free(inventory, name));

		entry->source = event.pmu;
		entry->pfm_index = event.index;
		entry->is_default = event.is_default;
		entry->description = pfm_description(inventory, &event);
		if (event.is_bare)
			hw_vec_push(&entry->aliases,
				    keep_and_free(inventory, hw_asprintf("%s::%s", event.pmu, entry->name)));
	}
	if (inventory->entries.count == before)
		note_no_pfm(inventory);
}

static void add_raw(struct hw_inventory *inventory)
{
	struct hw_inventory_entry *entry = add(inventory, HW_INVENTORY_RAW, "rNNN");

	entry->description = "the CPU's own event code NNN, in hexadecimal";
	for (size_t i = 0; i < inventory->pmus.list.count; i++) {
		const struct hw_pmu *pmu = &inventory->pmus.list.at[i];
		struct hw_buf text = { 0 };

		if (!pmu->terms.count)
			continue;
		for (size_t j = 0; j < pmu->terms.count; j++)
			hw_buf_printf(&text, "%s%s", j ? ", " : "terms of this PMU: ", pmu->terms.at[j].name);
		entry = add(inventory, HW_INVENTORY_RAW,
			    keep_and_free(inventory, hw_asprintf("%s/TERM=VALUE,.../", pmu->name)));
		entry->source = pmu->name;
		entry->description = keep_and_free(inventory, text.data);
	}
}

/* The tracepoints of one system are folders with an id beside files such as "enable". The id is the encoding. */
static void add_system(struct hw_inventory *inventory, const char *root, const char *system)
{
	HW_AUTO(hw_freep) char *folder = hw_asprintf("%s/events/%s", root, system);
	struct hw_dirs dirs = { 0 };

	hw_dirs_read(&dirs, folder);
	for (size_t i = 0; i < dirs.names.count; i++) {
		HW_AUTO(hw_freep) char *name = hw_asprintf("%s:%s", system, dirs.names.at[i]);
		struct hw_inventory_entry *entry;
		uint64_t id;

		if (hw_tracepoint_find(&id, inventory->roots->tracepoints, name, NULL) <= 0)
			continue;
		entry = add(inventory, HW_INVENTORY_TRACEPOINT, keep(inventory, name));
		entry->encoded = true;
		entry->type = PERF_TYPE_TRACEPOINT;
		entry->config = id;
	}
	hw_dirs_fini(&dirs);
}

static void add_tracepoints(struct hw_inventory *inventory)
{
	struct hw_err err = { 0 };
	const char *root = hw_tracepoint_root(inventory->roots->tracepoints, &err);
	HW_AUTO(hw_freep) char *folder = NULL;
	struct hw_dirs systems = { 0 };

	if (!root) {
		hw_inventory_note_missing(inventory, HW_INVENTORY_TRACEPOINT, "no tracepoints", &err);
		return;
	}
	folder = hw_asprintf("%s/events", root);
	hw_dirs_read(&systems, folder);
	for (size_t i = 0; i < systems.names.count; i++)
		add_system(inventory, root, systems.names.at[i]);
	hw_dirs_fini(&systems);
}

void hw_inventory_init(struct hw_inventory *inventory, const struct hw_event_roots *roots,
		       const struct hw_catalogue *catalogue)
{
	*inventory = (struct hw_inventory){ .roots = roots, .catalogue = catalogue };
	hw_host_read(&inventory->host, "");
	inventory->facts.host = &inventory->host;
	inventory->facts.syscall_errno = hw_host_syscall_errno();
	hw_pmus_read(&inventory->pmus, roots->pmus);
	hw_pmus_read_words(&inventory->pmus, roots->pmus);
	add_generic(inventory, HW_INVENTORY_HARDWARE, PERF_TYPE_HARDWARE);
	add_generic(inventory, HW_INVENTORY_CACHE, PERF_TYPE_HW_CACHE);
	add_generic(inventory, HW_INVENTORY_SOFTWARE, PERF_TYPE_SOFTWARE);
	if (catalogue)
		add_catalogue(inventory, catalogue);
	for (size_t i = 0; i < inventory->pmus.list.count; i++)
		add_pmu_events(inventory, &inventory->pmus.list.at[i]);
	add_pfm(inventory);
	add_raw(inventory);
	add_tracepoints(inventory);
}

void hw_inventory_fini(struct hw_inventory *inventory)
{
	for (size_t i = 0; i < inventory->entries.count; i++) {
		hw_vec_fini(&inventory->entries.at[i].aliases);
		hw_vec_fini(&inventory->entries.at[i].details);
	}
	hw_vec_fini(&inventory->entries);
	hw_vec_fini(&inventory->notes);
	hw_pmus_fini(&inventory->pmus);
	hw_host_fini(&inventory->host);
	hw_arena_fini(&inventory->arena);
}

/* --- Matching -------------------------------------------------------------------------------------- */

static const char *const kind_words[HW_INVENTORY_KIND_COUNT] = {
	[HW_INVENTORY_HARDWARE] = "hw",	  [HW_INVENTORY_CACHE] = "cache",
	[HW_INVENTORY_SOFTWARE] = "sw",	  [HW_INVENTORY_PRESET] = "preset",
	[HW_INVENTORY_METRIC] = "metric", [HW_INVENTORY_EVENT] = "event",
	[HW_INVENTORY_PMU] = "pmu",	  [HW_INVENTORY_PFM] = "pfm",
	[HW_INVENTORY_RAW] = "raw",	  [HW_INVENTORY_TRACEPOINT] = "tracepoint",
};

const char *hw_inventory_kind_word(enum hw_inventory_kind kind)
{
	return kind_words[kind];
}

enum hw_inventory_kind hw_inventory_kind_asked(const char *pattern)
{
	static const struct {
		const char *word;
		enum hw_inventory_kind kind;
	} others[] = {
		{ "hardware", HW_INVENTORY_HARDWARE },
		{ "software", HW_INVENTORY_SOFTWARE },
		{ "hwcache", HW_INVENTORY_CACHE },
	};

	for (size_t i = 0; i < HW_COUNT_OF(others); i++)
		if (strcasecmp(pattern, others[i].word) == 0)
			return others[i].kind;
	for (enum hw_inventory_kind kind = 0; kind < HW_INVENTORY_KIND_COUNT; kind++)
		if (strcasecmp(pattern, kind_words[kind]) == 0)
			return kind;
	return HW_INVENTORY_KIND_COUNT;
}

static bool text_matches(const char *text, const char *pattern)
{
	if (strpbrk(pattern, "*?["))
		return fnmatch(pattern, text, FNM_CASEFOLD) == 0;
	return strcasestr(text, pattern);
}

static bool is_called(const struct hw_inventory_entry *entry, const char *name)
{
	for (size_t i = 0; i < entry->aliases.count; i++)
		if (strcasecmp(entry->aliases.at[i], name) == 0)
			return true;
	return strcasecmp(entry->name, name) == 0;
}

bool hw_inventory_matches(const struct hw_inventory_entry *entry, const char *pattern, bool *exact)
{
	const enum hw_inventory_kind kind = hw_inventory_kind_asked(pattern);
	bool matches = text_matches(entry->name, pattern) || text_matches(entry->description, pattern);

	if (exact)
		*exact = is_called(entry, pattern);
	if (kind != HW_INVENTORY_KIND_COUNT) /* a preset may be called like a kind */
		return entry->kind == kind || is_called(entry, pattern);
	for (size_t i = 0; i < entry->aliases.count; i++)
		matches |= text_matches(entry->aliases.at[i], pattern);
	return matches;
}
