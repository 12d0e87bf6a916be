/* Where a PMU's events can be counted: a PMU may be that of some cores, or of a whole package. */
#ifndef HW_EVENT_PMU_CPUS_H
#define HW_EVENT_PMU_CPUS_H

#include "event/attr.h"

#include <stddef.h>

enum hw_pmu_reach {
	HW_PMU_REACH_ALL,     /* threads, and any CPU */
	HW_PMU_REACH_CORES,   /* threads, and the CPUs of one core type (sysfs: cpus) */
	HW_PMU_REACH_PACKAGE, /* no threads; one CPU of each package stands for all of it (sysfs: cpumask) */
};

/* Where the event's PMU counts. With _CORES and _PACKAGE, *cpus is the ascending list of its CPUs, which the caller
 * frees; else NULL. root is HW_PMU_ROOT, or a test's. What sysfs does not tell is HW_PMU_REACH_ALL.
 * Source: Documentation/ABI/testing/sysfs-bus-event_source-devices and -uncore; tools/perf/util/pmu.c reads the same. */
enum hw_pmu_reach hw_pmu_cpus(const char *root, const struct hw_event *event, int **cpus, size_t *count);

/* Those of the CPUs wanted (ascending) that the event's PMU counts on; the caller frees *cpus. -1 with HW_ERR_EVENT when
 * there are none, *cpus then being NULL. */
int hw_pmu_cpus_among(int **cpus, size_t *count, const char *root, const struct hw_event *event,
		      const int *wanted, size_t wanted_count, struct hw_err *err) HW_CHECKED;

#endif
