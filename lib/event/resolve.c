#include "event/resolve.h"

#include "event/names.h"
#include "event/pfm.h"
#include "event/pmu.h"
#include "event/spec.h"
#include "event/tracepoint.h"

/* --- Which event ----------------------------------------------------------------------------------- */

/* A name of sysfs without its PMU, as in mem-loads for cpu/mem-loads/. As find_word. */
static int find_bare(struct hw_event *event, const char *name, const struct hw_event_roots *roots,
		     struct hw_err *err)
{
	struct hw_spec_term term = { .key = (char *)name };
	const struct hw_spec_terms terms = { .list = { .at = &term, .count = 1 } };
	char pmu[256];

	if (strchr(name, ':') || !hw_pmu_find_event(pmu, sizeof pmu, roots->pmus, name))
		return 0;
	if (hw_pmu_encode(&event->attr, roots->pmus, pmu, &terms, name, err) < 0)
		return -1;
	hw_pmu_describe(event, roots->pmus, pmu, &terms);
	return 1;
}

static int find_pfm(struct perf_event_attr *attr, const char *name, struct hw_err *err)
{
	struct hw_pfm_encoding encoding;
	const int found = hw_pfm_encode(&encoding, name, err);

	if (found > 0) {
		attr->type = encoding.type;
		attr->config = encoding.config;
		attr->config1 = encoding.config1;
		attr->config2 = encoding.config2;
	}
	return found;
}

static int find_tracepoint(struct perf_event_attr *attr, const char *name, const struct hw_event_roots *roots,
			   struct hw_err *err)
{
	uint64_t id;
	const int found = hw_tracepoint_find(&id, roots->tracepoints, name, err);

	if (found > 0) {
		attr->type = PERF_TYPE_TRACEPOINT;
		attr->config = id;
	}
	return found;
}

/* "cycles:x": the event is there, the part behind it is no modifier. */
static bool is_bad_modifier(const char *name)
{
	HW_AUTO(hw_freep) char *first = hw_strndup(name, strcspn(name, ":"));
	uint32_t type;
	uint64_t config;

	return strchr(name, ':') && (hw_names_find(first, &type, &config) || hw_names_raw(first, &config));
}

/* Set type and config*: 1 when the word is an event, 0 when nobody knows it, -1 with err.
 * sysfs comes before raw codes, so that an event called "read" is not taken for r0xead; libpfm4 before tracepoints,
 * so that tracefs is not asked (and may refuse) about EVENT:UMASK. */
static int find_word(struct hw_event *event, const char *name, const struct hw_event_roots *roots,
		     struct hw_err *err)
{
	struct perf_event_attr *attr = &event->attr;
	uint32_t type;
	uint64_t config;
	int found;

	if (hw_names_find(name, &type, &config)) {
		attr->type = type;
		attr->config = config;
		event->any_core = type != PERF_TYPE_SOFTWARE;
		return 1;
	}
	found = find_bare(event, name, roots, err);
	if (found)
		return found;
	if (hw_names_raw(name, &config)) {
		attr->type = PERF_TYPE_RAW;
		attr->config = config;
		event->any_core = true;
		return 1;
	}
	if (is_bad_modifier(name)) /* or libpfm4 would take it, as an attribute of its own copy of the name */
		return 0;
	found = find_pfm(attr, name, err);
	return found ? found : find_tracepoint(attr, name, roots, err);
}

static int unknown_event(const char *text, const char *name, const struct hw_event_roots *roots,
			 struct hw_err *err)
{
	struct hw_buf hint = { 0 };
	struct hw_nearest nearest;

	if (is_bad_modifier(name)) {
		(void)hw_err_set(err, HW_ERR_USAGE, "event '%s': '%s' is not a modifier", text,
				 strchr(name, ':'));
		return hw_err_hint(err, "%s", HW_MODIFIERS_HINT);
	}
	if (strpbrk(name, "*?[")) {
		(void)hw_err_set(err, HW_ERR_EVENT,
				 "event '%s' is a pattern, and events are named one by one", name);
		return hw_err_hint(err, "hwprof list '%s' shows what it matches", name);
	}
	(void)hw_err_set(err, HW_ERR_EVENT, "unknown event '%s'", name);
	hw_nearest_init(&nearest, name);
	hw_names_offer(&nearest);
	hw_pmu_offer(&nearest, roots->pmus, NULL);
	hw_pfm_offer(&nearest);
	hw_tracepoint_offer(&nearest, roots->tracepoints, name);
	(void)hw_nearest_print(&hint, &nearest);
	(void)hw_err_hint(err, "%s%s'hwprof list' shows the events of this machine", hw_buf_str(&hint),
			  hint.size ? " " : "");
	hw_buf_fini(&hint);
	return -1;
}

/* The event's own word: all of a spec without slashes; "cycles" of "cycles/period=7/", which perf takes, too. NULL when
 * a PMU stands before the slash. */
