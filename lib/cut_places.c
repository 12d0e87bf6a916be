#include "cut_places.h"

#include "base/map.h"

/* Bounds on memory, about 12 MiB in all. */
#define PLACES_MAX 16384
#define WAY_FRAMES_MAX 262144

#define LEAF_FUNCTIONS 8

#define ROOT (HW_CUT_NONE - 1)

/* Votes of stacks nearly as deep as those that are cut here, with their leaf in that function. */
struct near_votes {
	uint64_t function;
	uint32_t votes;
	uint32_t reached; /* the site where the one was cut that reached furthest out; or ROOT */
};

/* A frame without regard to what was saved: of every activation of a function. */
struct site {
	uint64_t sp_avma;
	uint32_t thread;
	uint32_t location;
	uint64_t near_sp_avma; /* a leaf at or below it is near those that were cut here */
	struct near_votes near[LEAF_FUNCTIONS];
};

struct place {
	uint64_t saved; /* hash of what its callee has saved */
	uint32_t site;
	uint32_t votes;
	uint32_t first, count; /* the way on, in way_frames */
	uint32_t next;	       /* where it leads to: a place, or ROOT; HW_CUT_NONE = not known yet */
	bool is_ambiguous;
};

struct way_frame {
	uint64_t sp_avma;
	uint32_t location;
};

struct hw_cut_places {
	HW_VEC(struct site) sites;
	HW_VEC(struct place) list;
	HW_VEC(struct way_frame) way_frames;
	struct hw_map site_index;
	struct hw_map place_index;
	HW_VEC(struct hw_frame_code) codes; /* by location; CODE_UNKNOWN until asked for */
	bool is_full;
};

/* No unwind table has so many words. */
#define CODE_UNKNOWN ((struct hw_frame_code){ .saved_words = UINT64_MAX })

struct hw_cut_places *hw_cut_places_new(void)
{
	return hw_alloc(1, sizeof(struct hw_cut_places));
}

void hw_cut_places_forget(struct hw_cut_places *places)
{
	hw_vec_fini(&places->sites);
	hw_vec_fini(&places->list);
	hw_vec_fini(&places->way_frames);
	hw_map_fini(&places->site_index);
	hw_map_fini(&places->place_index);
	hw_vec_fini(&places->codes);
	places->is_full = false;
}

void hw_cut_places_free(struct hw_cut_places *places)
{
	if (places)
		hw_cut_places_forget(places);
	free(places);
}

bool hw_cut_places_are_full(const struct hw_cut_places *places)
{
	return places->is_full;
}

/* --- Finding places ---------------------------------------------------------------------------------------- */

static uint64_t hash_site(const struct site *site)
{
	return hw_hash_mix(hw_hash_mix(site->sp_avma, site->thread), site->location);
}

static uint32_t find_site(const struct hw_cut_places *places, const struct site *site, uint64_t hash)
{
	uint32_t id;

	for (size_t slot = hw_map_first(&places->site_index, hash);
	     (id = hw_map_id(&places->site_index, slot)) != HW_MAP_NONE;
	     slot = hw_map_next(&places->site_index, slot, hash)) {
		const struct site *known = &places->sites.at[id];

		if (known->sp_avma == site->sp_avma && known->thread == site->thread &&
		    known->location == site->location)
			return id;
	}
	return HW_CUT_NONE;
}

static uint32_t find_place(const struct hw_cut_places *places, uint32_t site, uint64_t saved)
{
	const uint64_t hash = hw_hash_mix(saved, site);
	uint32_t id;

	for (size_t slot = hw_map_first(&places->place_index, hash);
	     (id = hw_map_id(&places->place_index, slot)) != HW_MAP_NONE;
	     slot = hw_map_next(&places->place_index, slot, hash))
		if (places->list.at[id].site == site && places->list.at[id].saved == saved)
			return id;
	return HW_CUT_NONE;
}

static struct site site_of(const struct hw_cut_stack *stack, size_t at)
{
	return (struct site){ .sp_avma = stack->frames[at].sp_avma,
			      .thread = stack->thread,
			      .location = stack->locations[at] };
}

/* Without an unwinder, which is for tests: each location is a function, which saves three words. */
static struct hw_frame_code ask_code(const struct hw_cut_stack *stack, size_t at)
{
	if (!stack->unwinder)
		return (struct hw_frame_code){ .function = (uint64_t)stack->locations[at] + 1,
					       .saved_words = 7 };
	return hw_unwinder_code(stack->unwinder, stack->process, &stack->frames[at]);
}

static struct hw_frame_code code_of(struct hw_cut_places *places, const struct hw_cut_stack *stack, size_t at)
{
	const uint32_t location = stack->locations[at];

	while (places->codes.count <= location)
		hw_vec_push(&places->codes, CODE_UNKNOWN);
	if (places->codes.at[location].saved_words == UINT64_MAX)
		places->codes.at[location] = ask_code(stack, at);
	return places->codes.at[location];
}

uint64_t hw_cut_places_function(struct hw_cut_places *places, const struct hw_cut_stack *stack)
{
	return stack->count ? code_of(places, stack, 0).function : 0;
}

