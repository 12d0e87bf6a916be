#include "event/events.h"

#include "event/meaning.h"
#include "event/pmu_cpus.h"

/* What stays the same while one -e text is taken apart. */
struct context {
	struct hw_lookup lookup;
	const struct hw_pmus *cores; /* those of lookup */
	const char *pmus;	     /* sysfs's folder of PMUs */
	struct hw_events *made;
	struct hw_err *err;
};

/* Modifiers that come from outside an item: of its group, or typed behind the preset it belongs to. */
struct outer {
	struct hw_modifiers modifiers;
	const char *text; /* as typed: ":u" */
	bool from_preset; /* the item is a table's: no presets in it, and its own rate gives way */
};

static const struct outer nothing = { .text = "" };

/* The modifiers of inner and outer together, in inner. leads: D and e reach it, too. */
static int add_outer(struct hw_modifiers *inner, const struct outer *outer, bool leads, const char *text,
		     struct hw_err *err)
{
	const bool pinned = inner->pinned || (leads && outer->modifiers.pinned);
	const bool exclusive = inner->exclusive || (leads && outer->modifiers.exclusive);
	struct hw_modifiers both = outer->from_preset ? outer->modifiers : *inner;

	if (hw_modifiers_inherit(&both, outer->from_preset ? inner : &outer->modifiers, text, err) < 0)
		return -1;
	both.pinned = pinned;
	both.exclusive = exclusive;
	*inner = both;
	return 0;
}

/* --- One event ------------------------------------------------------------------------------------- */

/* Append what a name means on each core PMU that can count it. */
static void append_meaning(const struct context *in, struct hw_meaning *meaning)
{
	struct hw_event *event = &meaning->list.at[0];

	if (meaning->list.count > 1 || (event->any_core && in->cores->list.count))
		in->made->whole_count++;
	if (!event->any_core || !in->cores->list.count) {
		for (size_t i = 0; i < meaning->list.count; i++) {
			meaning->list.at[i].whole_id = meaning->list.at[i].pmu ? in->made->whole_count : 0;
			hw_vec_push(&in->made->list, meaning->list.at[i]);
		}
		hw_vec_fini(&meaning->list);
		return;
	}
	for (size_t i = 0; i < in->cores->list.count; i++) {
		struct hw_event part;

		hw_core_pmu_part(&part, event, &in->cores->list.at[i], in->pmus);
		part.whole_id = in->made->whole_count;
		hw_vec_push(&in->made->list, part);
	}
	hw_meaning_fini(meaning);
}

/* --- Groups ---------------------------------------------------------------------------------------- */

struct members {
	HW_VEC(struct hw_meaning) list;
};

static void members_fini(struct members *members)
{
	for (size_t i = 0; i < members->list.count; i++)
		hw_meaning_fini(&members->list.at[i]);
	hw_vec_fini(&members->list);
}

static int refuse_member(const struct context *in, const struct hw_spec *spec, const char *text,
			 bool is_first)
{
	if (!is_first && (spec->modifiers.pinned || spec->modifiers.exclusive)) {
		(void)hw_err_set(in->err, HW_ERR_USAGE,
				 "event '%s': only a whole group can be pinned (D) or exclusive (e)", text);
		return hw_err_hint(in->err, "put the letter behind the group: {...}:%s",
				   spec->modifiers.pinned ? "D" : "e");
	}
	if (hw_meaning_preset(spec, in->lookup.catalogue)) {
		(void)hw_err_set(in->err, HW_ERR_USAGE, "'%s' is a preset and cannot be in a group",
				 spec->name);
		return hw_err_hint(in->err, "it has groups of its own: leave the braces out");
	}
	return 0;
}

