/* Which location of the profile a frame is: frames have addresses of one process at one moment, locations are the
 * same for every process that runs the same code. */
#ifndef HW_LOCATIONS_H
#define HW_LOCATIONS_H

#include "process/process.h"
#include "profile/profile.h"
#include "unwind/unwind.h"

/* A mapping of the profile: one for every (DSO, part of its file), whatever processes map it and where. Addresses are
 * those of the process that was seen first. */
struct hw_known_mapping {
	uint32_t dso_index;
	uint64_t file_foff;
	uint64_t size_bytes;
};

/* An address of some process, in a mapping that starts there and has that tag, and its location. */
struct hw_cached_location {
	uint64_t avma;
	uint64_t start_avma;
	uint32_t tag;
	uint32_t location;
};

#define HW_LOCATIONS_CACHE_BITS 12

struct hw_locations {
	struct hw_profile *profile;	    /* borrowed */
	struct hw_process_table *processes; /* borrowed; for the kernel's mappings */
	struct hw_map mapping_index;
	struct hw_cached_location *cache;	/* 2^HW_LOCATIONS_CACHE_BITS, by hash of the address; owned */
	HW_VEC(struct hw_known_mapping) known;	/* by profile mapping id */
	HW_VEC(struct hw_dso *) dso_of_mapping; /* likewise; borrowed from the recording's table */
	uint32_t end_location[HW_END_COUNT];	/* "[truncated]", "[broken]"; HW_NONE until used */
	uint32_t main_mapping;			/* id of the mapping of the program's own code, or HW_NONE */
};

/* Profile and processes are borrowed and outlive the locations. */
void hw_locations_init(struct hw_locations *locations, struct hw_profile *profile,
		       struct hw_process_table *processes);
void hw_locations_fini(struct hw_locations *locations);

/* The locations of frames of a process whose mappings are as of the sample's time: ids[i] for frames->at[i]. Counts the
 * frames in the profile's quality. Allocates only for locations not seen before. */
void hw_locations_of_frames(struct hw_locations *locations, struct hw_process *process,
			    const struct hw_frames *frames, uint32_t *ids);

/* A location that says, at the root of a stack, why the stack does not reach its own. */
uint32_t hw_locations_of_end(struct hw_locations *locations, enum hw_stack_end end);

/* Remember the program's own binary, which pprof takes the first mapping for: code mapped from a file at the lowest
 * address, as the kernel lays processes out. */
void hw_locations_find_main(struct hw_locations *locations, struct hw_process *process);

/* The recording is over: the main mapping comes first, and the kernel's is as large as what was seen of it. */
void hw_locations_finish(struct hw_locations *locations);

#endif
