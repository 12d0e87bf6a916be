/* stitch.c: threads that call and return (tests/lib/calls.h) are sampled with copies that are too short; what comes out in
 * the profile is held against their true stacks. */
#include "stitch.h"
#include "tests/lib/calls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define COPY 320
#define WHOLE 9 /* frames of 4 words that are seen whole, without main and the caller */

enum {
	IN_MAIN = 1,
	MAIN_CALLS,
	A_CALLS,
	B_CALLS,
	CALLS_LEFT,
	CALLS_RIGHT,
	IN_RECURSION,
	LEAF_A,
	LEAF_B,
	CUT
};

static const struct hw_column column = {
	.samples = 0, .value = 1, .whole_samples = HW_NONE, .whole_value = HW_NONE
};

struct world {
	struct hw_profile *profile;
	struct hw_stitch *stitch;
	struct hw_stack_counts counts;
	struct hw_stacks truth; /* ids are the labels of samples */
	struct hw_calls calls;
	uint64_t random;
	uint64_t samples;
	uint64_t events;
};

static void start(struct world *w)
{
	*w = (struct world){ .profile = hw_profile_new() };
	hw_profile_add_sample_type(w->profile, "samples", "count");
	hw_profile_add_sample_type(w->profile, "events", "count");
	w->stitch = hw_stitch_new(w->profile, &column, &w->counts);
	hw_vec_push(&w->counts.by_dso, (struct hw_ends_of_dso){ { 0 } });
	hw_calls_start(&w->calls, hw_stitch_new_thread(w->stitch), IN_MAIN);
}

static void end(struct world *w)
{
	hw_stitch_free(w->stitch);
	hw_stacks_fini(&w->truth);
	hw_stack_counts_fini(&w->counts);
	hw_profile_free(w->profile);
}

static int set_up(void **state)
{
	static struct world w;

	start(&w);
	*state = &w;
	return 0;
}

static int tear_down(void **state)
{
	end(*state);
	return 0;
}

/* As the pipeline does it. */
static void sample(struct world *w, uint64_t copy_size_bytes)
{
	struct hw_cut_stack all = hw_calls_sample(&w->calls, UINT64_MAX / 2);
	struct hw_stitch_sample to_keep = { .period_events = 1000 + w->samples };
	uint32_t locations[HW_CALLS_MAX + 1];
	int64_t values[2] = { 0 };

	to_keep.labels.index = hw_stacks_add(&w->truth, all.locations, (uint32_t)all.count).index;
	w->samples++;
	w->events += to_keep.period_events;
	all = hw_calls_sample(&w->calls, copy_size_bytes);
	memcpy(locations, all.locations, all.count * sizeof *locations);
	if (all.end == HW_CUT_SHORT) {
		w->counts.ends[HW_END_TRUNCATED]++;
		w->counts.by_dso.at[0].count[HW_END_TRUNCATED]++;
		locations[all.count++] = CUT;
		to_keep.stack = hw_stacks_add(&w->profile->stacks, locations, (uint32_t)all.count--);
	} else {
		w->counts.ends[HW_END_ROOT]++;
		to_keep.stack = hw_stacks_add(&w->profile->stacks, locations, (uint32_t)all.count);
	}
	if (hw_stitch_take(w->stitch, &all, &to_keep))
		return;
	hw_column_count(&column, values, (int64_t)to_keep.period_events);
	hw_profile_add_sample(w->profile, to_keep.stack, to_keep.labels, values);
}

/* main calls a caller, that calls the recursion, which is depth frames deep and calls the leaf. */
static void recurse(struct world *w, uint32_t caller_location, size_t depth, uint32_t leaf)
{
	hw_calls_unwind_to(&w->calls, 1);
	hw_calls_call(&w->calls, MAIN_CALLS, caller_location, 4, 7);
	for (size_t i = 1; i < depth; i++)
		hw_calls_call(&w->calls, i > 1 ? CALLS_LEFT : caller_location, IN_RECURSION, 4, 7);
	hw_calls_call(&w->calls, depth > 1 ? CALLS_LEFT : caller_location, leaf, 4, 7);
}

static void sample_depths(struct world *w, uint32_t caller_location, size_t low, size_t high, uint32_t leaf)
{
	for (size_t depth = low; depth <= high; depth++) {
		recurse(w, caller_location, depth, leaf);
		sample(w, COPY);
	}
}

/* Samples of the profile by what their stacks are; each whole one is the true one, or it is wrong. */
struct outcome {
	int64_t whole, cut, wrong;
};

static struct outcome outcome_of(const struct world *w)
{
	const struct hw_profile *profile = w->profile;
	struct outcome outcome = { 0 };

