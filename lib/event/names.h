/* The names every Linux kernel knows: generic hardware, cache and software events, as perf spells them, and the
 * four that Go's pprof++ proposal added. */
#ifndef HW_EVENT_NAMES_H
#define HW_EVENT_NAMES_H

#include "base/nearest.h"

#include <stdbool.h>
#include <stdint.h>

/* Set type and config (perf_event_open(2)) of a name; false when there is no such name. Cache events are
 * CACHE[-OPERATION][-RESULT], such as L1-dcache-load-misses; combinations that no CPU has are no names. */
bool hw_names_find(const char *name, uint32_t *type, uint64_t *config);

/* "r" and up to 16 hexadecimal digits: the CPU's own event code. False when the name has another form. */
bool hw_names_raw(const char *name, uint64_t *config);

/* The spellings of the generic hardware event that name is one of, NULL-terminated; NULL when it is none. sysfs has
 * the event under one of them (cpu/cpu-cycles/). */
const char *const *hw_names_spellings(const char *name);

/* One of these events, and what it is called and counts. */
struct hw_generic {
	uint32_t type;
	uint64_t config;
	char name[64];		    /* the spelling to suggest */
	const char *const *aliases; /* others in use; NULL-terminated, static */
	char description[128];	    /* a sentence without full stop */
};

/* The next of all generic events. *at is 0 before the first; false behind the last. */
bool hw_names_next(size_t *at, struct hw_generic *event);

void hw_names_offer(struct hw_nearest *nearest);

#endif
