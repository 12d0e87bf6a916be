#include "jit_timeline.h"

#include "dso/demangle.h"

/* In all: from here on each address has its newest only. */
#define STAYS_MAX ((size_t)4 << 20)

void hw_jit_timeline_fini(struct hw_jit_timeline *timeline)
{
	hw_vec_fini(&timeline->places);
	hw_vec_fini(&timeline->stays);
	hw_vec_fini(&timeline->place_of);
	hw_vec_fini(&timeline->made);
	hw_map_fini(&timeline->made_index);
}

/* --- What lay where ------------------------------------------------------------------------------------------ */

static uint64_t hash_made(uint32_t address_location, uint32_t code_number)
{
	return hw_hash_mix(address_location, code_number);
}

/* The location made before, or HW_NONE. */
static uint32_t find_made(const struct hw_jit_timeline *timeline, uint32_t address_location,
			  uint32_t code_number)
{
	const uint64_t hash = hash_made(address_location, code_number);
	uint32_t id;

	for (size_t slot = hw_map_first(&timeline->made_index, hash);
	     (id = hw_map_id(&timeline->made_index, slot)) != HW_MAP_NONE;
	     slot = hw_map_next(&timeline->made_index, slot, hash)) {
		const struct hw_jit_made *made = &timeline->made.at[id];

		if (made->address_location == address_location && made->code_number == code_number)
			return made->location;
	}
	return HW_NONE;
}

static int compare_places(const void *left, const void *right, void *locations)
{
	const struct hw_location *all = locations;
	const uint64_t a = all[((const struct hw_jit_place *)left)->location].avma;
	const uint64_t b = all[((const struct hw_jit_place *)right)->location].avma;

	return a < b ? -1 : a > b;
}

/* The mapping's locations, but for those made here, by address. */
static void find_places(struct hw_jit_timeline *timeline, const struct hw_profile *profile, uint32_t mapping)
{
	const size_t count = profile->locations.count;

	timeline->places.count = 0;
	timeline->stays.count = 0;
	timeline->place_of.count = 0;
	hw_vec_reserve(&timeline->place_of, count);
	for (size_t i = 0; i < count; i++)
		hw_vec_push(&timeline->place_of, HW_NONE);
	for (size_t i = 0; i < timeline->made.count; i++)
		if (timeline->made.at[i].location != timeline->made.at[i].address_location)
			timeline->place_of.at[timeline->made.at[i].location] = 0; /* passed over below */
	for (size_t i = 0; i < count; i++) {
		if (profile->locations.at[i].mapping == mapping && timeline->place_of.at[i] == HW_NONE)
			hw_vec_push(&timeline->places, (struct hw_jit_place){ .location = (uint32_t)i });
		timeline->place_of.at[i] = HW_NONE;
	}
	if (timeline->places.count)
		qsort_r(timeline->places.at, timeline->places.count, sizeof *timeline->places.at,
			compare_places, profile->locations.at);
	for (size_t i = 0; i < timeline->places.count; i++)
		timeline->place_of.at[timeline->places.at[i].location] = (uint32_t)i;
}

static void reverse(struct hw_jit_stay *stays, size_t count)
{
	for (size_t i = 0; i < count / 2; i++) {
		const struct hw_jit_stay stay = stays[i];

		stays[i] = stays[count - 1 - i];
		stays[count - 1 - i] = stay;
	}
}

static void find_stays(struct hw_jit_timeline *timeline, struct hw_jit_place *place, uint64_t avma,
		       struct hw_code_sweep *sweep, const struct hw_jitdump *dump, uint32_t most)
{
	uint32_t code = sweep->count;

	place->first_stay = timeline->stays.count;
	hw_code_sweep_to(sweep, avma);
	while (place->stay_count < most && (code = hw_code_sweep_before(sweep, code)) != HW_CODE_NONE) {
		const struct hw_jitdump_code *at = &dump->codes.at[code];

		hw_vec_push(
			&timeline->stays,
			(struct hw_jit_stay){ .time_ns = at->time_ns,
					      .code = code,
					      .location = find_made(timeline, place->location, at->number) });
		place->stay_count++;
	}
	if (place->stay_count)
		reverse(timeline->stays.at + place->first_stay, place->stay_count);
}

