#include "event/pfm.h"

#include <perfmon/pfmlib_perf_event.h>

/* Both levels: libpfm4 refuses an event for no level. */
#define ALL_LEVELS (PFM_PLM0 | PFM_PLM3)

static const char *attr_form(const pfm_event_attr_info_t *attr)
{
	switch (attr->type) {
	case PFM_ATTR_MOD_BOOL:
		return "=0|1";
	case PFM_ATTR_MOD_INTEGER:
		return "=N";
	default:
		return "";
	}
}

/* libpfm4's own words for where to count; ours (spec.h) take their place. */
static bool is_level(const char *name)
{
	static const char *const levels[] = { "u", "k", "h", "g", "mg", "mh" };

	for (size_t i = 0; i < HW_COUNT_OF(levels); i++)
		if (strcmp(levels[i], name) == 0)
			return true;
	return false;
}

/* The event that a name is about, without its unit masks; libpfm4's index of it, or a negative number. */
static int find_event(const char *name, pfm_event_info_t *info)
{
	HW_AUTO(hw_freep) char *plain = hw_strdup(name);
	char *event = strstr(plain, "::");
	int idx;

	event = event ? event + 2 : plain;
	event[strcspn(event, ":")] = '\0';
	idx = pfm_find_event(plain);
	if (idx >= 0 && pfm_get_event_info(idx, PFM_OS_PERF_EVENT, info) != PFM_SUCCESS)
		idx = -1;
	return idx;
}

bool hw_pfm_has_attribute(const char *name, const char *part)
{
	pfm_event_info_t info = { .size = sizeof info };
	const int idx = pfm_initialize() == PFM_SUCCESS ? find_event(name, &info) : -1;

	for (int i = 0; idx >= 0 && i < info.nattrs && !is_level(part); i++) {
		pfm_event_attr_info_t attr = { .size = sizeof attr };

		if (pfm_get_event_attr_info(idx, i, PFM_OS_PERF_EVENT, &attr) == PFM_SUCCESS &&
		    strcmp(attr.name, part) == 0)
			return true;
	}
	return false;
}

/* The unit masks and attributes an event takes, as many as fit a hint. */
static void hint_attributes(struct hw_err *err, const char *name)
{
	pfm_event_info_t info = { .size = sizeof info };
	struct hw_buf hint = { 0 };
	const int idx = find_event(name, &info);

	if (idx < 0)
		return;
	for (int i = 0; i < info.nattrs && hint.size < 400; i++) {
		pfm_event_attr_info_t attr = { .size = sizeof attr };

		if (pfm_get_event_attr_info(idx, i, PFM_OS_PERF_EVENT, &attr) == PFM_SUCCESS &&
		    !is_level(attr.name))
			hw_buf_printf(&hint, " :%s%s", attr.name, attr_form(&attr));
	}
	if (hint.size)
		(void)hw_err_hint(err, "%s takes%s", info.name, hw_buf_str(&hint));
	hw_buf_fini(&hint);
}

/* libpfm4 asks sysfs for the type of PMUs other than the cores'. */
static int refuse_absent_pmu(const char *name, struct hw_err *err)
{
	pfm_event_info_t info = { .size = sizeof info };
	pfm_pmu_info_t pmu = { .size = sizeof pmu };

	if (find_event(name, &info) < 0 || pfm_get_pmu_info(info.pmu, &pmu) != PFM_SUCCESS)
		return 0;
	(void)hw_err_set(err, HW_ERR_EVENT,
			 "libpfm4 knows event '%s' of PMU %s (%s), which this kernel does not have", name,
			 pmu.name, pmu.desc);
	return hw_err_hint(
		err, "/sys/bus/event_source/devices lists the PMUs of the kernel; a virtual machine has few");
}

int hw_pfm_encode(struct hw_pfm_encoding *encoding, const char *name, struct hw_err *err)
{
	struct perf_event_attr attr = { 0 };
	pfm_perf_encode_arg_t arg = { .attr = &attr, .size = sizeof arg };
	pfm_err_t result = pfm_initialize();

	/* libpfm4 reads a list and encodes the first: a ',' would hide the rest. */
	if (result != PFM_SUCCESS || strchr(name, ','))
		return 0;
	result = pfm_get_os_event_encoding(name, ALL_LEVELS, PFM_OS_PERF_EVENT, &arg);
	switch (result) {
	case PFM_SUCCESS:
		/* The caller sets the exclude bits, so that a level named to libpfm4 would have no effect. */
		if (attr.exclude_user || attr.exclude_kernel || attr.exclude_host) {
			(void)hw_err_set(err, HW_ERR_USAGE,
					 "event '%s' names its levels in a form that is not read", name);
			return hw_err_hint(err,
					   "levels are :u user, :k kernel, :h hypervisor, :G guest, :H host");
		}
		*encoding = (struct hw_pfm_encoding){ .type = attr.type,
						      .config = attr.config,
						      .config1 = attr.config1,
						      .config2 = attr.config2 };
		return 1;
	case PFM_ERR_NOTSUPP:
		return refuse_absent_pmu(name, err);
	case PFM_ERR_NOTFOUND:
	case PFM_ERR_INVAL:
		return 0;
	default:
		(void)hw_err_set(err, HW_ERR_EVENT, "libpfm4 does not take event '%s': %s", name,
				 pfm_strerror(result));
		hint_attributes(err, name);
		return -1;
	}
}

