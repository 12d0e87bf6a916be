/* The grammar of -e: what an event is called, and the modifiers behind the name. Looks nothing up.
 *
 *	list      = event *( "," event )
 *	event     = word *( ":" modifier )               cycles:u   skl::INST_RETIRED:ANY_P:u   sched:sched_switch
 *	          | pmu "/" [ term *( "," term ) ] "/" [ [ ":" ] modifier *( ":" modifier ) ]
 *	                                                  cpu/event=0x3c,umask=0x0/upp   msr/tsc/
 *	modifier  = letters | "period=" N | "freq=" HZ | "precise=" 0..3
 *	letters   = one or more of u k h (levels), G H (guest, host), p pp ppp (precise), P (as precise as it gets)
 *	term      = key [ "=" value ]                    name=, period=, freq= and precise= are ours, the rest the PMU's
 *
 * A word may hold ':' itself (tracepoints, libpfm4's unit masks): a part behind a ':' that is no modifier belongs to
 * the name, and so does the part behind "::". The letters are perf's, the key=value forms libpfm4's; no unit mask
 * of libpfm4 4.13 consists of these letters only. */
#ifndef HW_EVENT_SPEC_H
#define HW_EVENT_SPEC_H

#include "base/err.h"
#include "base/vec.h"

#include <stdbool.h>
#include <stdint.h>

#define HW_SPEC_TEXT_MAX 1024 /* bytes of one event */

struct hw_spec_term {
	char *key;
	char *value; /* NULL when the term is a word alone */
};

struct hw_spec_terms {
	HW_VEC(struct hw_spec_term) list;
};

struct hw_spec {
	char *name;		       /* without modifiers; of a PMU form "pmu/terms/" */
	char *pmu;		       /* NULL for a word */
	struct hw_spec_terms terms;    /* the PMU's */
	char *label;		       /* name=; NULL when absent */
	bool user, kernel, hypervisor; /* none: all levels */
	bool guest, host;	       /* none: host */
	bool precise_given;
	bool precise_max;	/* P */
	uint8_t precise;	/* 0..3 */
	uint64_t period_events; /* 0 = not given */
	uint64_t freq_hz;	/* 0 = not given; never both */
};

/* The next event of a list, "cycles,cpu/event=1,umask=2/": commas between two '/' do not separate. *list steps on and
 * is NULL after the last. Returns 1 with *text set (free it; empty between two commas), 0 at the end. */
int hw_spec_list_next(const char **list, char **text) HW_CHECKED;

/* Split an event's text. Finalise with hw_spec_fini in any case. -1 with HW_ERR_USAGE naming the event and what is
 * wrong with it: a modifier's value, a modifier given twice, period with freq, a '/' without its partner. */
int hw_spec_parse(struct hw_spec *spec, const char *text, struct hw_err *err) HW_CHECKED;
void hw_spec_fini(struct hw_spec *spec);

/* Split "key=value,key,..." and append to terms; also the form of sysfs's events/NAME files. event is what errors
 * call it. */
int hw_spec_terms_parse(struct hw_spec_terms *terms, const char *text, const char *event, struct hw_err *err)
	HW_CHECKED;
void hw_spec_terms_fini(struct hw_spec_terms *terms);

#endif
