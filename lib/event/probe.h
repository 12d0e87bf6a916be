/* Does an event open here? Found by opening it for a moment, as a counter on the calling thread. */
#ifndef HW_EVENT_PROBE_H
#define HW_EVENT_PROBE_H

#include "event/obstacle.h"

enum hw_answer {
	HW_ANSWER_UNKNOWN, /* not asked, or it depends */
	HW_ANSWER_YES,
	HW_ANSWER_NO,
};

struct hw_probe {
	enum hw_answer opens;
	enum hw_answer samples;	     /* and not only counts */
	bool user_only;		     /* what the kernel does is not counted for this user */
	struct hw_obstacle obstacle; /* when it does not open */
};

/* cpu: the one to open it on for everything that runs there, -1 = for the calling thread. An event's levels are given
 * up where it cannot have them, as recording and counting do. facts: of this machine. Opening a tracepoint takes the
 * kernel tens of milliseconds. */
void hw_probe_event(struct hw_probe *probe, const struct hw_event *event, int cpu,
		    const struct hw_obstacle_facts *facts);

#endif
