#include "event/pmus.h"

#include "base/file.h"
#include "base/units.h"
#include "event/dirs.h"

#include <inttypes.h>

/* sysfs shows at most a page. */
#define SYSFS_TEXT_MAX 4096

/* The first line of ROOT/PMU/folder/entry (folder may be ""), on the heap; NULL when there is none. */
static char *read_text(const char *root, const char *pmu, const char *folder, const char *entry)
{
	HW_AUTO(hw_freep) char *path = hw_asprintf("%s/%s/%s/%s", root, pmu, folder, entry);
	char line[SYSFS_TEXT_MAX];

	return hw_file_read_line(line, sizeof line, path) < 0 ? NULL : hw_strdup(line);
}

static void read_terms(struct hw_pmu *pmu, const char *root)
{
	HW_AUTO(hw_freep) char *folder = hw_asprintf("%s/%s/format", root, pmu->name);
	struct hw_dirs dirs = { 0 };

	hw_dirs_read(&dirs, folder);
	for (size_t i = 0; i < dirs.names.count; i++) {
		struct hw_pmu_term term = { .text = read_text(root, pmu->name, "format", dirs.names.at[i]) };

		if (!term.text)
			continue;
		term.name = hw_strdup(dirs.names.at[i]);
		if (!hw_pmu_format_parse(&term.format, term.text))
			term.format = (struct hw_pmu_format){ 0 };
		hw_vec_push(&pmu->terms, term);
	}
	hw_dirs_fini(&dirs);
}

/* EVENT.scale is a number such as 2.3283064365386962890625e-10, with a point whatever the locale; hwprof never sets
 * one. */
static double read_scale(const char *root, const char *pmu, const char *event)
{
	HW_AUTO(hw_freep) char *name = hw_asprintf("%s.scale", event);
	HW_AUTO(hw_freep) char *text = read_text(root, pmu, "events", name);
	char *end = NULL;
	const double scale = text ? strtod(text, &end) : 1;

	return !text || end == text || *end || !(scale > 0) ? 1 : scale;
}

/* EVENT.unit, EVENT.scale, EVENT.snapshot and EVENT.per-pkg say more about an event; they are none. */
static void read_events(struct hw_pmu *pmu, const char *root)
{
	HW_AUTO(hw_freep) char *folder = hw_asprintf("%s/%s/events", root, pmu->name);
	struct hw_dirs dirs = { 0 };

	hw_dirs_read(&dirs, folder);
	for (size_t i = 0; i < dirs.names.count; i++) {
		const char *name = dirs.names.at[i];
		HW_AUTO(hw_freep) char *unit_name = hw_asprintf("%s.unit", name);
		struct hw_pmu_event event = { 0 };

		if (strchr(name, '.'))
			continue;
		event.terms = read_text(root, pmu->name, "events", name);
		if (!event.terms)
			continue;
		event.name = hw_strdup(name);
		event.unit = read_text(root, pmu->name, "events", unit_name);
		event.scale = read_scale(root, pmu->name, name);
		hw_vec_push(&pmu->events, event);
	}
	hw_dirs_fini(&dirs);
}

static void pmu_fini(struct hw_pmu *pmu)
{
	for (size_t i = 0; i < pmu->terms.count; i++) {
		free(pmu->terms.at[i].name);
		free(pmu->terms.at[i].text);
	}
	for (size_t i = 0; i < pmu->events.count; i++) {
		free(pmu->events.at[i].name);
		free(pmu->events.at[i].terms);
		free(pmu->events.at[i].unit);
	}
	hw_vec_fini(&pmu->terms);
	hw_vec_fini(&pmu->events);
	free(pmu->name);
	free(pmu->cpus);
}

/* Core PMUs of hybrid CPUs and of Arm name their CPUs in `cpus`; what is shared by CPUs (uncore, power) names in
 * `cpumask` the one to open it on (Documentation/ABI/testing/sysfs-bus-event_source-devices-*). */
static void read_cpus(struct hw_pmu *pmu, const char *root)
{
	pmu->cpus = read_text(root, pmu->name, "", "cpus");
	pmu->is_core = hw_pmu_is_core(root, pmu->name);
	if (pmu->cpus)
		return;
	pmu->cpus = read_text(root, pmu->name, "", "cpumask");
	pmu->is_whole = pmu->cpus && !pmu->is_core;
}

void hw_pmus_read(struct hw_pmus *pmus, const char *root)
{
	struct hw_dirs dirs = { 0 };

	*pmus = (struct hw_pmus){ 0 };
	hw_dirs_read(&dirs, root);
	for (size_t i = 0; i < dirs.names.count; i++) {
		HW_AUTO(hw_freep) char *text = read_text(root, dirs.names.at[i], "", "type");
		struct hw_pmu pmu = { 0 };
		uint64_t type;

		if (!text || hw_parse_u64(&type, text, NULL) < 0 || type > UINT32_MAX)
			continue;
		pmu.type = (uint32_t)type;
		pmu.name = hw_strdup(dirs.names.at[i]);
		read_cpus(&pmu, root);
		hw_vec_push(&pmus->list, pmu);
	}
	hw_dirs_fini(&dirs);
}