/* The registers that frame `at` wants back from its callee, as far as they are in the copy. */
static uint64_t saved_of(struct hw_cut_places *places, const struct hw_cut_stack *stack, size_t at)
{
	const uint64_t cfa = stack->frames[at].sp_avma - stack->frames[0].sp_avma;
	uint64_t words = code_of(places, stack, at - 1).saved_words;
	uint64_t hash = words;

	for (; words; words &= words - 1) {
		const uint64_t below = 8 * ((uint64_t)__builtin_ctzll(words) + 1);
		uint64_t word;

		if (below > cfa)
			break;
		memcpy(&word, stack->copy + (cfa - below), sizeof word);
		hash = hw_hash_mix(hash, word);
	}
	return hash;
}

/* Stacks cut here are deeper than those before, since copies have grown or the frame is a large one: what was near them
 * is not any more. */
static void lower(struct site *site, uint64_t near_sp_avma, uint64_t copy_size_bytes)
{
	if (near_sp_avma >= site->near_sp_avma || site->near_sp_avma - near_sp_avma < copy_size_bytes / 16)
		return;
	site->near_sp_avma = near_sp_avma;
	memset(site->near, 0, sizeof site->near);
}

static uint32_t add_site(struct hw_cut_places *places, const struct hw_cut_stack *stack)
{
	struct site site = site_of(stack, stack->count - 1);
	const uint64_t hash = hash_site(&site);
	uint32_t id = find_site(places, &site, hash);

	site.near_sp_avma = stack->frames[0].sp_avma + stack->copy_size_bytes / 8;
	if (id != HW_CUT_NONE) {
		lower(&places->sites.at[id], site.near_sp_avma, stack->copy_size_bytes);
		return id;
	}
	id = (uint32_t)places->sites.count;
	hw_vec_push(&places->sites, site);
	hw_map_insert(&places->site_index, hash, id);
	return id;
}

/* The place where a stack was cut. */
static uint32_t add(struct hw_cut_places *places, const struct hw_cut_stack *stack)
{
	const uint64_t saved = saved_of(places, stack, stack->count - 1);
	uint32_t site;
	uint32_t id;

	if (places->list.count == PLACES_MAX) {
		places->is_full = true;
		return HW_CUT_NONE;
	}
	site = add_site(places, stack);
	id = find_place(places, site, saved);
	if (id != HW_CUT_NONE)
		return id;
	id = (uint32_t)places->list.count;
	hw_vec_push(&places->list, (struct place){ .saved = saved, .site = site, .next = HW_CUT_NONE });
	hw_map_insert(&places->place_index, hw_hash_mix(saved, site), id);
	return id;
}

/* --- Votes ------------------------------------------------------------------------------------------------- */

enum agreement { AGREES, DIFFERS, ENDS_BEFORE };

/* Does the stack go on behind frame `at` as others did? */
static enum agreement compare(const struct hw_cut_places *places, const struct place *place,
			      const struct hw_cut_stack *stack, size_t at)
{
	const size_t further = stack->count - 1 - at;

	for (size_t i = 0; i < place->count && i < further; i++) {
		const struct way_frame *frame = &places->way_frames.at[place->first + i];

		if (frame->sp_avma != stack->frames[at + 1 + i].sp_avma ||
		    frame->location != stack->locations[at + 1 + i])
			return DIFFERS;
	}
	if (further < place->count)
		return stack->end == HW_CUT_AT_ROOT ? DIFFERS : ENDS_BEFORE;
	if (place->next != ROOT)
		return AGREES;
	if (further > place->count)
		return DIFFERS;
	return stack->end == HW_CUT_AT_ROOT ? AGREES : ENDS_BEFORE;
}

/* The first to pass shows the way, to a place further out or to the root. False when it does not reach one. */
static bool take_way(struct hw_cut_places *places, struct place *place, const struct hw_cut_stack *stack,
		     size_t at, uint32_t outer, size_t outer_at)
{
	const size_t count = outer_at - at;

	if (outer == HW_CUT_NONE)
		return false;
	if (places->way_frames.count + count > WAY_FRAMES_MAX) {
		places->is_full = true;
		return false;
	}
	place->first = (uint32_t)places->way_frames.count;
	place->count = (uint32_t)count;
	place->next = outer;
	for (size_t i = at + 1; i <= outer_at; i++)
		hw_vec_push(&places->way_frames,
			    (struct way_frame){ stack->frames[i].sp_avma, stack->locations[i] });
	return true;
}

static uint64_t sp_of(const struct hw_cut_places *places, uint32_t site)
{
	return site == ROOT ? UINT64_MAX : places->sites.at[site].sp_avma;
}

/* own: the site where the stack that passes was cut itself, or ROOT. */
static void count_near(const struct hw_cut_places *places, struct site *site, uint64_t function, uint32_t own)
{
	for (size_t i = 0; i < LEAF_FUNCTIONS; i++) {
		struct near_votes *near = &site->near[i];

		if (!near->votes)
			*near = (struct near_votes){ .function = function, .reached = own };
		if (near->function != function)
			continue;
		near->votes++;
		if (sp_of(places, own) > sp_of(places, near->reached))
			near->reached = own;
		return;
	}
}

