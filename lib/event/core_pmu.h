/* The PMUs of the CPU's cores. Most machines have one; a hybrid CPU (Intel's P and E cores, Arm's big.LITTLE) has
 * several, and a generic event is then one event on each. */
#ifndef HW_EVENT_CORE_PMU_H
#define HW_EVENT_CORE_PMU_H

#include "base/vec.h"
#include "event/attr.h"

struct hw_core_pmu {
	char *name; /* "cpu_core" */
	uint32_t type;
};

struct hw_core_pmus {
	HW_VEC(struct hw_core_pmu) list; /* by name; empty unless there are several */
};

/* Those PMUs in root (event/pmu.h's HW_PMU_ROOT, or a test's) that have a list of cpus, which is how the kernel tells
 * that a PMU belongs to cores (Documentation/ABI/testing/sysfs-bus-event_source-devices). A PMU whose files make no
 * sense is left out. */
void hw_core_pmus_read(struct hw_core_pmus *pmus, const char *root);
void hw_core_pmus_fini(struct hw_core_pmus *pmus);

/* The core PMU that alone can count the event: it is asked for by the PMU's type, or by its extended type in config.
 * NULL when any can or none does. */
const struct hw_core_pmu *hw_core_pmus_of(const struct hw_core_pmus *pmus, const struct hw_event *event);

/* Into part: what a generic event or raw code is on this PMU, with pmu, whole and name set; or, of an event that
 * is not the PMU's business (software in a group), a copy that counts beside the PMU's events. Generic events get the
 * PMU's type in the upper half of config (perf_event_open(2), PERF_PMU_TYPE_SHIFT: Linux 5.13 on x86, 6.6 on Arm),
 * or on Arm, where older kernels do not know that, the PMU's own event from sysfs when it has it. */
void hw_core_pmu_part(struct hw_event *part, const struct hw_event *event, const struct hw_core_pmu *pmu,
		      const char *root);

#endif
