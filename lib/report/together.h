/* Did events count at the same moments? Only then is their ratio one. */
#ifndef HW_REPORT_TOGETHER_H
#define HW_REPORT_TOGETHER_H

#include "profile/profile.h"

/* How one event of a profile was counted, all parts of a hybrid CPU's event together. */
struct hw_event_time {
	bool is_known;
	double share; /* of the time it was wanted, 0 to 1 */
};

/* The share of the time that the event of this sample type had a counter. A part of a hybrid CPU's event counts only
 * where its kind of core runs, so the shares of all parts add up. */
struct hw_event_time hw_event_time(const struct hw_profile *profile, const char *event);

/* NULL when these sample types were counted at the same moments: all of the time (to 0.1 %), or, on each PMU, in one
 * group. Else a sentence why not, or that the profile does not say; owned by the caller. */
char *hw_together_check(const struct hw_profile *profile, const uint32_t *types, size_t count) HW_CHECKED;

#endif