void hw_jit_timeline_build(struct hw_jit_timeline *timeline, struct hw_profile *profile, uint32_t mapping,
			   const struct hw_jitdump *dump, bool use_times)
{
	struct hw_code_sweep sweep;

	find_places(timeline, profile, mapping);
	hw_code_sweep_init(&sweep, dump->codes.at, sizeof *dump->codes.at, dump->codes.count);
	for (size_t i = 0; i < timeline->places.count; i++) {
		struct hw_jit_place *place = &timeline->places.at[i];

		find_stays(timeline, place, profile->locations.at[place->location].avma, &sweep, dump,
			   use_times && timeline->stays.count < STAYS_MAX ? HW_JIT_FUNCTIONS_MAX : 1);
	}
	hw_code_sweep_fini(&sweep);
}

/* --- Locations ----------------------------------------------------------------------------------------------- */

/* Name a location by a function of the dump. Its file is that of its first line; a line of another one is of code
 * that was inlined, which the format does not tell apart, and is left out. */
static void set_name(struct hw_profile *profile, uint32_t location, const struct hw_jitdump *dump,
		     const struct hw_jitdump_code *code)
{
	const char *system_name = hw_strtab_text(&dump->strings, code->name);
	const struct hw_jitdump_line *at =
		hw_jitdump_line_at(dump, code, profile->locations.at[location].avma);
	const struct hw_jitdump_line *first = code->line_count ? &dump->lines.at[code->first_line] : NULL;
	struct hw_arena scratch = { 0 };
	const char *name = hw_demangle(system_name, &scratch);
	struct hw_function function = { .name = hw_profile_string(profile, name ? name : system_name),
					.system_name = hw_profile_string(profile, system_name) };
	struct hw_line line = { 0 };

	if (first)
		function.filename = hw_profile_string(profile, hw_strtab_text(&dump->strings, first->file));
	if (at && first && at->file == first->file) {
		line.line = at->line;
		line.column = at->column;
	}
	line.function = hw_profile_add_function(profile, &function);
	hw_profile_set_lines(profile, location, &line, 1);
	hw_arena_fini(&scratch);
}

static uint32_t make_location(struct hw_jit_timeline *timeline, struct hw_profile *profile,
			      const struct hw_jitdump *dump, const struct hw_jit_place *place, uint32_t code)
{
	const struct hw_location address = profile->locations.at[place->location];
	const struct hw_jit_made made = {
		.address_location = place->location,
		.code_number = dump->codes.at[code].number,
		.location = address.line_count
				    ? hw_profile_append_location(profile, address.mapping, address.avma)
				    : place->location,
	};

	set_name(profile, made.location, dump, &dump->codes.at[code]);
	hw_map_insert(&timeline->made_index, hash_made(made.address_location, made.code_number),
		      (uint32_t)timeline->made.count);
	hw_vec_push(&timeline->made, made);
	return made.location;
}

uint32_t hw_jit_timeline_at(struct hw_jit_timeline *timeline, struct hw_profile *profile,
			    const struct hw_jitdump *dump, uint32_t location, uint64_t time_ns)
{
	const uint32_t index =
		location < timeline->place_of.count ? timeline->place_of.at[location] : HW_NONE;
	const struct hw_jit_place *place;
	struct hw_jit_stay *stays;
	size_t low = 0, high;

	if (index == HW_NONE || !timeline->places.at[index].stay_count)
		return location;
	place = &timeline->places.at[index];
	stays = timeline->stays.at + place->first_stay;
	high = place->stay_count;
	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (stays[middle].time_ns <= time_ns)
			low = middle + 1;
		else
			high = middle;
	}
	if (low)
		low--;
	if (stays[low].location == HW_NONE)
		stays[low].location = make_location(timeline, profile, dump, place, stays[low].code);
	return stays[low].location;
}
