#include "event/meaning.h"

#include "event/dirs.h"
#include "event/names.h"
#include "event/pmu.h"

#include <inttypes.h>

void hw_meaning_fini(struct hw_meaning *meaning)
{
	for (size_t i = 0; i < meaning->list.count; i++)
		hw_event_fini(&meaning->list.at[i]);
	hw_vec_fini(&meaning->list);
}

static int resolve(struct hw_meaning *meaning, const struct hw_spec *spec, const char *text, const char *name,
		   const struct hw_lookup *in, struct hw_err *err)
{
	struct hw_event event;

	if (hw_event_resolve_spec(&event, spec, text, name, in->defaults, in->roots, err) < 0)
		return -1;
	hw_vec_push(&meaning->list, event);
	return 0;
}

/* Several events of one name are parts, each of its core PMU. */
static int make_parts(struct hw_meaning *meaning, const struct hw_lookup *in, struct hw_err *err)
{
	for (size_t i = 0; i < meaning->list.count && meaning->list.count > 1; i++) {
		struct hw_event *event = &meaning->list.at[i];
		const struct hw_pmu *pmu = hw_core_pmu_of(in->cores, event);
		struct hw_event part;

		if (!pmu)
			return hw_err_set(err, HW_ERR_EVENT, "one of several events is of no core PMU");
		for (size_t k = 0; k < i; k++)
			if (strcmp(meaning->list.at[k].pmu, pmu->name) == 0)
				return hw_err_set(err, HW_ERR_EVENT, "two events are of PMU '%s'", pmu->name);
		hw_core_pmu_part(&part, event, pmu, in->roots->pmus);
		hw_event_fini(event);
		*event = part;
	}
	return 0;
}

/* --- The catalogue --------------------------------------------------------------------------------- */

bool hw_meaning_may_be_of_catalogue(const struct hw_spec *spec)
{
	uint32_t type;
	uint64_t config;

	if (spec->pmu || strchr(spec->name, ':') || hw_names_raw(spec->name, &config))
		return false;
	return !hw_names_find(spec->name, &type, &config) || type == PERF_TYPE_HW_CACHE;
}

const struct hw_preset *hw_meaning_preset(const struct hw_spec *spec, const struct hw_catalogue *catalogue)
{
	if (!catalogue || !hw_meaning_may_be_of_catalogue(spec))
		return NULL;
	return hw_catalogue_preset(catalogue, spec->name);
}

static const struct hw_catalogue_event *find_entry(const struct hw_spec *spec, const struct hw_lookup *in)
{
	if (!in->catalogue || !hw_meaning_may_be_of_catalogue(spec))
		return NULL;
	return hw_catalogue_event(in->catalogue, spec->name);
}

/* The table's modifiers with those typed behind the entry's name, whose rate wins. */
static int add_typed(struct hw_modifiers *own, const struct hw_modifiers *typed, const char *text,
		     struct hw_err *err)
{
	struct hw_modifiers both = *typed;

	if (hw_modifiers_inherit(&both, own, text, err) < 0)
		return -1;
	both.pinned |= own->pinned;
	both.exclusive |= own->exclusive;
	*own = both;
	return 0;
}

/* One of the texts that an entry stands for. It is passed over when it is one of several and its core PMU is not here. */
static int resolve_entry_text(struct hw_meaning *meaning, const char *one, bool is_one_of_several,
			      const struct hw_catalogue_event *entry, const struct hw_spec *typed,
			      const char *text, const struct hw_lookup *in, struct hw_err *err)
{
	struct hw_spec spec;
	int result = hw_event_parse(&spec, one, err);

	if (result == 0 && is_one_of_several && spec.pmu && !hw_pmu_is_core(in->roots->pmus, spec.pmu)) {
		hw_spec_fini(&spec);
		return 0;
	}
	if (result == 0)
		result = add_typed(&spec.modifiers, &typed->modifiers, text, err);
	if (result == 0)
		result = resolve(meaning, &spec, text, entry->name, in, err);
	hw_spec_fini(&spec);
	return result;
}

static int resolve_entry(struct hw_meaning *meaning, const struct hw_catalogue_event *entry,
			 const struct hw_spec *typed, const char *text, const struct hw_lookup *in,
			 struct hw_err *err)
{
	const char *list = entry->text;
	bool several = false;
	char *one = NULL;
	int result = 0;

	while (result == 0 && hw_spec_list_next(&list, &one)) {
		several |= list != NULL;
		result = resolve_entry_text(meaning, one, several, entry, typed, text, in, err);
		free(one);
	}
	if (result == 0 && !meaning->list.count)
		result = hw_err_set(err, HW_ERR_EVENT, "this machine has none of the PMUs of '%s'",
				    entry->text);
	if (result == 0)
		result = make_parts(meaning, in, err);
	if (result < 0)
		return hw_err_wrap(err, "'%s' of the event tables, '%s'", entry->name, entry->text);
	return 0;
}