	for (size_t i = 0; i < profile->samples.count; i++) {
		const struct hw_stack_id true_id = { profile->samples.at[i].labels.index };
		const int64_t times = hw_profile_values(profile, i)[0];
		uint32_t count, true_count;
		const uint32_t *found =
			hw_stacks_locations(&profile->stacks, profile->samples.at[i].stack, &count);
		const uint32_t *truth = hw_stacks_locations(&w->truth, true_id, &true_count);

		if (found[count - 1] == CUT)
			outcome.cut += times;
		else if (count == true_count && memcmp(found, truth, count * sizeof *found) == 0)
			outcome.whole += times;
		else
			outcome.wrong += times;
	}
	return outcome;
}

/* Every sample is in the profile once, and the counts of ends say what became of it. */
static struct outcome settle(struct world *w)
{
	struct outcome outcome;

	hw_stitch_settle(w->stitch);
	outcome = outcome_of(w);
	assert_int_equal(hw_profile_total(w->profile, 0), w->samples);
	assert_int_equal(hw_profile_total(w->profile, 1), w->events);
	assert_int_equal(outcome.whole + outcome.wrong,
			 w->counts.ends[HW_END_ROOT] + w->counts.ends[HW_END_STITCHED]);
	assert_int_equal(outcome.cut, w->counts.ends[HW_END_TRUNCATED] + w->counts.ends[HW_END_AMBIGUOUS]);
	assert_int_equal(outcome.cut, w->counts.by_dso.at[0].count[HW_END_TRUNCATED] +
					      w->counts.by_dso.at[0].count[HW_END_AMBIGUOUS]);
	return outcome;
}

/* Up and down through all depths: only the first pass, when no place was known yet, and the last one, behind which there
 * was none, stay cut. */
static void a_recursion_is_completed(void **state)
{
	struct world *w = *state;
	struct outcome outcome;

	for (int round = 0; round < 50; round++)
		sample_depths(w, A_CALLS, 1, 30, LEAF_A);
	outcome = settle(w);
	assert_int_equal(outcome.wrong, 0);
	assert_int_equal(outcome.cut, 2 * (30 - WHOLE));
	assert_int_equal(w->counts.ends[HW_END_STITCHED], 48 * (30 - WHOLE));
}

/* Two callers: nothing of the one nor of the other, and that is counted, but for the stacks in which they can be seen
 * still. */
static void two_callers_complete_nothing(void **state)
{
	struct world *w = *state;
	struct outcome outcome;

	for (int round = 0; round < 50; round++) {
		sample_depths(w, A_CALLS, 1, 30, LEAF_A);
		sample_depths(w, B_CALLS, 1, 30, LEAF_A);
	}
	outcome = settle(w);
	assert_int_equal(outcome.wrong, 0);
	assert_int_equal(w->counts.ends[HW_END_STITCHED], 2 * 48);
	assert_int_equal(w->counts.ends[HW_END_AMBIGUOUS], 100 * (30 - WHOLE - 1));
}

/* A long stretch of stacks cut at one place, and no other stack in it: another caller's perhaps, though all around it
 * agrees. */
static void a_long_run_is_left_alone(void **state)
{
	struct world *w = *state;
	struct outcome outcome;

	for (int round = 0; round < 50; round++)
		sample_depths(w, A_CALLS, 1, 12, LEAF_A);
	for (int i = 0; i < HW_STITCH_RUN_MAX; i++) /* one was there before */
		sample_depths(w, B_CALLS, 12, 12, LEAF_A);
	for (int round = 0; round < 50; round++)
		sample_depths(w, A_CALLS, 1, 12, LEAF_A);
	outcome = settle(w);
	assert_int_equal(outcome.wrong, 0);
	assert_int_equal(outcome.cut, HW_STITCH_RUN_MAX + 1 + 2 * 3);
}

/* What came before any other stack passed, or after the last one did, is not completed. */
static void votes_come_before_and_after(void **state)
{
	struct world *w = *state;
	struct outcome outcome;

	for (int i = 0; i < 5; i++)
		sample_depths(w, B_CALLS, 10, 10, LEAF_A);
	for (int i = 0; i < 100; i++)
		sample_depths(w, A_CALLS, WHOLE, WHOLE, LEAF_A);
	for (int i = 0; i < 5; i++)
		sample_depths(w, B_CALLS, 10, 10, LEAF_A);
	outcome = settle(w);
	assert_int_equal(outcome.wrong, 0);
	assert_int_equal(outcome.cut, 10);
}

