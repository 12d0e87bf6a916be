/* The code that lay at the addresses of one mapping, one after the other, as a jitdump tells it: a location of the profile
 * for an address, seen by a sample at some time, becomes the location of an instruction of one function. */
#ifndef HW_JIT_TIMELINE_H
#define HW_JIT_TIMELINE_H

#include "dso/jitdump.h"
#include "profile/profile.h"

/* Functions kept for one address: the newest. Real programs have a few. */
#define HW_JIT_FUNCTIONS_MAX 1024

/* One function's time at an address. */
struct hw_jit_stay {
	uint64_t time_ns;  /* since when */
	uint32_t code;	   /* in the dump */
	uint32_t location; /* of the profile; HW_NONE until a sample needs it */
};

/* What a location of the mapping, found by its address, stands for. */
struct hw_jit_place {
	uint32_t location;
	uint32_t stay_count;
	size_t first_stay;
};

/* A location made for one function at one address, to be found again when the dump is read again. */
struct hw_jit_made {
	uint32_t address_location; /* the one found by address */
	uint32_t code_number;	   /* hw_jitdump_code.number */
	uint32_t location;
};

/* Zeroed is empty. */
struct hw_jit_timeline {
	HW_VEC(struct hw_jit_place) places; /* by address, after build */
	HW_VEC(struct hw_jit_stay) stays;
	HW_VEC(uint32_t) place_of; /* by location id; HW_NONE */
	HW_VEC(struct hw_jit_made) made;
	struct hw_map made_index;
};

void hw_jit_timeline_fini(struct hw_jit_timeline *timeline);

/* Find out what lay when at the locations of a mapping. With use_times false the last function holds for all times.
 * Called again after the dump has grown, it knows the locations it has made before. */
void hw_jit_timeline_build(struct hw_jit_timeline *timeline, struct hw_profile *profile, uint32_t mapping,
			   const struct hw_jitdump *dump, bool use_times);

/* The named location for a location of the mapping and a time: of the last function loaded there until then, or, when
 * that was before the first (agents report code a moment after it may run), of the first. The location itself when the
 * dump has no code there. The first function a location is asked for takes it over, others get locations of their own. */
uint32_t hw_jit_timeline_at(struct hw_jit_timeline *timeline, struct hw_profile *profile,
			    const struct hw_jitdump *dump, uint32_t location, uint64_t time_ns);

#endif