/* --- Several PMUs ---------------------------------------------------------------------------------- */

/* Is it a name of sysfs without its PMU, which several core PMUs may have, each in its own way? */
static bool is_bare(const struct hw_spec *spec)
{
	uint32_t type;
	uint64_t config;

	return !spec->pmu && !strchr(spec->name, ':') && !hw_names_find(spec->name, &type, &config);
}

/* The events of this name that core PMUs of a hybrid CPU have; none is fine. */
static int resolve_bare(struct hw_meaning *meaning, const struct hw_spec *spec, const char *text,
			const struct hw_lookup *in, struct hw_err *err)
{
	struct hw_spec_term term = { .key = spec->name };

	for (size_t i = 0; is_bare(spec) && i < in->cores->list.count; i++) {
		struct hw_spec on_pmu = { .name = spec->name,
					  .pmu = in->cores->list.at[i].name,
					  .terms = { .list = { .at = &term, .count = 1 } },
					  .modifiers = spec->modifiers };

		if (hw_pmu_has_event(in->roots->pmus, on_pmu.pmu, spec->name) &&
		    resolve(meaning, &on_pmu, text, spec->name, in, err) < 0)
			return -1;
	}
	return make_parts(meaning, in, err);
}

/* Is name pmu, '_' and a number: one of the boxes of the same kind that a server has? */
static bool is_box(const char *name, const char *pmu)
{
	const size_t length = strlen(pmu);

	return strncmp(name, pmu, length) == 0 && name[length] == '_' && name[length + 1] &&
	       !name[length + 1 + strspn(name + length + 1, "0123456789")];
}

/* The event on one box, a part of the event as it was typed. */
static int resolve_box(struct hw_meaning *meaning, const struct hw_spec *spec, char *box, const char *text,
		       const struct hw_lookup *in, struct hw_err *err)
{
	struct hw_spec on_box = *spec; /* borrows all but the PMU */
	struct hw_event *part;

	on_box.pmu = box;
	if (resolve(meaning, &on_box, text, NULL, in, err) < 0)
		return -1;
	part = &meaning->list.at[meaning->list.count - 1];
	part->pmu = hw_strdup(box);
	part->whole = part->name;
	part->name = spec->label ? hw_asprintf("%s/%s/", box, spec->label)
				 : hw_asprintf("%s%s", box, strchr(spec->name, '/'));
	return 0;
}

/* A PMU that is there as boxes with numbers only; no such boxes is fine. */
static int resolve_boxes(struct hw_meaning *meaning, const struct hw_spec *spec, const char *text,
			 const struct hw_lookup *in, struct hw_err *err)
{
	struct hw_dirs pmus = { 0 };
	bool is_there = !spec->pmu;
	int result = 0;

	if (spec->pmu)
		hw_dirs_read(&pmus, in->roots->pmus);
	for (size_t i = 0; i < pmus.names.count; i++)
		is_there |= strcmp(pmus.names.at[i], spec->pmu) == 0;
	for (size_t i = 0; result == 0 && !is_there && i < pmus.names.count; i++)
		if (is_box(pmus.names.at[i], spec->pmu))
			result = resolve_box(meaning, spec, pmus.names.at[i], text, in, err);
	hw_dirs_fini(&pmus);
	return result;
}

/* Arm numbers its core PMUs by itself: PERF_TYPE_RAW, as libpfm4 gives it, would be whichever of them comes first. */
static int check_raw(const struct hw_event *event, const struct hw_lookup *in, struct hw_err *err)
{
	if (event->any_core || event->attr.type != PERF_TYPE_RAW || !in->cores->list.count ||
	    hw_core_pmu_of(in->cores, event))
		return 0;
	(void)hw_err_set(err, HW_ERR_EVENT,
			 "event '%s' is of one kind of core, and its name does not say of which",
			 event->text);
	return hw_err_hint(err, "name the PMU: %s/config=0x%" PRIx64 "/", in->cores->list.at[0].name,
			   (uint64_t)event->attr.config);
}

int hw_meaning_find(struct hw_meaning *meaning, const struct hw_spec *spec, const char *text,
		    const struct hw_lookup *in, struct hw_err *err)
{
	const struct hw_catalogue_event *entry = find_entry(spec, in);

	*meaning = (struct hw_meaning){ 0 };
	if (entry)
		return resolve_entry(meaning, entry, spec, text, in, err);
	if (resolve_bare(meaning, spec, text, in, err) < 0 || resolve_boxes(meaning, spec, text, in, err) < 0)
		return -1;
	if (meaning->list.count)
		return 0;
	if (resolve(meaning, spec, text, NULL, in, err) < 0)
		return -1;
	return check_raw(&meaning->list.at[0], in, err);
}
