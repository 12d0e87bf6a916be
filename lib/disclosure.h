/* What a recording says about itself (profile/quality.h), gathered from those who know. */
#ifndef HW_DISCLOSURE_H
#define HW_DISCLOSURE_H

#include "event/attr.h"
#include "profile/profile.h"
#include "record/recorder.h"

/* Who records, and where. */
void hw_disclose_machine(struct hw_recording *recording, const char *command);

/* Each event as it was opened: what was asked for, what the kernel gave. */
void hw_disclose_events(struct hw_quality *quality, const struct hw_event *events, size_t count);

/* What the recorder counted up to now, its notes, and what the events' counts have to say about their samples. */
void hw_disclose_recorder(struct hw_quality *quality, const struct hw_recorder *recorder,
			  const struct hw_event *events, size_t count);

/* Which events could have counted, and did not: those of a PMU, after the target ran for some milliseconds. Software
 * events and tracepoints do not lie: their 0 is one. Returns how many; *err (HW_ERR_EVENT) names them and says what is
 * likely. After hw_disclose_recorder. */
size_t hw_disclose_silence(const struct hw_quality *quality, const struct hw_event *events,
			   struct hw_err *err);

/* The metrics of this machine's catalogue whose variables have all been sampled. */
void hw_disclose_metrics(struct hw_profile *profile, const struct hw_event *events, size_t count);

#endif
