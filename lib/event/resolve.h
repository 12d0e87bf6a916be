/* Which event a text means: each kind of name in turn. See attr.h for hw_event_resolve. */
#ifndef HW_EVENT_RESOLVE_H
#define HW_EVENT_RESOLVE_H

#include "event/attr.h"

/* Where the kernel's lists are. */
struct hw_event_roots {
	const char *pmus;		/* sysfs's devices of event_source */
	const char *const *tracepoints; /* mount points of tracefs, NULL-terminated */
};

/* hw_event_resolve with the kernel's lists elsewhere: tests show it machines they do not run on. */
int hw_event_resolve_in(struct hw_event *event, const char *text, const struct hw_event_defaults *defaults,
			const struct hw_event_roots *roots, struct hw_err *err) HW_CHECKED;

#endif