void hw_pmus_read_words(struct hw_pmus *pmus, const char *root)
{
	for (size_t i = 0; i < pmus->list.count; i++) {
		read_terms(&pmus->list.at[i], root);
		read_events(&pmus->list.at[i], root);
	}
}

void hw_pmus_fini(struct hw_pmus *pmus)
{
	for (size_t i = 0; i < pmus->list.count; i++)
		pmu_fini(&pmus->list.at[i]);
	hw_vec_fini(&pmus->list);
}

const struct hw_pmu *hw_pmus_find(const struct hw_pmus *pmus, uint32_t type)
{
	for (size_t i = 0; i < pmus->list.count; i++)
		if (pmus->list.at[i].type == type)
			return &pmus->list.at[i];
	return NULL;
}

const struct hw_pmu *hw_pmus_named(const struct hw_pmus *pmus, const char *name)
{
	for (size_t i = 0; i < pmus->list.count; i++)
		if (strcmp(pmus->list.at[i].name, name) == 0)
			return &pmus->list.at[i];
	return NULL;
}

const struct hw_pmu *hw_pmus_core(const struct hw_pmus *pmus, size_t *count)
{
	const struct hw_pmu *first = NULL;

	*count = 0;
	for (size_t i = 0; i < pmus->list.count; i++) {
		if (!pmus->list.at[i].is_core)
			continue;
		if (!first)
			first = &pmus->list.at[i];
		(*count)++;
	}
	return first;
}

void hw_pmus_keep_hybrid(struct hw_pmus *pmus)
{
	size_t cores;
	size_t kept = 0;

	(void)hw_pmus_core(pmus, &cores);
	for (size_t i = 0; i < pmus->list.count; i++) {
		if (cores > 1 && pmus->list.at[i].is_core)
			pmus->list.at[kept++] = pmus->list.at[i];
		else
			pmu_fini(&pmus->list.at[i]);
	}
	pmus->list.count = kept;
}

/* --- Encodings ------------------------------------------------------------------------------------- */

/* The bits of word that mask names, moved together: the inverse of hw_pmu_bits_set. */
static uint64_t bits_of(uint64_t word, uint64_t mask)
{
	uint64_t value = 0;

	for (unsigned place = 0; mask; mask &= mask - 1, place++)
		if (word & mask & -mask)
			value |= UINT64_C(1) << place;
	return value;
}

/* A term of config alone, and one we can write. */
static bool is_usable(const struct hw_pmu_term *term)
{
	return term->format.mask && term->format.word == 0;
}

/* Append one term when it names bits that are set and not said yet (the event's code is said in any case). */
static void print_term(struct hw_buf *terms, const struct hw_pmu_term *term, uint64_t config, uint64_t *said)
{
	const bool is_event = strcmp(term->name, "event") == 0;

	if (!is_usable(term) || (term->format.mask & *said) || (!(term->format.mask & config) && !is_event))
		return;
	*said |= term->format.mask;
	hw_buf_printf(terms, "%s%s=0x%" PRIx64, terms->size ? "," : "", term->name,
		      bits_of(config, term->format.mask));
}

/* config in the PMU's terms, event and umask first; or whole, when they do not express it. */
static void print_config(struct hw_buf *buf, const struct hw_pmu *pmu, uint64_t config)
{
	static const char *const first[] = { "event", "umask" };
	struct hw_buf terms = { 0 };
	uint64_t said = 0;

	for (size_t i = 0; i < HW_COUNT_OF(first); i++)
		for (size_t j = 0; j < pmu->terms.count; j++)
			if (strcmp(pmu->terms.at[j].name, first[i]) == 0)
				print_term(&terms, &pmu->terms.at[j], config, &said);
	for (size_t j = 0; j < pmu->terms.count; j++)
		print_term(&terms, &pmu->terms.at[j], config, &said);
	if ((config & ~said) || !terms.size)
		hw_buf_printf(buf, "config=0x%" PRIx64, config);
	else
		hw_buf_text(buf, hw_buf_str(&terms));
	hw_buf_fini(&terms);
}

bool hw_pmus_print_encoding(struct hw_buf *buf, const struct hw_pmus *pmus,
			    const struct perf_event_attr *attr)
{
	const struct hw_pmu *pmu = hw_pmus_find(pmus, attr->type);

	if (attr->type == PERF_TYPE_HARDWARE || attr->type == PERF_TYPE_HW_CACHE)
		return false;
	if (!pmu && attr->type == PERF_TYPE_RAW && !attr->config1 && !attr->config2) {
		hw_buf_printf(buf, "r%" PRIx64, (uint64_t)attr->config);
		return true;
	}
	if (!pmu)
		return false;
	hw_buf_printf(buf, "%s/", pmu->name);
	print_config(buf, pmu, attr->config);
	if (attr->config1)
		hw_buf_printf(buf, ",config1=0x%" PRIx64, (uint64_t)attr->config1);
	if (attr->config2)
		hw_buf_printf(buf, ",config2=0x%" PRIx64, (uint64_t)attr->config2);
	hw_buf_text(buf, "/");
	return true;
}
