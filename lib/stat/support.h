/* Which of the events this machine counts for this user, before anything runs. */
#ifndef HW_STAT_SUPPORT_H
#define HW_STAT_SUPPORT_H

#include "base/err.h"
#include "base/notes.h"
#include "event/attr.h"

#include <sys/types.h>

struct hw_support {
	char **reasons; /* of each event: why it is not counted, a sentence without full stop; NULL = it is; owned */
	size_t count;
	struct hw_notes notes; /* what had to be given up */
};

/* Try each event on a thread, or on a CPU with tid -1. What is given up: the kernel's half where this user may not count
 * it (the event is then called "cycles:u"), and events that nobody asked for by name (is_default), which are marked. An
 * event that was asked for and does not open is an error. */
int hw_support_find(struct hw_support *support, struct hw_event *events, size_t count, pid_t tid, int cpu,
		    struct hw_err *err) HW_CHECKED;
void hw_support_fini(struct hw_support *support);

#endif
