/* The kernel's own list of PMUs and their events: /sys/bus/event_source/devices (ABI/testing/
 * sysfs-bus-event_source-devices-{events,format} in the kernel's documentation). */
#ifndef HW_EVENT_PMU_H
#define HW_EVENT_PMU_H

#include "base/nearest.h"
#include "event/attr.h"
#include "event/spec.h"

#include <linux/perf_event.h>

#define HW_PMU_ROOT "/sys/bus/event_source/devices"

/* Where the bits of a term go, from a format file such as "config:0-7,32-35": the value's lowest bits go to the
 * lowest bits of mask, whatever the order of the ranges (as perf does). */
struct hw_pmu_format {
	unsigned word; /* 0 = config, 1 = config1, 2 = config2 */
	uint64_t mask; /* never 0 */
};

/* Read the text of a format file. False when it has another form, or names a word that we do not have. */
bool hw_pmu_format_parse(struct hw_pmu_format *format, const char *text);

/* Put value into the bits of *word that mask names, the others unchanged. False when the value has more bits. */
bool hw_pmu_bits_set(uint64_t *word, uint64_t mask, uint64_t value);

/* Set type and config* of attr from the terms of "pmu/terms/". root is HW_PMU_ROOT, or a test's. A term is config=,
 * config1= or config2= (the whole word), a name in the PMU's format folder (=1 when alone), alone the name of one of
 * its events, whose terms take its place, or alone rNNN, the whole config; a later term overrides. event is the text
 * for messages.
 * -1: HW_ERR_EVENT for a PMU or term that is not there (the nearest names as hint) or a value that does not fit,
 * HW_ERR_PERMISSION or HW_ERR_SYSTEM when sysfs cannot be read. */
int hw_pmu_encode(struct perf_event_attr *attr, const char *root, const char *pmu,
		  const struct hw_spec_terms *terms, const char *event, struct hw_err *err) HW_CHECKED;

/* Set what else sysfs says of "pmu/terms/": unit and scale of the event that the terms name (events/NAME.unit, .scale).
 * What sysfs does not say, or not in a form that makes sense, stays as it is. */
void hw_pmu_describe(struct hw_event *event, const char *root, const char *pmu,
		     const struct hw_spec_terms *terms);

/* Has the PMU's events folder one of this name? */
bool hw_pmu_has_event(const char *root, const char *pmu, const char *name);

/* Is it a PMU of the CPU's cores, which tells guests and levels apart? */
bool hw_pmu_is_core(const char *root, const char *pmu);

/* The PMU that has an event of this name, into pmu; one whose name begins with "cpu" before others, then by the
 * alphabet. False when none has. */
bool hw_pmu_find_event(char *pmu, size_t size, const char *root, const char *name);

/* Offer "pmu/event/" of one PMU, or, when pmu is NULL, of all; also the plain event when the wanted name has no '/'. */
void hw_pmu_offer(struct hw_nearest *nearest, const char *root, const char *pmu);

#endif
