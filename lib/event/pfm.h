/* libpfm4's event names. The only door to that library: its headers redefine what linux/perf_event.h defines, so
 * nothing of either shows here. */
#ifndef HW_EVENT_PFM_H
#define HW_EVENT_PFM_H

#include "base/err.h"
#include "base/nearest.h"

#include <stdbool.h>
#include <stdint.h>

/* The fields of perf_event_attr that say which event. */
struct hw_pfm_encoding {
	uint32_t type;
	uint64_t config, config1, config2;
};

/* Encode "EVENT", "EVENT:UMASK", "pmu::EVENT:..." (pfm_get_os_event_encoding(3)). 1 when encoded; 0 when no PMU
 * that libpfm4 sees here has the event; -1 with HW_ERR_EVENT when the event is there but its unit masks or attributes
 * are not, which the hint then lists, or the kernel has no such PMU. libpfm4 goes by CPUID: that an event encodes does
 * not mean it opens.
 * Not for several threads at once: libpfm4 initialises itself. */
int hw_pfm_encode(struct hw_pfm_encoding *encoding, const char *name, struct hw_err *err) HW_CHECKED;

/* An event of libpfm4's tables, with one of its unit masks where it has any. The texts are libpfm4's, static. */
struct hw_pfm_event {
	const char *pmu;   /* "skl" */
	const char *name;  /* "L2_RQSTS" */
	const char *umask; /* "MISS"; NULL when the event has none */
	const char *description;
	const char *umask_description;
	bool is_default; /* the unit mask that the event has without one */
	bool is_bare;	 /* the name without its PMU means this event, too */
	int index;	 /* libpfm4's own, for hw_pfm_attributes */
};

/* Where a walk over the tables is; zeroed before the first. */
struct hw_pfm_cursor {
	int pmu;
	int event; /* index + 1; 0 = before the PMU's first */
	int attribute;
};

/* The next event of the PMUs that libpfm4 sees here, a call for each unit mask. libpfm4's copies of the generic names
 * ("perf::CYCLES") are passed over. False behind the last. */
bool hw_pfm_next(struct hw_pfm_cursor *cursor, struct hw_pfm_event *event);

/* Append the attributes an event takes besides unit masks and levels: ":e=0|1 :c=N". */
void hw_pfm_attributes(struct hw_buf *buf, int index);

/* Has the event of this name (whatever else of unit masks is in it) a unit mask or attribute called part? Its words for
 * levels (u, k, h, ...) do not count: they mean what ours do. */
bool hw_pfm_has_attribute(const char *name, const char *part);

/* Offer the events of the PMUs that are present, as "pmu::EVENT" when the wanted name has a "::". */
void hw_pfm_offer(struct hw_nearest *nearest);

#endif