static const char *word_of(const struct hw_spec *spec)
{
	uint32_t type;
	uint64_t config;

	if (!spec->pmu)
		return spec->name;
	if (strchr(spec->pmu, ':') || hw_names_find(spec->pmu, &type, &config) ||
	    hw_names_raw(spec->pmu, &config))
		return spec->pmu;
	return NULL;
}

static int set_type(struct hw_event *event, const struct hw_spec *spec, const struct hw_event_roots *roots,
		    struct hw_err *err)
{
	const char *word = word_of(spec);
	int found;

	if (!word) {
		if (hw_pmu_encode(&event->attr, roots->pmus, spec->pmu, &spec->terms, event->text, err) < 0)
			return -1;
		hw_pmu_describe(event, roots->pmus, spec->pmu, &spec->terms);
		return 0;
	}
	if (spec->terms.list.count) {
		(void)hw_err_set(err, HW_ERR_USAGE,
				 "event '%s': '%s' is an event, not a PMU, and takes no '%s'", event->text,
				 word, spec->terms.list.at[0].key);
		return hw_err_hint(err, "between its slashes may stand name=, period=, freq= and precise=");
	}
	found = find_word(event, word, roots, err);
	return found > 0 ? 0 : found < 0 ? -1 : unknown_event(event->text, word, roots, err);
}

/* --- How to count it ------------------------------------------------------------------------------- */

/* Do the PMU's events know of guests? Others than the cores' and the kernel's own mostly refuse any exclude bit
 * (PERF_PMU_CAP_NO_EXCLUDE in the kernel). */
static bool knows_guests(const struct perf_event_attr *attr, const struct hw_spec *spec,
			 const struct hw_event_roots *roots)
{
	return attr->type < PERF_TYPE_MAX || (spec->pmu && hw_pmu_is_core(roots->pmus, spec->pmu));
}

/* Levels as perf's modifiers set them: naming one leaves out the others. Guests are left out unless named: their
 * addresses belong to processes that nobody here can name. */
static int set_levels(struct hw_event *event, const struct hw_spec *spec,
		      const struct hw_event_defaults *defaults, const struct hw_event_roots *roots,
		      struct hw_err *err)
{
	const struct hw_modifiers *m = &spec->modifiers;
	struct perf_event_attr *attr = &event->attr;
	const bool own = m->user || m->kernel || m->hypervisor;
	const bool user = own ? m->user : defaults->user_only;
	const bool kernel = own ? m->kernel : defaults->kernel_only;

	if (defaults->user_only && defaults->kernel_only)
		return hw_err_set(err, HW_ERR_USAGE, "options -u and -k contradict each other");
	if ((defaults->user_only && own && !user) || (defaults->kernel_only && own && !kernel))
		return hw_err_set(err, HW_ERR_USAGE, "event '%s' and option -%c contradict each other",
				  event->text, defaults->user_only ? 'u' : 'k');
	if (user || kernel || m->hypervisor) {
		attr->exclude_user = !user;
		attr->exclude_kernel = !kernel;
		attr->exclude_hv = !m->hypervisor;
	}
	attr->exclude_guest = !m->guest && (m->host || knows_guests(attr, spec, roots));
	attr->exclude_host = m->guest && !m->host;
	attr->exclude_idle = m->exclude_idle;
	event->guest_asked = m->guest || m->host;
	return 0;
}

/* The kernel takes a precise level for any event and ignores it for those that no hardware samples. */
static int set_precise(struct hw_event *event, const struct hw_spec *spec, struct hw_err *err)
{
	const struct hw_modifiers *m = &spec->modifiers;

	if (!m->precise_given || (m->precise_max && !hw_attr_needs_counter(&event->attr)))
		return 0;
	if (m->precise && !hw_attr_needs_counter(&event->attr))
		return hw_err_set(err, HW_ERR_EVENT, "event '%s': only hardware events have precise levels",
				  event->text);
	event->attr.precise_ip = (unsigned)m->precise & 3u;
	event->precise_asked = m->precise;
	event->precise_max = m->precise_max;
	return 0;
}

/* Events that are rare and all different: unless a rate is asked for, each one is a sample. For tracepoints perf does the
 * same. By frequency the kernel would also tell periods of software events that it has shortened meanwhile, which add
 * up to several times what it counts (perf_adjust_period() in kernel/events/core.c). */
static bool is_taken_each(const struct perf_event_attr *attr)
{
	if (attr->type == PERF_TYPE_TRACEPOINT)
		return true;
	return attr->type == PERF_TYPE_SOFTWARE && (attr->config == PERF_COUNT_SW_CONTEXT_SWITCHES ||
						    attr->config == PERF_COUNT_SW_CPU_MIGRATIONS ||
						    attr->config == PERF_COUNT_SW_PAGE_FAULTS_MAJ ||
						    attr->config == PERF_COUNT_SW_ALIGNMENT_FAULTS ||
						    attr->config == PERF_COUNT_SW_EMULATION_FAULTS);
}