static void offer_pmu(struct hw_nearest *nearest, const pfm_pmu_info_t *pmu, bool with_pmu)
{
	for (int idx = pmu->first_event; idx != -1; idx = pfm_get_event_next(idx)) {
		pfm_event_info_t info = { .size = sizeof info };
		char name[HW_NEAREST_NAME_MAX];

		if (pfm_get_event_info(idx, PFM_OS_PERF_EVENT, &info) != PFM_SUCCESS)
			continue;
		(void)snprintf(name, sizeof name, "%s%s%s", with_pmu ? pmu->name : "", with_pmu ? "::" : "",
			       info.name);
		hw_nearest_offer(nearest, name);
	}
}

void hw_pfm_offer(struct hw_nearest *nearest)
{
	const bool with_pmu = strstr(nearest->wanted, "::");

	if (pfm_initialize() != PFM_SUCCESS)
		return;
	for (int pmu = PFM_PMU_NONE; pmu < PFM_PMU_MAX; pmu++) {
		pfm_pmu_info_t info = { .size = sizeof info };

		/* Its own copies of the generic names, in capitals, are noise beside the names themselves. */
		if (pfm_get_pmu_info(pmu, &info) != PFM_SUCCESS || !info.is_present ||
		    (info.type == PFM_PMU_TYPE_OS_GENERIC && !with_pmu))
			continue;
		offer_pmu(nearest, &info, with_pmu);
	}
}

/* --- All of them ----------------------------------------------------------------------------------- */

/* Step to the first event of the next PMU that is there; false when there is none. */
static bool next_pmu(struct hw_pfm_cursor *cursor)
{
	while (cursor->pmu + 1 < PFM_PMU_MAX) {
		pfm_pmu_info_t info = { .size = sizeof info };

		cursor->pmu++;
		if (pfm_get_pmu_info(cursor->pmu, &info) != PFM_SUCCESS || !info.is_present ||
		    info.type == PFM_PMU_TYPE_OS_GENERIC || info.first_event < 0)
			continue;
		cursor->event = info.first_event + 1;
		cursor->attribute = 0;
		return true;
	}
	return false;
}

/* Step over one event; its PMU may have no other. */
static void next_event(struct hw_pfm_cursor *cursor)
{
	const int next = pfm_get_event_next(cursor->event - 1);

	cursor->event = next < 0 ? 0 : next + 1;
	cursor->attribute = 0;
}

/* The next unit mask from the cursor on; false when the event has no further one. */
static bool next_umask(struct hw_pfm_cursor *cursor, const pfm_event_info_t *info,
		       pfm_event_attr_info_t *attr)
{
	while (cursor->attribute < info->nattrs) {
		*attr = (pfm_event_attr_info_t){ .size = sizeof *attr };
		if (pfm_get_event_attr_info(cursor->event - 1, cursor->attribute++, PFM_OS_PERF_EVENT,
					    attr) == PFM_SUCCESS &&
		    attr->type == PFM_ATTR_UMASK)
			return true;
	}
	return false;
}

static void describe(struct hw_pfm_event *event, const struct hw_pfm_cursor *cursor,
		     const pfm_event_info_t *info, const pfm_event_attr_info_t *umask)
{
	pfm_pmu_info_t pmu = { .size = sizeof pmu };

	*event = (struct hw_pfm_event){
		.name = info->name,
		.description = info->desc ? info->desc : "",
		.is_bare = pfm_find_event(info->name) == cursor->event - 1,
		.index = cursor->event - 1,
	};
	if (pfm_get_pmu_info(info->pmu, &pmu) == PFM_SUCCESS)
		event->pmu = pmu.name;
	if (umask) {
		event->umask = umask->name;
		event->umask_description = umask->desc ? umask->desc : "";
		event->is_default = umask->is_dfl;
	}
}

bool hw_pfm_next(struct hw_pfm_cursor *cursor, struct hw_pfm_event *event)
{
	if (!cursor->pmu && pfm_initialize() != PFM_SUCCESS)
		return false;
	while (cursor->event || next_pmu(cursor)) {
		pfm_event_info_t info = { .size = sizeof info };
		pfm_event_attr_info_t umask;
		const bool is_first = !cursor->attribute;

		if (pfm_get_event_info(cursor->event - 1, PFM_OS_PERF_EVENT, &info) != PFM_SUCCESS) {
			next_event(cursor);
		} else if (next_umask(cursor, &info, &umask)) {
			describe(event, cursor, &info, &umask);
			return true;
		} else if (is_first) {
			describe(event, cursor, &info, NULL);
			next_event(cursor);
			return true;
		} else {
			next_event(cursor);
		}
	}
	return false;
}

void hw_pfm_attributes(struct hw_buf *buf, int index)
{
	pfm_event_info_t info = { .size = sizeof info };

	if (pfm_get_event_info(index, PFM_OS_PERF_EVENT, &info) != PFM_SUCCESS)
		return;
	for (int i = 0; i < info.nattrs; i++) {
		pfm_event_attr_info_t attr = { .size = sizeof attr };

		if (pfm_get_event_attr_info(index, i, PFM_OS_PERF_EVENT, &attr) == PFM_SUCCESS &&
		    attr.type != PFM_ATTR_UMASK && !is_level(attr.name))
			hw_buf_printf(buf, "%s:%s%s", buf->size ? " " : "", attr.name, attr_form(&attr));
	}
}
