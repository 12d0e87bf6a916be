/* libpfm4's event names. The only door to that library: its headers redefine what linux/perf_event.h defines, so
 * nothing of either shows here. */
#ifndef HW_EVENT_PFM_H
#define HW_EVENT_PFM_H

#include "base/err.h"
#include "base/nearest.h"

#include <stdint.h>

/* The fields of perf_event_attr that say which event. */
struct hw_pfm_encoding {
	uint32_t type;
	uint64_t config, config1, config2;
};

/* Encode "EVENT", "EVENT:UMASK", "pmu::EVENT:..." (pfm_get_os_event_encoding(3)). 1 when encoded; 0 when no PMU
 * that libpfm4 sees here has the event; -1 with HW_ERR_EVENT when the event is there but its unit masks or attributes
 * are not, which the hint then lists. libpfm4 goes by CPUID: that an event encodes does not mean it opens.
 * Not for several threads at once: libpfm4 initialises itself. */
int hw_pfm_encode(struct hw_pfm_encoding *encoding, const char *name, struct hw_err *err) HW_CHECKED;

/* Offer the events of the PMUs that are present, as "pmu::EVENT" when the wanted name has a "::". */
void hw_pfm_offer(struct hw_nearest *nearest);

#endif
