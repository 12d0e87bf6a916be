/* How well each event of a recording was sampled: time with a counter, sum check, precise level, losses. */
#ifndef HW_REPORT_EVENT_QUALITY_H
#define HW_REPORT_EVENT_QUALITY_H

#include "report/style.h"
#include "report/warnings.h"

/* What is wrong with single events, as sentences. Thresholds: HW_COUNTED_SHARE_MIN and HW_SUM_CHECK_ERROR. */
void hw_event_quality_warn(struct hw_warnings *warnings, const struct hw_profile *profile);

/* Less than this share of the time with a counter is worth a warning. */
#define HW_COUNTED_SHARE_MIN 0.99
/* So far may samples x period / counted be from 1. A recording of few samples gets the two periods more that are not full
 * when it begins and ends. */
#define HW_SUM_CHECK_ERROR 0.02

/* One line for recordings without such trouble: "all the time; sum check 0.999 to 1.001". Nothing when the recording does
 * not know. */
void hw_event_quality_summary(struct hw_buf *text, const struct hw_profile *profile);

/* A table with a line per event. */
void hw_event_quality_table(struct hw_buf *out, const struct hw_profile *profile,
			    const struct hw_style *style);

#endif
