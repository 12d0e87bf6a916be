/* Which event a text means: each kind of name in turn. See attr.h for hw_event_resolve. */
#ifndef HW_EVENT_RESOLVE_H
#define HW_EVENT_RESOLVE_H

#include "event/attr.h"
#include "event/spec.h"

/* Where the kernel's lists are. */
struct hw_event_roots {
	const char *pmus;		/* sysfs's devices of event_source */
	const char *const *tracepoints; /* mount points of tracefs, NULL-terminated */
};

/* hw_event_resolve with the kernel's lists elsewhere: tests show it machines they do not run on. */
int hw_event_resolve_in(struct hw_event *event, const char *text, const struct hw_event_defaults *defaults,
			const struct hw_event_roots *roots, struct hw_err *err) HW_CHECKED;

/* The roots of this machine. */
void hw_event_roots_get(struct hw_event_roots *roots);

/* An event's text taken apart, with libpfm4 asked which letters are unit masks. */
int hw_event_parse(struct hw_spec *spec, const char *text, struct hw_err *err) HW_CHECKED;

/* The rest of hw_event_resolve_in, of a spec: its modifiers need not be those of text, which is what messages and
 * event->text say. name: what the event is called; NULL = as the spec says. */
int hw_event_resolve_spec(struct hw_event *event, const struct hw_spec *spec, const char *text,
			  const char *name, const struct hw_event_defaults *defaults,
			  const struct hw_event_roots *roots, struct hw_err *err) HW_CHECKED;

#endif
