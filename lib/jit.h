/* Code that no file holds: what JIT compilers put into anonymous memory, named by what they leave for profilers:
 * /tmp/perf-PID.map (dso/perf_map.h), or a jitdump (dso/jitdump.h), which also tells when.
 *
 * Compilers write jitdumps through buffers, seconds late. So samples in code of a process that has one are kept aside,
 * with their time, until the end; then each goes to the function that lay at its addresses at that time. */
#ifndef HW_JIT_H
#define HW_JIT_H

#include "columns.h"
#include "locations.h"

struct hw_jit; /* lib/jit.c */

/* locations: where frames become locations; borrowed. */
struct hw_jit *hw_jit_new(struct hw_locations *locations);
void hw_jit_free(struct hw_jit *jit);

/* After the locations of a sample's frames were asked for: process is the sampled one. The first sample in anonymous
 * memory makes the process known, with its /tmp held open. */
void hw_jit_see(struct hw_jit *jit, const struct hw_process *process);

/* Samples are stamped with CLOCK_MONOTONIC, as jitdumps should be; without it, times of jitdumps mean nothing. */
void hw_jit_set_clock(struct hw_jit *jit, bool is_monotonic);

/* A sample's locations, leaf first, to be added to the profile by the caller, or, when this returns true, kept here until
 * it is known what was at its addresses. column is borrowed until hw_jit_finish. */
bool hw_jit_keep(struct hw_jit *jit, uint64_t time_ns, const uint32_t *locations, uint32_t count,
		 struct hw_label_set_id labels, const struct hw_column *column, uint64_t period_events);

/* A record that is no sample was applied: when a process has ended, its code is named at once, before its map, or the
 * pid, is another's. */
void hw_jit_apply(struct hw_jit *jit, const struct hw_record *record);

/* Add the kept samples. Name what has no name yet, as late as can be, since maps are written late; call the mappings "[JIT] pid N"; note what
 * stays unknown and what would help, and what is uncertain. */
void hw_jit_finish(struct hw_jit *jit);

#endif
