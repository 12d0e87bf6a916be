#include "event/core_pmu.h"

#include "event/pmu.h"

#ifndef PERF_PMU_TYPE_SHIFT /* linux/perf_event.h before 5.13 */
#define PERF_PMU_TYPE_SHIFT 32
#endif

const struct hw_pmu *hw_core_pmu_of(const struct hw_pmus *cores, const struct hw_event *event)
{
	const struct perf_event_attr *attr = &event->attr;
	uint64_t type = attr->type;

	if (event->any_core)
		return NULL;
	if (type == PERF_TYPE_HARDWARE || type == PERF_TYPE_HW_CACHE)
		type = attr->config >> PERF_PMU_TYPE_SHIFT;
	return type > UINT32_MAX ? NULL : hw_pmus_find(cores, (uint32_t)type);
}

/* --- Parts ----------------------------------------------------------------------------------------- */

/* The kernel's own map of generic events for Arm (armv8_pmuv3_perf_map and _cache_map in drivers/perf/arm_pmuv3.c,
 * where a core's PMU does not bring its own), with the names its sysfs folders use. */
static const struct {
	uint32_t type;
	uint64_t config;
	const char *names[2];
} arm_events[] = {
	{ PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES, { "cpu_cycles" } },
	{ PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS, { "inst_retired" } },
	{ PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_REFERENCES, { "l1d_cache" } },
	{ PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES, { "l1d_cache_refill" } },
	{ PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_INSTRUCTIONS, { "pc_write_retired", "br_retired" } },
	{ PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_MISSES, { "br_mis_pred" } },
	{ PERF_TYPE_HARDWARE, PERF_COUNT_HW_BUS_CYCLES, { "bus_cycles" } },
	{ PERF_TYPE_HARDWARE, PERF_COUNT_HW_STALLED_CYCLES_FRONTEND, { "stall_frontend" } },
	{ PERF_TYPE_HARDWARE, PERF_COUNT_HW_STALLED_CYCLES_BACKEND, { "stall_backend" } },
	{ PERF_TYPE_HW_CACHE, PERF_COUNT_HW_CACHE_L1D, { "l1d_cache" } },
	{ PERF_TYPE_HW_CACHE, PERF_COUNT_HW_CACHE_L1D | 0x10000, { "l1d_cache_refill" } },
	{ PERF_TYPE_HW_CACHE, PERF_COUNT_HW_CACHE_L1I, { "l1i_cache" } },
	{ PERF_TYPE_HW_CACHE, PERF_COUNT_HW_CACHE_L1I | 0x10000, { "l1i_cache_refill" } },
	{ PERF_TYPE_HW_CACHE, PERF_COUNT_HW_CACHE_LL, { "ll_cache_rd" } },
	{ PERF_TYPE_HW_CACHE, PERF_COUNT_HW_CACHE_LL | 0x10000, { "ll_cache_miss_rd" } },
	{ PERF_TYPE_HW_CACHE, PERF_COUNT_HW_CACHE_DTLB, { "l1d_tlb" } },
	{ PERF_TYPE_HW_CACHE, PERF_COUNT_HW_CACHE_DTLB | 0x10000, { "l1d_tlb_refill" } },
	{ PERF_TYPE_HW_CACHE, PERF_COUNT_HW_CACHE_ITLB, { "l1i_tlb" } },
	{ PERF_TYPE_HW_CACHE, PERF_COUNT_HW_CACHE_ITLB | 0x10000, { "l1i_tlb_refill" } },
	{ PERF_TYPE_HW_CACHE, PERF_COUNT_HW_CACHE_BPU, { "br_pred" } },
	{ PERF_TYPE_HW_CACHE, PERF_COUNT_HW_CACHE_BPU | 0x10000, { "br_mis_pred" } },
};

static bool set_from_sysfs(struct perf_event_attr *attr, const char *root, const char *pmu, const char *name)
{
	struct hw_spec_term term = { .key = (char *)name };
	const struct hw_spec_terms terms = { .list = { .at = &term, .count = 1 } };
	struct perf_event_attr copy = *attr;

	copy.config = 0;
	if (!hw_pmu_has_event(root, pmu, name) || hw_pmu_encode(&copy, root, pmu, &terms, name, NULL) < 0)
		return false;
	*attr = copy;
	return true;
}

static bool set_arm_event(struct perf_event_attr *attr, const char *root, const char *pmu)
{
	for (size_t i = 0; i < HW_COUNT_OF(arm_events); i++) {
		if (arm_events[i].type != attr->type || arm_events[i].config != attr->config)
			continue;
		for (size_t j = 0; j < HW_COUNT_OF(arm_events[i].names) && arm_events[i].names[j]; j++)
			if (set_from_sysfs(attr, root, pmu, arm_events[i].names[j]))
				return true;
	}
	return false;
}

static void set_attr(struct perf_event_attr *attr, const struct hw_pmu *pmu, const char *root)
{
	const bool is_arm = strncmp(pmu->name, "arm", 3) == 0;

	if (attr->type == PERF_TYPE_RAW)
		attr->type = pmu->type;
	else if (!is_arm || !set_arm_event(attr, root, pmu->name))
		attr->config |= (uint64_t)pmu->type << PERF_PMU_TYPE_SHIFT;
}

void hw_core_pmu_part(struct hw_event *part, const struct hw_event *event, const struct hw_pmu *pmu,
		      const char *root)
{
	hw_event_copy(part, event);
	free(part->name);
	part->name = hw_asprintf("%s/%s/", pmu->name, event->name);
	part->pmu = hw_strdup(pmu->name);
	part->whole = hw_strdup(event->name);
	if (event->any_core)
		set_attr(&part->attr, pmu, root);
	part->any_core = false;
}
