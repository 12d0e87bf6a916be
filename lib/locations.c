#include "locations.h"

void hw_locations_init(struct hw_locations *locations, struct hw_profile *profile,
		       struct hw_process_table *processes)
{
	*locations =
		(struct hw_locations){ .profile = profile, .processes = processes, .main_mapping = HW_NONE };
	locations->cache = hw_alloc((size_t)1 << HW_LOCATIONS_CACHE_BITS, sizeof *locations->cache);
	for (size_t i = 0; i < (size_t)1 << HW_LOCATIONS_CACHE_BITS; i++)
		locations->cache[i].avma = UINT64_MAX; /* lies in no mapping */
	for (size_t i = 0; i < HW_END_COUNT; i++)
		locations->end_location[i] = HW_NONE;
}

void hw_locations_fini(struct hw_locations *locations)
{
	hw_map_fini(&locations->mapping_index);
	hw_vec_fini(&locations->known);
	hw_vec_fini(&locations->dso_of_mapping);
	free(locations->cache);
	locations->cache = NULL;
}

/* Anonymous memory comes, goes and changes its rights piece by piece: a process's is one mapping, of no size here. */
static struct hw_known_mapping key_of(const struct hw_mapping *mapping)
{
	const bool is_anon = hw_dso_kind(mapping->dso) == HW_DSO_ANON;

	return (struct hw_known_mapping){
		.dso_index = hw_dso_index(mapping->dso),
		.file_foff = is_anon ? 0 : mapping->file_foff,
		.size_bytes = is_anon ? 0 : mapping->limit_avma - mapping->start_avma,
	};
}

/* The profile's mapping for a process's mapping: known by its tag, else found or added. */
static uint32_t profile_mapping(struct hw_locations *locations, struct hw_mapping *mapping)
{
	const struct hw_known_mapping key = key_of(mapping);
	const uint64_t hash = hw_hash_mix(hw_hash_mix(key.dso_index, key.file_foff), key.size_bytes);
	struct hw_profile *profile = locations->profile;
	uint32_t id;

	for (size_t slot = hw_map_first(&locations->mapping_index, hash);
	     (id = hw_map_id(&locations->mapping_index, slot)) != HW_MAP_NONE;
	     slot = hw_map_next(&locations->mapping_index, slot, hash)) {
		const struct hw_known_mapping *known = &locations->known.at[id];

		if (known->dso_index == key.dso_index && known->file_foff == key.file_foff &&
		    known->size_bytes == key.size_bytes)
			return id;
	}
	id = hw_profile_add_mapping(profile,
				    &(struct hw_profile_mapping){
					    .start_avma = mapping->start_avma,
					    .limit_avma = mapping->limit_avma,
					    .file_foff = key.file_foff,
					    .filename = hw_profile_string(profile, hw_dso_path(mapping->dso)),
				    });
	hw_vec_push(&locations->known, key);
	hw_vec_push(&locations->dso_of_mapping, mapping->dso);
	hw_map_insert(&locations->mapping_index, hash, id);
	return id;
}

static uint32_t add_location(struct hw_locations *locations, struct hw_mapping *mapping, uint64_t avma)
{
	if (mapping->tag == HW_MAPPING_NO_TAG)
		mapping->tag = profile_mapping(locations, mapping);
	if (!locations->known.at[mapping->tag].size_bytes)
		return hw_profile_add_location(locations->profile, mapping->tag, avma);
	return hw_profile_add_location(locations->profile, mapping->tag,
				       locations->profile->mappings.at[mapping->tag].start_avma +
					       (avma - mapping->start_avma));
}

/* The location of an address in a mapping: that of the same address in a mapping that has the same tag and start. */
static inline uint32_t find_location(struct hw_locations *locations, struct hw_mapping *mapping,
				     uint64_t avma)
{
	const size_t slot = (size_t)(avma * UINT64_C(0x9e3779b97f4a7c15) >> (64 - HW_LOCATIONS_CACHE_BITS));
	struct hw_cached_location *cached = &locations->cache[slot];

	if (cached->avma != avma || cached->start_avma != mapping->start_avma ||
	    cached->tag != mapping->tag) {
		cached->location = add_location(locations, mapping, avma); /* sets the tag, too */
		cached->avma = avma;
		cached->start_avma = mapping->start_avma;
		cached->tag = mapping->tag;
	}
	return cached->location;
}

