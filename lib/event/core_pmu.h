/* Events on the core PMUs of a hybrid CPU, which has several: a generic event is one event on each. */
#ifndef HW_EVENT_CORE_PMU_H
#define HW_EVENT_CORE_PMU_H

#include "event/attr.h"
#include "event/pmus.h"

/* The core PMU that alone can count the event: it is asked for by the PMU's type, or by its extended type in config.
 * NULL when any can or none does. cores: of a hybrid CPU (hw_pmus_keep_hybrid). */
const struct hw_pmu *hw_core_pmu_of(const struct hw_pmus *cores, const struct hw_event *event);

/* Into part: what a generic event or raw code is on this PMU, with pmu, whole and name set; or, of an event that
 * is not the PMU's business (software in a group), a copy that counts beside the PMU's events. Generic events get the
 * PMU's type in the upper half of config (perf_event_open(2), PERF_PMU_TYPE_SHIFT: Linux 5.13 on x86, 6.6 on Arm),
 * or on Arm, where older kernels do not know that, the PMU's own event from sysfs when it has it. */
void hw_core_pmu_part(struct hw_event *part, const struct hw_event *event, const struct hw_pmu *pmu,
		      const char *root);

#endif
