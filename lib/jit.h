/* Code that no file holds: what JIT compilers put into anonymous memory, named by what they leave for profilers,
 * /tmp/perf-PID.map (dso/perf_map.h). */
#ifndef HW_JIT_H
#define HW_JIT_H

#include "locations.h"

struct hw_jit; /* lib/jit.c */

/* locations: where frames become locations; borrowed. */
struct hw_jit *hw_jit_new(struct hw_locations *locations);
void hw_jit_free(struct hw_jit *jit);

/* After the locations of a sample's frames were asked for: process is the sampled one. The first sample in anonymous
 * memory makes the process known, with its /tmp held open. */
void hw_jit_see(struct hw_jit *jit, const struct hw_process *process);

/* A record that is no sample was applied: when a process has ended, its code is named at once, before its map, or the
 * pid, is another's. */
void hw_jit_apply(struct hw_jit *jit, const struct hw_record *record);

/* Name what has no name yet, as late as can be, since maps are written late; call the mappings "[JIT] pid N"; note what
 * stays unknown and what would help, and what is uncertain. */
void hw_jit_finish(struct hw_jit *jit);

#endif