static int add_member(struct members *members, const char *text, const struct outer *group,
		      const struct context *in)
{
	HW_AUTO(hw_freep) char *whole_text = hw_asprintf("%s%s", text, group->text);
	struct hw_meaning meaning = { 0 };
	struct hw_spec spec;
	int result = hw_event_parse(&spec, text, in->err);

	if (result == 0)
		result = refuse_member(in, &spec, text, !members->list.count);
	if (result == 0)
		result = add_outer(&spec.modifiers, group, !members->list.count, whole_text, in->err);
	if (result == 0)
		result = hw_meaning_find(&meaning, &spec, whole_text, &in->lookup, in->err);
	hw_vec_push(&members->list, meaning);
	hw_spec_fini(&spec);
	return result;
}

static bool is_of_cores(const struct context *in, const struct hw_event *event)
{
	return event->any_core || event->pmu || event->attr.type == PERF_TYPE_RAW ||
	       hw_core_pmu_of(in->cores, event);
}

static bool is_of_packages(const struct context *in, const struct hw_event *event)
{
	int *cpus;
	size_t count;
	const bool is = hw_pmu_cpus(in->pmus, event, &cpus, &count) == HW_PMU_REACH_PACKAGE;

	free(cpus);
	return is;
}

static int refuse_mix(const struct hw_event *a, const struct hw_event *b, const char *text,
		      const struct context *in)
{
	(void)hw_err_set(in->err, HW_ERR_USAGE, "group '%s': '%s' and '%s' are counted by different PMUs",
			 text, a->name, b->name);
	return hw_err_hint(in->err,
			   "events of one group share the counters of one PMU: leave the braces out");
}

static int refuse_boxes(const struct hw_event *part, const char *text, const struct context *in)
{
	(void)hw_err_set(in->err, HW_ERR_USAGE, "group '%s': '%s' is counted by several PMUs", text,
			 part->whole);
	return hw_err_hint(in->err, "name one of them: %s", part->name);
}

/* Which core PMU the group is for: *only is NULL when its members do not care. -1 when they cannot be together: the
 * kernel takes hardware events of one PMU in a group, and software events beside them (perf_event_open(2)). */
static int check_mix(const struct hw_pmu **only, const struct members *members, const char *text,
		     const struct context *in)
{
	const struct hw_event *chooser = NULL;
	const struct hw_event *of_cores = NULL;
	const struct hw_event *of_packages = NULL;

	*only = NULL;
	for (size_t i = 0; i < members->list.count; i++) {
		const struct hw_event *event = &members->list.at[i].list.at[0];
		const struct hw_pmu *pmu = event->pmu ? NULL : hw_core_pmu_of(in->cores, event);

		if (event->pmu && !hw_core_pmu_of(in->cores, event))
			return refuse_boxes(event, text, in);
		if (pmu && *only && pmu != *only)
			return refuse_mix(chooser, event, text, in);
		if (pmu) {
			*only = pmu;
			chooser = event;
		}
		if (is_of_cores(in, event)) {
			of_cores = event;
		} else if (is_of_packages(in, event)) {
			if (of_packages && of_packages->attr.type != event->attr.type)
				return refuse_mix(of_packages, event, text, in);
			of_packages = event;
		}
	}
	return of_cores && of_packages ? refuse_mix(of_cores, of_packages, text, in) : 0;
}

/* What a member is on one core PMU: false when it is nothing there. */
static bool member_on(struct hw_event *part, const struct hw_meaning *member, const struct hw_pmu *pmu,
		      const char *root)
{
	for (size_t i = 0; i < member->list.count; i++) {
		const struct hw_event *event = &member->list.at[i];

		if (!event->pmu) {
			hw_core_pmu_part(part, event, pmu, root);
			return true;
		}
		if (strcmp(event->pmu, pmu->name) == 0) {
			hw_event_copy(part, event);
			return true;
		}
	}
	return false;
}

/* The group is counted by one core PMU alone: its members are whole. */
static void make_whole(struct hw_event *event, bool was_any)
{
	if (!was_any) {
		free(event->name);
		event->name = event->whole;
	} else {
		free(event->whole);
	}
	free(event->pmu);
	event->pmu = event->whole = NULL;
	event->whole_id = 0;
}