/* outer: the next place further out, at frame outer_at; or ROOT, with the last frame; or HW_CUT_NONE. */
static void vote(struct hw_cut_places *places, struct place *place, const struct hw_cut_stack *stack,
		 size_t at, uint32_t outer, size_t outer_at)
{
	if (place->is_ambiguous)
		return;
	if (place->next == HW_CUT_NONE) {
		if (!take_way(places, place, stack, at, outer, outer_at))
			return;
	} else {
		const enum agreement agreement = compare(places, place, stack, at);

		place->is_ambiguous = agreement == DIFFERS;
		if (agreement != AGREES)
			return;
	}
	if (place->votes < UINT32_MAX)
		place->votes++;
}

/* Do all frames lie one above the other in the copy? Not when a handler has run on a stack of its own. */
static bool is_sound(const struct hw_cut_stack *stack)
{
	const struct hw_frame *frames = stack->frames;

	if (stack->count < 2 || !frames[0].sp_avma ||
	    frames[stack->count - 1].sp_avma - frames[0].sp_avma > stack->copy_size_bytes)
		return false;
	for (size_t i = 1; i < stack->count; i++)
		if (frames[i].sp_avma < frames[i - 1].sp_avma ||
		    (i > 1 && frames[i].sp_avma == frames[i - 1].sp_avma))
			return false;
	return true;
}

/* A stack passes frames further in than the one where it was cut itself, if it was. */
static void pass(struct hw_cut_places *places, const struct hw_cut_stack *stack, uint32_t own)
{
	const uint64_t sp_avma = stack->frames[0].sp_avma;
	const uint32_t own_site = own < ROOT ? places->list.at[own].site : own;
	uint32_t outer = own;
	size_t outer_at = stack->count - 1;

	for (size_t at = stack->count - (own < ROOT ? 2 : 1); at >= 1; at--) {
		const struct site key = site_of(stack, at);
		const uint32_t site = find_site(places, &key, hash_site(&key));
		uint32_t place;

		if (site == HW_CUT_NONE)
			continue;
		if (own != HW_CUT_NONE && sp_avma <= places->sites.at[site].near_sp_avma)
			count_near(places, &places->sites.at[site], code_of(places, stack, 0).function,
				   own_site);
		place = find_place(places, site, saved_of(places, stack, at));
		if (place == HW_CUT_NONE)
			continue;
		vote(places, &places->list.at[place], stack, at, outer, outer_at);
		outer = place;
		outer_at = at;
	}
}

uint32_t hw_cut_places_pass(struct hw_cut_places *places, const struct hw_cut_stack *stack)
{
	uint32_t own = HW_CUT_NONE;

	if (places->is_full || !is_sound(stack))
		return HW_CUT_NONE;
	if (stack->end == HW_CUT_SHORT)
		own = add(places, stack);
	else if (stack->end == HW_CUT_AT_ROOT)
		own = ROOT;
	pass(places, stack, own);
	return own < ROOT ? own : HW_CUT_NONE;
}

uint32_t hw_cut_places_votes(const struct hw_cut_places *places, uint32_t place)
{
	return places->list.at[place].votes;
}

/* --- The verdict ------------------------------------------------------------------------------------------- */

static const struct near_votes *find_near(const struct site *site, uint64_t function)
{
	for (size_t i = 0; function && i < LEAF_FUNCTIONS; i++)
		if (site->near[i].function == function && site->near[i].votes >= HW_CUT_NEAR_MIN)
			return &site->near[i];
	return NULL;
}

/* Does a ladder lead from stacks cut there to whole ones, each rung a stack with its leaf in that function and nearly as
 * deep as the one before? Without it, a caller that is met in the deep only would be taken for one that is met above. */
static bool has_ladder(const struct hw_cut_places *places, uint32_t site, uint64_t function)
{
	while (site != ROOT) { /* what was reached lies further out: stack pointers only grow */
		const struct near_votes *near = find_near(&places->sites.at[site], function);

		if (!near)
			return false;
		site = near->reached;
	}
	return true;
}

enum hw_cut_verdict hw_cut_places_judge(const struct hw_cut_places *places, uint32_t place, uint64_t function,
					uint32_t *way, size_t room, size_t *count)
{
	bool seen = has_ladder(places, places->list.at[place].site, function);

	*count = 0;
	while (place != ROOT) {
		const struct place *p = &places->list.at[place];

		if (p->is_ambiguous)
			return HW_CUT_AMBIGUOUS;
		seen &= p->votes >= HW_CUT_VOTES_MIN && p->count <= room - *count;
		if (!seen)
			return HW_CUT_UNSEEN;
		for (size_t i = 0; i < p->count; i++)
			way[(*count)++] = places->way_frames.at[p->first + i].location;
		place = p->next;
	}
	return HW_CUT_WHOLE;
}
