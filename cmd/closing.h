/* What a recording says when it is over. */
#ifndef HW_CMD_CLOSING_H
#define HW_CMD_CLOSING_H

#include "recording.h"

/* Notes of the profile, and a warning where there are no samples. silent: an error tells of events that counted nothing,
 * and nothing else need explain it. */
void closing_print_remarks(const struct recording *recording, const struct hw_profile *profile, bool silent);

/* How many samples in what time, how sure, and where they are. */
void closing_print_line(const struct recording *recording, const struct hw_pipeline_summary *summary,
			const struct hw_quality *quality);

#endif