/* The members as they are on one core PMU. */
static void append_group_on(const struct context *in, const struct members *members, const struct hw_pmu *pmu,
			    bool is_only)
{
	const struct perf_event_attr *leader = &members->list.at[0].list.at[0].attr;
	bool any = false;

	for (size_t i = 0; i < members->list.count; i++) {
		struct hw_event part;

		if (!member_on(&part, &members->list.at[i], pmu, in->pmus))
			continue;
		if (!any) { /* the group's own leader may have no part here */
			part.attr.pinned = leader->pinned;
			part.attr.exclusive = leader->exclusive;
		}
		any = true;
		part.whole_id = in->made->whole_count + (uint32_t)i + 1;
		part.group = in->made->group_count + 1;
		if (is_only)
			make_whole(&part, members->list.at[i].list.at[0].any_core);
		hw_vec_push(&in->made->list, part);
	}
	in->made->group_count += any;
}

static bool has_core_member(const struct members *members)
{
	for (size_t i = 0; i < members->list.count; i++)
		if (members->list.at[i].list.at[0].any_core || members->list.at[i].list.at[0].pmu)
			return true;
	return false;
}

static void append_group(const struct context *in, struct members *members, const struct hw_pmu *only)
{
	if (in->cores->list.count && has_core_member(members)) {
		for (size_t i = 0; i < in->cores->list.count; i++)
			if (!only || only == &in->cores->list.at[i])
				append_group_on(in, members, &in->cores->list.at[i], only);
		in->made->whole_count += only ? 0 : (uint32_t)members->list.count;
		return;
	}
	in->made->group_count++;
	for (size_t i = 0; i < members->list.count; i++) {
		struct hw_event *event = &members->list.at[i].list.at[0];

		event->group = in->made->group_count;
		hw_vec_push(&in->made->list, *event);
		*event = (struct hw_event){ 0 };
	}
}

static int add_members(const struct context *in, const struct hw_spec_group *group, const char *text,
		       const struct outer *outer)
{
	HW_AUTO(hw_freep) char *modifiers_text = hw_asprintf("%s%s", strchr(text, '}') + 1, outer->text);
	struct outer own = { .modifiers = group->modifiers,
			     .text = modifiers_text,
			     .from_preset = outer->from_preset };
	const char *list = group->members;
	const struct hw_pmu *only;
	struct members members = { 0 };
	char *member = NULL;
	int result = add_outer(&own.modifiers, outer, true, text, in->err);

	while (result == 0 && hw_spec_list_next(&list, &member)) {
		result = add_member(&members, member, &own, in);
		free(member);
	}
	if (result == 0)
		result = check_mix(&only, &members, text, in);
	if (result == 0)
		append_group(in, &members, only);
	members_fini(&members);
	return result;
}

static int add_group(const struct context *in, const char *text, const struct outer *outer)
{
	struct hw_spec_group group;
	int result = hw_spec_group_parse(&group, text, in->err);

	if (result == 0)
		result = add_members(in, &group, text, outer);
	hw_spec_group_fini(&group);
	return result;
}

/* --- Items ----------------------------------------------------------------------------------------- */

static int add_item(const struct context *in, const char *text, const struct outer *outer);

static int add_preset(const struct context *in, const struct hw_preset *preset, const struct hw_spec *spec,
		      const char *text)
{
	const struct outer typed = { .modifiers = spec->modifiers,
				     .text = text + strlen(spec->name),
				     .from_preset = true };

	for (size_t i = 0; i < preset->texts.count; i++)
		if (add_item(in, preset->texts.at[i], &typed) < 0)
			return hw_err_wrap(in->err, "preset '%s' of the event tables", preset->name);
	return 0;
}