static void locate(struct hw_locations *locations, struct hw_mappings *mappings,
		   const struct hw_frame *frames, size_t count, uint32_t *ids)
{
	struct hw_mapping *mapping = NULL;

	for (size_t i = 0; i < count; i++) {
		const uint64_t avma = hw_frame_lookup_avma(&frames[i]);

		/* Neighbours in a stack often lie in the same mapping. */
		if (!mapping || avma < mapping->start_avma || avma >= mapping->limit_avma)
			mapping = hw_mappings_find(mappings, avma);
		if (mapping) {
			ids[i] = find_location(locations, mapping, avma);
		} else {
			ids[i] = hw_profile_add_location(locations->profile, HW_NONE, avma);
			locations->profile->quality.frames_unknown++;
		}
	}
}

void hw_locations_of_frames(struct hw_locations *locations, struct hw_process *process,
			    const struct hw_frames *frames, uint32_t *ids)
{
	const size_t kernel_count = frames->kernel_count;

	if (kernel_count)
		locate(locations, hw_process_table_kernel(locations->processes), frames->at, kernel_count,
		       ids);
	locate(locations, &process->mappings, frames->at + kernel_count, frames->count - kernel_count,
	       ids + kernel_count);
	locations->profile->quality.frames += frames->count;
}

uint32_t hw_locations_of_end(struct hw_locations *locations, enum hw_stack_end end)
{
	const bool truncated = hw_stack_end_is_truncated(end);
	struct hw_profile *profile = locations->profile;
	struct hw_line line = { 0 };
	uint32_t name;

	if (locations->end_location[end] != HW_NONE)
		return locations->end_location[end];
	name = hw_profile_string(profile, truncated ? "[truncated]" : "[broken]");
	line.function =
		hw_profile_add_function(profile, &(struct hw_function){ .name = name, .system_name = name });
	locations->end_location[end] = hw_profile_append_location(profile, HW_NONE, 0);
	hw_profile_set_lines(profile, locations->end_location[end], &line, 1);
	return locations->end_location[end];
}

void hw_locations_find_main(struct hw_locations *locations, struct hw_process *process)
{
	for (size_t i = 0; i < process->mappings.list.count; i++) {
		struct hw_mapping *mapping = &process->mappings.list.at[i];

		if (hw_dso_kind(mapping->dso) == HW_DSO_FILE) {
			mapping->tag = profile_mapping(locations, mapping);
			locations->main_mapping = mapping->tag;
			break;
		}
	}
}

static void put_main_mapping_first(struct hw_locations *locations)
{
	struct hw_dso **dsos = locations->dso_of_mapping.at;
	struct hw_dso *first;

	if (locations->main_mapping == HW_NONE || !locations->main_mapping)
		return;
	first = dsos[0];
	dsos[0] = dsos[locations->main_mapping];
	dsos[locations->main_mapping] = first;
	hw_profile_put_mapping_first(locations->profile, locations->main_mapping);
}

/* The kernel's mapping is all of its half of the address space, anonymous memory is many pieces: the profile's mapping is
 * from the lowest to the highest address seen. */
static void fit_mappings(struct hw_locations *locations)
{
	const uint64_t page = 4096;
	struct hw_profile *profile = locations->profile;

	for (size_t m = 0; m < profile->mappings.count; m++) {
		struct hw_profile_mapping *mapping = &profile->mappings.at[m];
		const enum hw_dso_kind kind = hw_dso_kind(locations->dso_of_mapping.at[m]);
		uint64_t low = UINT64_MAX;
		uint64_t high = 0;

		if (kind != HW_DSO_KERNEL && kind != HW_DSO_ANON)
			continue;
		for (size_t i = 0; i < profile->locations.count; i++) {
			const struct hw_location *location = &profile->locations.at[i];

			if (location->mapping != m)
				continue;
			low = location->avma < low ? location->avma : low;
			high = location->avma > high ? location->avma : high;
		}
		if (low > high)
			continue;
		mapping->start_avma = low & ~(page - 1);
		mapping->file_foff = kind == HW_DSO_KERNEL ? mapping->start_avma : 0;
		mapping->limit_avma = (high | (page - 1)) + (high < UINT64_MAX - page);
	}
}

void hw_locations_finish(struct hw_locations *locations)
{
	put_main_mapping_first(locations);
	fit_mappings(locations);
}
