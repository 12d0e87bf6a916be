/* The profile: what pprof's profile.proto holds, in arrays with ids. Everything reads from or writes to it. */
#ifndef HW_PROFILE_PROFILE_H
#define HW_PROFILE_PROFILE_H

#include "base/strtab.h"
#include "profile/label.h"
#include "profile/metric.h"
#include "profile/quality.h"
#include "profile/stack.h"

#include <stdbool.h>
#include <stdint.h>

#define HW_NONE UINT32_MAX
#define HW_SAMPLE_TYPES_MAX 64

/* All texts are ids into hw_profile.strings; 0 is "". */
struct hw_value_type {
	uint32_t type; /* "samples", "cycles", "cpu-clock" */
	uint32_t unit; /* "count", "nanoseconds", "bytes" */
};

/* Addresses of locations lie in [start, limit), offset in the file = avma - start + file_foff. */
struct hw_profile_mapping {
	uint64_t start_avma, limit_avma, file_foff;
	uint32_t filename;
	uint32_t build_id; /* lower-case hex */
	bool has_functions, has_filenames, has_line_numbers, has_inline_frames;
};

struct hw_function {
	uint32_t name;	      /* for people: demangled */
	uint32_t system_name; /* as in the symbol table; the same as name when there is only one */
	uint32_t filename;
	int64_t start_line;
};

struct hw_line {
	uint32_t function;
	int64_t line, column; /* 0 unknown */
};

/* One instruction. lines[first_line .. +line_count): innermost inlined callee first; none = no symbol. */
struct hw_location {
	uint32_t mapping; /* HW_NONE = in none */
	uint32_t line_count;
	uint64_t avma; /* to be looked up as it stands: return addresses are already stepped back by one */
	uint32_t first_line;
	bool is_folded;
};

/* A distinct (stack, label set); its values are values[index * sample_type_count ...]. */
struct hw_profile_sample {
	struct hw_stack_id stack;
	struct hw_label_set_id labels;
};

struct hw_profile {
	struct hw_strtab strings;
	HW_VEC(struct hw_value_type) sample_types;
	HW_VEC(struct hw_profile_mapping) mappings; /* [0] is the main binary */
	HW_VEC(struct hw_function) functions;
	HW_VEC(struct hw_line) lines;
	HW_VEC(struct hw_location) locations;
	struct hw_stacks stacks;
	struct hw_label_sets label_sets;
	HW_VEC(struct hw_profile_sample) samples;
	HW_VEC(int64_t) values;

	uint32_t default_sample_type; /* string id; 0 = the last one */
	struct hw_value_type period_type;
	int64_t period;
	int64_t time_ns; /* start, UTC since the epoch */
	int64_t duration_ns;
	HW_VEC(uint32_t) comments;
	uint32_t drop_frames, keep_frames, doc_url;

	struct hw_recording recording;		  /* who, where: empty in profiles of others */
	struct hw_quality quality;		  /* .present is false in profiles of others */
	HW_VEC(struct hw_profile_metric) metrics; /* what can be computed from its values */

	/* Indexes for interning; kept up by the functions below. */
	struct hw_map function_index, location_index, sample_index;
};

struct hw_profile *hw_profile_new(void);
void hw_profile_free(struct hw_profile *profile);
void hw_profile_freep(struct hw_profile **profile);

/* Id of a text in the profile's strings. */
static inline uint32_t hw_profile_string(struct hw_profile *profile, const char *text)
{
	return hw_strtab_add(&profile->strings, text);
}

static inline const char *hw_profile_text(const struct hw_profile *profile, uint32_t string)
{
	return hw_strtab_text(&profile->strings, string);
}

/* Append a sample type; only before the first sample. Returns its index. */
size_t hw_profile_add_sample_type(struct hw_profile *profile, const char *type, const char *unit);

/* Index of the type of that name (by its first match), or HW_NONE. */
uint32_t hw_profile_find_sample_type(const struct hw_profile *profile, const char *type);

/* The type shown when none is asked for: default_sample_type, else the last (pprof, SampleIndexByName). */
uint32_t hw_profile_default_sample_type(const struct hw_profile *profile);

/* Append a mapping (never merged). Returns its id. */
uint32_t hw_profile_add_mapping(struct hw_profile *profile, const struct hw_profile_mapping *mapping);

/* Make a mapping the first, as readers expect of the main binary's: it and mapping 0 trade places. The caller's own
 * mapping ids of the two trade meaning. */
void hw_profile_put_mapping_first(struct hw_profile *profile, uint32_t mapping);

/* Id of the function with exactly these fields, added when new. */
uint32_t hw_profile_add_function(struct hw_profile *profile, const struct hw_function *function);

/* Show every function by its name in the symbol table (_ZN3foo3barEv), where it has one. For a complete profile: the names
 * that functions are found again by do not change. */
void hw_profile_use_system_names(struct hw_profile *profile);

/* Id of the location at (mapping, address), added without lines when new. Allocates only when it is new. */
uint32_t hw_profile_add_location(struct hw_profile *profile, uint32_t mapping, uint64_t avma);

/* Append a location of its own, never merged and never found by hw_profile_add_location: files of others hold
 * different places at one address (0, when they have none). */
uint32_t hw_profile_append_location(struct hw_profile *profile, uint32_t mapping, uint64_t avma);

/* Give a location its lines (copied), innermost first; replaces earlier ones. */
void hw_profile_set_lines(struct hw_profile *profile, uint32_t location, const struct hw_line *lines,
			  uint32_t line_count);

/* Add values (one per sample type) to the (stack, labels) pair. Allocates only when the pair is new. A sum that
 * does not fit stays at INT64_MAX or INT64_MIN. */
void hw_profile_add_sample(struct hw_profile *profile, struct hw_stack_id stack,
			   struct hw_label_set_id labels, const int64_t *values);

/* Ask the memory for what adding to a pair will read: first what leads to the places, then, when that has come, the places
 * themselves. For those who add many (profile/batch.h). The stack exists. */
void hw_profile_expect(const struct hw_profile *profile, struct hw_stack_id stack,
		       struct hw_label_set_id labels);
void hw_profile_expect_more(const struct hw_profile *profile, struct hw_stack_id stack,
			    struct hw_label_set_id labels);

/* The values of sample index, one per sample type. */
static inline const int64_t *hw_profile_values(const struct hw_profile *profile, size_t sample)
{
	return profile->values.at + sample * profile->sample_types.count;
}

/* Sum of one sample type over all samples; saturates as above. */
int64_t hw_profile_total(const struct hw_profile *profile, uint32_t sample_type);

#endif