static int add_event(const struct context *in, const struct hw_spec *spec, const char *text,
		     const struct outer *outer)
{
	HW_AUTO(hw_freep) char *whole_text = hw_asprintf("%s%s", text, outer->text);
	struct hw_spec merged = *spec; /* borrows the texts */
	struct hw_meaning meaning;
	int result;

	if (add_outer(&merged.modifiers, outer, true, whole_text, in->err) < 0)
		return -1;
	result = hw_meaning_find(&meaning, &merged, whole_text, &in->lookup, in->err);
	if (result == 0)
		append_meaning(in, &meaning);
	hw_meaning_fini(&meaning);
	return result;
}

static int add_item(const struct context *in, const char *text, const struct outer *outer)
{
	const struct hw_preset *preset;
	struct hw_spec spec;
	int result;

	if (hw_spec_is_group(text))
		return add_group(in, text, outer);
	result = hw_event_parse(&spec, text, in->err);
	preset = result == 0 && !outer->from_preset ? hw_meaning_preset(&spec, in->lookup.catalogue) : NULL;
	if (preset)
		result = add_preset(in, preset, &spec, text);
	else if (result == 0)
		result = add_event(in, &spec, text, outer);
	hw_spec_fini(&spec);
	return result;
}

static int add_list(const struct context *in, const char *list)
{
	char *text = NULL;

	while (hw_spec_list_next(&list, &text)) {
		const int added = add_item(in, text, &nothing);

		free(text);
		if (added < 0)
			return -1;
	}
	return 0;
}

static bool needs_catalogue(const char *item)
{
	struct hw_spec_group group;
	struct hw_spec spec;
	bool needs;

	if (!hw_spec_is_group(item)) {
		needs = hw_spec_parse(&spec, item, NULL) == 0 && hw_meaning_may_be_of_catalogue(&spec);
		hw_spec_fini(&spec);
		return needs;
	}
	needs = hw_spec_group_parse(&group, item, NULL) == 0 && hw_events_need_catalogue(group.members);
	hw_spec_group_fini(&group);
	return needs;
}

bool hw_events_need_catalogue(const char *text)
{
	bool needs = false;
	char *item = NULL;

	while (hw_spec_list_next(&text, &item)) {
		needs = needs || needs_catalogue(item);
		free(item);
	}
	return needs;
}

int hw_events_add_in(struct hw_events *events, const char *text, const struct hw_event_defaults *defaults,
		     const struct hw_catalogue *catalogue, const struct hw_event_roots *roots,
		     struct hw_err *err)
{
	struct hw_events made = { .group_count = events->group_count, .whole_count = events->whole_count };
	struct hw_pmus cores;
	const struct context in = {
		.lookup = { .defaults = defaults, .catalogue = catalogue, .roots = roots, .cores = &cores },
		.cores = &cores,
		.pmus = roots->pmus,
		.made = &made,
		.err = err,
	};
	int result;

	hw_pmus_read(&cores, roots->pmus);
	hw_pmus_keep_hybrid(&cores);
	result = add_list(&in, text);
	hw_pmus_fini(&cores);
	if (result < 0) {
		hw_events_fini(&made);
		return -1;
	}
	hw_vec_reserve(&events->list, made.list.count);
	for (size_t i = 0; i < made.list.count; i++)
		hw_vec_push(&events->list, made.list.at[i]);
	hw_vec_fini(&made.list);
	events->group_count = made.group_count;
	events->whole_count = made.whole_count;
	return 0;
}

int hw_events_add(struct hw_events *events, const char *text, const struct hw_event_defaults *defaults,
		  const struct hw_catalogue *catalogue, struct hw_err *err)
{
	struct hw_event_roots roots;

	hw_event_roots_get(&roots);
	return hw_events_add_in(events, text, defaults, catalogue, &roots, err);
}

void hw_events_fini(struct hw_events *events)
{
	for (size_t i = 0; i < events->list.count; i++)
		hw_event_fini(&events->list.at[i]);
	hw_vec_fini(&events->list);
	events->group_count = events->whole_count = 0;
}
