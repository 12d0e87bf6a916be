/* The grammar of -e: what an event is called, and the modifiers behind the name. Looks nothing up.
 *
 *	list      = item *( "," item )
 *	item      = event | "{" event *( "," event ) "}" *( ":" modifier )
 *	event     = word *( ":" modifier )               cycles:u   skl::INST_RETIRED:ANY_P:u   sched:sched_switch
 *	          | name "/" [ term *( "," term ) ] "/" [ [ ":" ] modifier *( ":" modifier ) ]
 *	                                                  cpu/event=0x3c,umask=0x0/upp   msr/tsc/   cycles/period=7/u
 *	modifier  = letters | "period=" N | "freq=" HZ | "precise=" 0..3
 *	letters   = one or more of u k h (levels), G H (guest, host), I (not when idle), p pp ppp (precise), P (as precise
 *	            as it gets), D (pinned), e (exclusive); S and W of perf are refused
 *	term      = key [ "=" value ]                    name=, period=, freq= and precise= are ours, the rest the PMU's
 *
 * A word may hold ':' itself (tracepoints, libpfm4's unit masks): a part behind a ':' that is no modifier belongs to
 * the name, and so does the part behind "::". The letters are perf's, the key=value forms libpfm4's. Some unit masks of
 * libpfm4 4.13 consist of these letters only (L2_LINES_IN:S), and its :e is edge detection: who can look such names up
 * says so with hw_spec_parse_with. */
#ifndef HW_EVENT_SPEC_H
#define HW_EVENT_SPEC_H

#include "base/err.h"
#include "base/vec.h"
#include "event/modifiers.h"

#define HW_SPEC_TEXT_MAX 1024 /* bytes of one event */

struct hw_spec_term {
	char *key;
	char *value; /* NULL when the term is a word alone */
};

struct hw_spec_terms {
	HW_VEC(struct hw_spec_term) list;
};

struct hw_spec {
	char *name;		    /* without modifiers; of a form with slashes "pmu/terms/" */
	char *pmu;		    /* what stands before the first '/'; NULL for a word */
	struct hw_spec_terms terms; /* the PMU's */
	char *label;		    /* name=; NULL when absent */
	struct hw_modifiers modifiers;
};

/* "{cycles,instructions}:u" */
struct hw_spec_group {
	char *members; /* what stands between the braces, for hw_spec_list_next */
	struct hw_modifiers modifiers;
};

/* The next item of a list, "cycles,cpu/event=1,umask=2/,{cs,faults}": commas between two '/' and between braces do not
 * separate. *list steps on and is NULL after the last. Returns 1 with *text set (free it; empty between two commas),
 * 0 at the end. */
int hw_spec_list_next(const char **list, char **text) HW_CHECKED;

/* Split an event's text. Finalise with hw_spec_fini in any case. -1 with HW_ERR_USAGE naming the event and what is
 * wrong with it: a modifier's value, a modifier given twice, period with freq, a '/' without its partner. */
int hw_spec_parse(struct hw_spec *spec, const char *text, struct hw_err *err) HW_CHECKED;

/* The same, asking is_mask about each part that could be letters as well as a unit mask: name is what stands before it
 * ("L2_LINES_IN"). When it says yes, the part belongs to the name. */
int hw_spec_parse_with(struct hw_spec *spec, const char *text,
		       bool (*is_mask)(const char *name, const char *part), struct hw_err *err) HW_CHECKED;
void hw_spec_fini(struct hw_spec *spec);

/* Does an item of a list want to be a group: is there a brace in it? */
bool hw_spec_is_group(const char *text);

/* Take a group apart; its members are yet to be parsed. Finalise with hw_spec_group_fini in any case. -1 with
 * HW_ERR_USAGE: a brace without its partner, braces within braces, no member or an empty one, a name before or anything
 * but modifiers behind. */
int hw_spec_group_parse(struct hw_spec_group *group, const char *text, struct hw_err *err) HW_CHECKED;
void hw_spec_group_fini(struct hw_spec_group *group);

/* Split "key=value,key,..." and append to terms; also the form of sysfs's events/NAME files. event is what errors
 * call it. */
int hw_spec_terms_parse(struct hw_spec_terms *terms, const char *text, const char *event, struct hw_err *err)
	HW_CHECKED;
void hw_spec_terms_fini(struct hw_spec_terms *terms);

#endif
