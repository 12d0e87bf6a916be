/* Names for a profile's locations: each distinct one once, at the end of a recording. */
#ifndef HW_SYMBOLISE_H
#define HW_SYMBOLISE_H

#include "dso/dso.h"
#include "profile/profile.h"

struct hw_symbolise_progress {
	/* Called from time to time with DSOs done and in all; NULL = nobody looks. */
	void (*report)(void *user, size_t done, size_t total, const char *dso_path);
	void *user;
};

/* Give lines to every location that has none, in mappings whose DSO is known.
 * dso_of_mapping[i] belongs to profile->mappings.at[i]; NULL = unknown. Mappings of one DSO are resolved
 * together. Locations that stay unknown get one frame named "[FILE+0xOFFSET]" of the function they lie in (its
 * start by .eh_frame where known), so that viewers that drop nameless frames keep the stack. Sets the mappings'
 * has_* flags by profile.proto's rules (INTEROP: only where every location was resolved). */
void hw_symbolise(struct hw_profile *profile, struct hw_dso *const *dso_of_mapping,
		  const struct hw_symbolise_progress *progress);

#endif
