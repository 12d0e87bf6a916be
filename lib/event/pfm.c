#include "event/pfm.h"

#include <perfmon/pfmlib_perf_event.h>
#include <stdbool.h>

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

/* The unit masks and attributes an event takes, as many as fit a hint. */
static void hint_attributes(struct hw_err *err, const char *name)
{
	HW_AUTO(hw_freep) char *plain = hw_strdup(name);
	char *event = strstr(plain, "::");
	pfm_event_info_t info = { .size = sizeof info };
	struct hw_buf hint = { 0 };
	int idx;

	event = event ? event + 2 : plain;
	event[strcspn(event, ":")] = '\0';
	idx = pfm_find_event(plain);
	if (idx < 0 || pfm_get_event_info(idx, PFM_OS_PERF_EVENT, &info) != PFM_SUCCESS)
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
	case PFM_ERR_NOTFOUND:
	case PFM_ERR_NOTSUPP:
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
