/* What may stand behind an event's name, or behind a group: where to count, how exactly, how often. */
#ifndef HW_EVENT_MODIFIERS_H
#define HW_EVENT_MODIFIERS_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* For errors: all there are. */
#define HW_MODIFIERS_HINT                                                                                \
	"modifiers are u k h G H I (where), p pp ppp P (precise), D (pinned), e (exclusive), period=N, " \
	"freq=HZ, precise=N"

/* The letters are perf's (perf-list(1), "EVENT MODIFIERS"). */
struct hw_modifiers {
	bool user, kernel, hypervisor; /* u k h; none: all levels */
	bool guest, host;	       /* G H; none: host */
	bool exclude_idle;	       /* I */
	bool pinned;		       /* D: on the counters always, or an error */
	bool exclusive;		       /* e: nothing else on the counters meanwhile */
	bool precise_given;
	bool precise_max;	/* P */
	uint8_t precise;	/* 0..3 */
	uint64_t period_events; /* 0 = not given */
	uint64_t freq_hz;	/* 0 = not given; never both */
};

/* One part between colons: "u", "kpp", "period=1000". 1 when it is a modifier (and taken), 0 when it is none, -1 with
 * HW_ERR_USAGE: a value that is none, a modifier given twice, letters of perf that have no meaning here. event is the
 * whole text, for messages. */
int hw_modifiers_take(struct hw_modifiers *modifiers, const char *part, const char *event, struct hw_err *err)
	HW_CHECKED;

/* The same for period=, freq= and precise= alone, which may also be terms between slashes. */
int hw_modifiers_take_pair(struct hw_modifiers *modifiers, const char *key, const char *value,
			   const char *event, struct hw_err *err) HW_CHECKED;

/* Is the part made of the letters of modifiers only? Some unit masks of libpfm4 are, too. */
bool hw_modifiers_are_letters(const char *part);

/* Give an event the modifiers of its group, as perf does: levels add up, and so do precise levels. A rate of the event's
 * own stays. D and e belong to the group's first event and are left to the caller. -1 with HW_ERR_USAGE when the
 * precise levels come to more than 3. */
int hw_modifiers_inherit(struct hw_modifiers *modifiers, const struct hw_modifiers *group, const char *event,
			 struct hw_err *err) HW_CHECKED;

#endif
