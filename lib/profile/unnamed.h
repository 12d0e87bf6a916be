/* Code that stayed without function names: how much of a profile's value it takes, by the file it is in. */
#ifndef HW_PROFILE_UNNAMED_H
#define HW_PROFILE_UNNAMED_H

#include "profile/profile.h"

/* The unnamed code of one file. */
struct hw_unnamed_file {
	const char *dso;      /* the file, or "[kernel.kallsyms]", "//anon", ...; "" = in no mapping */
	const char *build_id; /* lower-case hex, "" = unknown; both borrowed from the profile */
	int64_t leaf;	      /* value of the samples that were taken in it */
	int64_t any;	      /* value of those with a frame in it anywhere */
};

struct hw_unnamed {
	HW_VEC(struct hw_unnamed_file) files; /* largest first: by leaf, then any, then name */
	int64_t leaf, any;		      /* of all; a sample counts once however many files it is in */
};

/* Sum up `values`, one of each sample of the profile (absolute values are taken; sums saturate). */
void hw_unnamed_init(struct hw_unnamed *unnamed, const struct hw_profile *profile, const int64_t *values);
void hw_unnamed_fini(struct hw_unnamed *unnamed);

/* What would help, if the recorder knew; else NULL. Borrowed from the profile. */
const struct hw_unnamed_help *hw_unnamed_help_of(const struct hw_profile *profile,
						 const struct hw_unnamed_file *file);

/* Is there no function name for this location? A name that only stands for one counts as none. */
bool hw_location_is_unnamed(const struct hw_profile *profile, uint32_t location);

/* A name in place of a symbol, as hwprof (symbolise.h) and others write them: "[libfoo.so+0x1234]", "[anon]",
 * "[unknown]". The marks of a stack's end are none: there is no code whose symbol is missing. */
bool hw_name_is_stand_in(const char *name);

#endif
