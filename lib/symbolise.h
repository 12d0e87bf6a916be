/* Names for a profile's locations: each distinct one once, at the end of a recording. */
#ifndef HW_SYMBOLISE_H
#define HW_SYMBOLISE_H

#include "dso/dso.h"
#include "profile/profile.h"

struct hw_symbolise_progress {
	/* Called some times a second by the thread that called hw_symbolise, with the distinct addresses done and in all,
	 * and the largest DSO that has some left; NULL = nobody looks. */
	void (*report)(void *user, size_t done, size_t total, const char *dso_path);
	void *user;
};

/* Give lines to every location that has none, in mappings whose DSO is known.
 * dso_of_mapping[i] belongs to profile->mappings.at[i]; NULL = unknown, left alone. Mappings of one DSO are resolved
 * together, different DSOs and the units of one at the same time, by as many threads as there are cores; the result
 * does not depend on how they run. Sets the mappings' has_* flags by profile.proto's rules: only where it holds for
 * every location.
 *
 * So that viewers that drop nameless frames keep the stack, a location that stays unknown gets one frame:
 * "[FILE+0xADDRESS]", FILE without its folder, ADDRESS as written in the ELF file (what objdump and addr2line take),
 * of the start of the function by .eh_frame_hdr, so that its samples add up, or of the location itself where that
 * tells nothing. Anonymous memory (JIT code) is one "[anon]", "[heap]", ... as a whole: an offset in it means
 * nothing to anybody. A location in no mapping is "[unknown]". */
void hw_symbolise(struct hw_profile *profile, struct hw_dso *const *dso_of_mapping,
		  const struct hw_symbolise_progress *progress);

#endif
