#include "event/resolve.h"

#include "event/names.h"
#include "event/pfm.h"
#include "event/pmu.h"
#include "event/spec.h"
#include "event/tracepoint.h"

/* --- Which event ----------------------------------------------------------------------------------- */

/* A name of sysfs without its PMU, as in mem-loads for cpu/mem-loads/. As find_word. */
static int find_bare(struct perf_event_attr *attr, const char *name, const struct hw_event_roots *roots,
		     struct hw_err *err)
{
	struct hw_spec_term term = { .key = (char *)name };
	const struct hw_spec_terms terms = { .list = { .at = &term, .count = 1 } };
	char pmu[256];

	if (strchr(name, ':') || !hw_pmu_find_event(pmu, sizeof pmu, roots->pmus, name))
		return 0;
	return hw_pmu_encode(attr, roots->pmus, pmu, &terms, name, err) < 0 ? -1 : 1;
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
static int find_word(struct perf_event_attr *attr, const char *name, const struct hw_event_roots *roots,
		     struct hw_err *err)
{
	uint32_t type;
	uint64_t config;
	int found;

	if (hw_names_find(name, &type, &config)) {
		attr->type = type;
		attr->config = config;
		return 1;
	}
	found = find_bare(attr, name, roots, err);
	if (found)
		return found;
	if (hw_names_raw(name, &config)) {
		attr->type = PERF_TYPE_RAW;
		attr->config = config;
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
		return hw_err_hint(
			err, "modifiers are u k h G H (where), p pp ppp P (precise), period=N, freq=HZ, "
			     "precise=N");
	}
	(void)hw_err_set(err, HW_ERR_EVENT, "unknown event '%s'", name);
	hw_nearest_init(&nearest, name);
	hw_names_offer(&nearest);
	hw_pmu_offer(&nearest, roots->pmus, NULL);
	hw_pfm_offer(&nearest);
	hw_tracepoint_offer(&nearest, roots->tracepoints, name);
	if (hw_nearest_print(&hint, &nearest))
		(void)hw_err_hint(err, "%s", hw_buf_str(&hint));
	hw_buf_fini(&hint);
	return -1;
}

static int set_type(struct perf_event_attr *attr, const struct hw_spec *spec, const char *text,
		    const struct hw_event_roots *roots, struct hw_err *err)
{
	int found;

	if (spec->pmu)
		return hw_pmu_encode(attr, roots->pmus, spec->pmu, &spec->terms, text, err);
	found = find_word(attr, spec->name, roots, err);
	return found > 0 ? 0 : found < 0 ? -1 : unknown_event(text, spec->name, roots, err);
}

/* --- How to count it ------------------------------------------------------------------------------- */

/* Levels as perf's modifiers set them: naming one leaves out the others. Guests are left out unless named: their
 * addresses belong to processes that nobody here can name. */
static int set_levels(struct perf_event_attr *attr, const struct hw_spec *spec, const char *text,
		      const struct hw_event_defaults *defaults, struct hw_err *err)
{
	const bool own = spec->user || spec->kernel || spec->hypervisor;
	const bool user = own ? spec->user : defaults->user_only;
	const bool kernel = own ? spec->kernel : defaults->kernel_only;

	if (defaults->user_only && defaults->kernel_only)
		return hw_err_set(err, HW_ERR_USAGE, "options -u and -k contradict each other");
	if ((defaults->user_only && own && !user) || (defaults->kernel_only && own && !kernel))
		return hw_err_set(err, HW_ERR_USAGE, "event '%s' and option -%c contradict each other", text,
				  defaults->user_only ? 'u' : 'k');
	if (user || kernel || spec->hypervisor) {
		attr->exclude_user = !user;
		attr->exclude_kernel = !kernel;
		attr->exclude_hv = !spec->hypervisor;
	}
	attr->exclude_guest = !spec->guest;
	attr->exclude_host = spec->guest && !spec->host;
	return 0;
}

static bool has_skid(const struct perf_event_attr *attr)
{
	return attr->type != PERF_TYPE_SOFTWARE && attr->type != PERF_TYPE_TRACEPOINT;
}

/* The kernel takes a precise level for any event and ignores it for those that no hardware samples. */
static int set_precise(struct hw_event *event, const struct hw_spec *spec, struct hw_err *err)
{
	if (!spec->precise_given || (spec->precise_max && !has_skid(&event->attr)))
		return 0;
	if (spec->precise && !has_skid(&event->attr))
		return hw_err_set(err, HW_ERR_EVENT, "event '%s': only hardware events have precise levels",
				  event->text);
	event->attr.precise_ip = (unsigned)spec->precise & 3u;
	event->precise_asked = spec->precise;
	event->precise_max = spec->precise_max;
	return 0;
}

static void set_rate(struct perf_event_attr *attr, const struct hw_spec *spec,
		     const struct hw_event_defaults *defaults)
{
	const bool own = spec->period_events || spec->freq_hz;
	const uint64_t freq_hz = own ? spec->freq_hz : defaults->freq_hz;
	const uint64_t period_events = own ? spec->period_events : defaults->period_events;

	if (attr->type == PERF_TYPE_TRACEPOINT && !own &&
	    (defaults->freq_is_default || (!freq_hz && !period_events))) {
		attr->sample_period = 1; /* each one, as perf does: they are rare and all different */
	} else if (freq_hz) {
		attr->freq = 1;
		attr->sample_freq = freq_hz;
	} else {
		attr->sample_period = period_events;
	}
}

static bool is_clock(const struct perf_event_attr *attr)
{
	return attr->type == PERF_TYPE_SOFTWARE &&
	       (attr->config == PERF_COUNT_SW_CPU_CLOCK || attr->config == PERF_COUNT_SW_TASK_CLOCK);
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
	event->name = hw_strdup(spec->label ? spec->label : spec->name);
	if (set_type(attr, spec, event->text, roots, err) < 0 ||
	    set_levels(attr, spec, event->text, defaults, err) < 0 || set_precise(event, spec, err) < 0)
		return -1;
	set_rate(attr, spec, defaults);
	event->unit = is_clock(attr) ? "nanoseconds" : "count";
	return is_clock(attr) ? check_clock_rate(event, err) : 0;
}

int hw_event_resolve_in(struct hw_event *event, const char *text, const struct hw_event_defaults *defaults,
			const struct hw_event_roots *roots, struct hw_err *err)
{
	struct hw_event made = { .text = hw_strdup(text) };
	struct hw_spec spec;
	int result = hw_spec_parse(&spec, text, err);

	if (result == 0)
		result = resolve(&made, &spec, defaults, roots, err);
	hw_spec_fini(&spec);
	if (result < 0)
		hw_event_fini(&made);
	else
		*event = made;
	return result;
}

int hw_event_resolve(struct hw_event *event, const char *text, const struct hw_event_defaults *defaults,
		     struct hw_err *err)
{
	static const char *const tracepoints[] = { HW_TRACEPOINT_ROOTS };
	const struct hw_event_roots roots = { .pmus = HW_PMU_ROOT, .tracepoints = tracepoints };

	return hw_event_resolve_in(event, text, defaults, &roots, err);
}

void hw_event_fini(struct hw_event *event)
{
	free(event->text);
	free(event->name);
	free(event->pmu);
	free(event->whole);
	*event = (struct hw_event){ 0 };
}

/* --- Several events -------------------------------------------------------------------------------- */

static bool is_name_shared(const struct hw_event *events, size_t count, size_t index)
{
	for (size_t i = 0; i < count; i++)
		if (i != index && strcmp(events[i].name, events[index].name) == 0)
			return true;
	return false;
}

int hw_events_set_names(struct hw_event *events, size_t count, struct hw_err *err)
{
	HW_AUTO(hw_freep) bool *shared = hw_alloc(count, sizeof *shared);

	for (size_t i = 0; i < count; i++)
		shared[i] = is_name_shared(events, count, i);
	for (size_t i = 0; i < count; i++) {
		if (!shared[i])
			continue;
		free(events[i].name);
		events[i].name = hw_strdup(events[i].text);
	}
	for (size_t i = 0; i < count; i++)
		if (is_name_shared(events, count, i))
			return hw_err_set(err, HW_ERR_USAGE, "event '%s' is given twice", events[i].name);
	return 0;
}
