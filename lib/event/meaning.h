/* What a name of -e means on this machine: one event, or the parts of one on several PMUs. */
#ifndef HW_EVENT_MEANING_H
#define HW_EVENT_MEANING_H

#include "event/catalogue.h"
#include "event/core_pmu.h"
#include "event/resolve.h"

/* Where names are looked up. All is borrowed. */
struct hw_lookup {
	const struct hw_event_defaults *defaults;
	const struct hw_catalogue *catalogue; /* may be NULL */
	const struct hw_event_roots *roots;
	const struct hw_pmus *cores;
};

/* One event, or several that are parts (pmu and whole set) of one: of a catalogue's name on a hybrid CPU, a name of sysfs
 * that several core PMUs have, a PMU of several boxes ("uncore_imc" for uncore_imc_0, uncore_imc_1). An event that any
 * core PMU can count (any_core) is left whole. */
struct hw_meaning {
	HW_VEC(struct hw_event) list;
};

/* Find it, by the order of names in events.h. text: as typed, with all modifiers. Finalise with hw_meaning_fini in any
 * case. Errors as hw_event_resolve. */
int hw_meaning_find(struct hw_meaning *meaning, const struct hw_spec *spec, const char *text,
		    const struct hw_lookup *in, struct hw_err *err) HW_CHECKED;
void hw_meaning_fini(struct hw_meaning *meaning);

/* The preset that a spec names; NULL when it names none. */
const struct hw_preset *hw_meaning_preset(const struct hw_spec *spec, const struct hw_catalogue *catalogue);

/* Could a catalogue have the name? Its names stand behind those of the kernel's hardware and software events, but before
 * its cache events: "branch" is a preset, not short for "branch-loads". They hold no ':', which tracepoints and names of
 * libpfm4 have, and are no raw codes. */
bool hw_meaning_may_be_of_catalogue(const struct hw_spec *spec);

#endif