static void set_rate(struct perf_event_attr *attr, const struct hw_modifiers *modifiers,
		     const struct hw_event_defaults *defaults)
{
	const bool own = modifiers->period_events || modifiers->freq_hz;
	const uint64_t freq_hz = own ? modifiers->freq_hz : defaults->freq_hz;
	const uint64_t period_events = own ? modifiers->period_events : defaults->period_events;

	if (is_taken_each(attr) && !own && (defaults->freq_is_default || (!freq_hz && !period_events))) {
		attr->sample_period = 1;
	} else if (freq_hz) {
		attr->freq = 1;
		attr->sample_freq = freq_hz;
	} else {
		attr->sample_period = period_events;
	}
}

static int check_clock_rate(const struct hw_event *event, struct hw_err *err)
{
	const struct perf_event_attr *attr = &event->attr;

	if (attr->freq || !attr->sample_period || attr->sample_period >= HW_CLOCK_PERIOD_MIN_NS)
		return 0;
	(void)hw_err_set(err, HW_ERR_USAGE, "event '%s': the kernel's timer takes no period below %d ns",
			 event->text, HW_CLOCK_PERIOD_MIN_NS);
	return hw_err_hint(err, "periods of %s are nanoseconds: 1000000 is 1,000 samples per second",
			   event->name);
}

static int resolve(struct hw_event *event, const struct hw_spec *spec,
		   const struct hw_event_defaults *defaults, const struct hw_event_roots *roots,
		   struct hw_err *err)
{
	struct perf_event_attr *attr = &event->attr;

	if (defaults->freq_hz && defaults->period_events)
		return hw_err_set(err, HW_ERR_USAGE,
				  "a frequency and a period contradict each other: one decides");
	attr->size = sizeof *attr;
	if (set_type(event, spec, roots, err) < 0 || set_levels(event, spec, defaults, roots, err) < 0 ||
	    set_precise(event, spec, err) < 0)
		return -1;
	attr->pinned = spec->modifiers.pinned;
	attr->exclusive = spec->modifiers.exclusive;
	set_rate(attr, &spec->modifiers, defaults);
	if (!event->unit)
		event->unit = hw_attr_is_clock(attr) ? "nanoseconds" : "count";
	return hw_attr_is_clock(attr) ? check_clock_rate(event, err) : 0;
}

static const char *name_of(const struct hw_spec *spec)
{
	const char *word = word_of(spec);

	return spec->label ? spec->label : word ? word : spec->name;
}

int hw_event_resolve_spec(struct hw_event *event, const struct hw_spec *spec, const char *text,
			  const char *name, const struct hw_event_defaults *defaults,
			  const struct hw_event_roots *roots, struct hw_err *err)
{
	struct hw_event made = { .text = hw_strdup(text),
				 .name = hw_strdup(name ? name : name_of(spec)),
				 .scale = 1 };

	if (resolve(&made, spec, defaults, roots, err) < 0) {
		hw_event_fini(&made);
		return -1;
	}
	*event = made;
	return 0;
}

/* Is the part a unit mask or attribute of an event that only libpfm4 knows? */
static bool is_pfm_part(const char *name, const char *part)
{
	uint32_t type;
	uint64_t config;

	return !hw_names_find(name, &type, &config) && !hw_names_raw(name, &config) &&
	       hw_pfm_has_attribute(name, part);
}

int hw_event_parse(struct hw_spec *spec, const char *text, struct hw_err *err)
{
	return hw_spec_parse_with(spec, text, is_pfm_part, err);
}

int hw_event_resolve_in(struct hw_event *event, const char *text, const struct hw_event_defaults *defaults,
			const struct hw_event_roots *roots, struct hw_err *err)
{
	struct hw_spec spec;
	int result = hw_event_parse(&spec, text, err);

	if (result == 0)
		result = hw_event_resolve_spec(event, &spec, text, NULL, defaults, roots, err);
	hw_spec_fini(&spec);
	return result;
}

void hw_event_roots_get(struct hw_event_roots *roots)
{
	static const char *const tracepoints[] = { HW_TRACEPOINT_ROOTS };

	*roots = (struct hw_event_roots){ .pmus = HW_PMU_ROOT, .tracepoints = tracepoints };
}

int hw_event_resolve(struct hw_event *event, const char *text, const struct hw_event_defaults *defaults,
		     struct hw_err *err)
{
	struct hw_event_roots roots;

	hw_event_roots_get(&roots);
	return hw_event_resolve_in(event, text, defaults, &roots, err);
}

void hw_event_copy(struct hw_event *to, const struct hw_event *from)
{
	*to = *from;
	to->text = hw_strdup(from->text);
	to->name = hw_strdup(from->name);
	if (from->unit_text)
		to->unit = to->unit_text = hw_strdup(from->unit_text);
	if (from->pmu)
		to->pmu = hw_strdup(from->pmu);
	if (from->whole)
		to->whole = hw_strdup(from->whole);
}

void hw_event_fini(struct hw_event *event)
{
	free(event->text);
	free(event->name);
	free(event->unit_text);
	free(event->pmu);
	free(event->whole);
	*event = (struct hw_event){ 0 };
}