/* Lost records: what was known is forgotten, since threads may not be what they seem; what was kept is settled first. */
static void losses_begin_anew(void **state)
{
	struct world *w = *state;

	for (int round = 0; round < 50; round++)
		sample_depths(w, A_CALLS, 1, 12, LEAF_A);
	hw_stitch_forget(w->stitch);
	assert_int_equal(w->counts.ends[HW_END_STITCHED], 48 * 3);
	for (int round = 0; round < 2; round++) /* would be enough for who remembers */
		sample_depths(w, A_CALLS, 1, 12, LEAF_A);
	settle(w);
	assert_int_equal(w->counts.ends[HW_END_STITCHED], 48 * 3);
}

/* More samples than are kept aside, more places than are remembered: nothing is lost, and much is still completed. */
static void memory_is_bounded(void **state)
{
	struct world *w = *state;
	struct outcome outcome;

	for (int round = 0; round < 12000; round++)
		sample_depths(w, A_CALLS, 5, 15, LEAF_A);
	for (int round = 0; round < 12000; round++) {
		w->calls.thread = 2 + (uint32_t)round;
		sample_depths(w, A_CALLS, WHOLE, WHOLE + 2, LEAF_A);
	}
	outcome = settle(w);
	assert_int_equal(outcome.wrong, 0);
	assert_in_range(w->counts.ends[HW_END_STITCHED], 70000, 72000);
}

/* --- Random programs ------------------------------------------------------------------------------------------ */

static uint64_t draw(struct world *w, uint64_t below)
{
	w->random = w->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (w->random >> 33) % below;
}

/* Two callers with leaves of their own and any two ranges of depths, nothing else on the stack, in turns of any length. */
static void play_callers(struct world *w, int samples)
{
	uint64_t low[2], span[2];
	const uint64_t turn_length = 1 + draw(w, 40);
	int turn = 0;

	for (int i = 0; i < 2; i++) {
		low[i] = 1 + draw(w, 30);
		span[i] = 1 + draw(w, 30);
	}
	for (int i = 0; i < samples; i++) {
		if (!draw(w, turn_length))
			turn = !turn;
		recurse(w, turn ? B_CALLS : A_CALLS, low[turn] + draw(w, span[turn]), turn ? LEAF_B : LEAF_A);
		sample(w, COPY);
	}
}

/* A walk up and down a tree of calls from two places each. Every activation saves something of its own. */
static void play_tree(struct world *w, int samples)
{
	for (uint64_t step = 0, taken = 0; taken < (uint64_t)samples; step++) {
		const size_t depth = w->calls.count;

		if (depth < 60 && (depth == 1 || draw(w, 100) < 49 + 2 * (depth < 8)))
			hw_calls_call(&w->calls, draw(w, 2) ? CALLS_LEFT : CALLS_RIGHT, IN_RECURSION,
				      4 + draw(w, 2), step);
		else if (depth > 1)
			hw_calls_return(&w->calls);
		if (!draw(w, 4)) {
			w->calls.frames[w->calls.count - 1].location = IN_RECURSION;
			sample(w, COPY);
			taken++;
		}
	}
}

static struct outcome play(void (*program)(struct world *w, int samples), int programs, int samples)
{
	struct outcome all = { 0 };

	for (int i = 0; i < programs; i++) {
		static struct world w;
		struct outcome outcome;

		start(&w);
		w.random = (uint64_t)i * 977 + 12345;
		program(&w, samples);
		outcome = settle(&w);
		if (outcome.wrong)
			print_message("program %d: %d wrong of %d\n", i, (int)outcome.wrong, samples);
		all.whole += (int64_t)w.counts.ends[HW_END_STITCHED];
		all.cut += outcome.cut;
		all.wrong += outcome.wrong;
		end(&w);
	}
	print_message("%d stitched, %d cut, %d wrong\n", (int)all.whole, (int)all.cut, (int)all.wrong);
	return all;
}

/* However callers take turns, and however deep, a leaf is never below the wrong one. */
static void callers_in_turns_are_never_mixed_up(void **state)
{
	const struct outcome outcome = play(play_callers, 300, 2000);

	(void)state;
	assert_int_equal(outcome.wrong, 0);
	assert_true(outcome.whole > 1000);
}

/* A recursion that changes its way all the time is completed with the way it was on. */
static void ways_through_a_tree_are_never_mixed_up(void **state)
{
	const struct outcome outcome = play(play_tree, 100, 5000);

	(void)state;
	assert_int_equal(outcome.wrong, 0);
	assert_true(outcome.whole > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_recursion_is_completed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(two_callers_complete_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_long_run_is_left_alone, set_up, tear_down),
		cmocka_unit_test_setup_teardown(votes_come_before_and_after, set_up, tear_down),
		cmocka_unit_test_setup_teardown(losses_begin_anew, set_up, tear_down),
		cmocka_unit_test_setup_teardown(memory_is_bounded, set_up, tear_down),
		cmocka_unit_test(callers_in_turns_are_never_mixed_up),
		cmocka_unit_test(ways_through_a_tree_are_never_mixed_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
