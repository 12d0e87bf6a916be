/* cut_places.c: a thread that recurses (tests/lib/calls.h), whose true callers are known. Frames have 4 words, and a copy
 * 40: the leaf's frame and 10 more are found. Whole are stacks of main, a caller, and up to 9 of the recursion. */
#include "tests/lib/calls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define COPY 320
#define WHOLE 9 /* the deepest recursion that is seen whole */
#define WAY_MAX 512

enum { IN_MAIN = 1, MAIN_A, MAIN_B, A_CALLS, B_CALLS, CALLS_ITSELF, IN_RECURSION, IN_OTHER, CALLS_OTHER };

struct world {
	struct hw_cut_places *places;
	struct hw_calls calls;
	uint32_t way[WAY_MAX];
	size_t way_count;
};

static int set_up(void **state)
{
	static struct world w;

	w.places = hw_cut_places_new();
	*state = &w;
	return 0;
}

static int tear_down(void **state)
{
	hw_cut_places_free(((struct world *)*state)->places);
	return 0;
}

/* main calls a caller, that calls the recursion, which is depth frames deep. */
static void recurse(struct world *w, uint32_t caller_location, size_t depth)
{
	hw_calls_start(&w->calls, 1, IN_MAIN);
	hw_calls_call(&w->calls, MAIN_A, caller_location, 4, 7);
	for (size_t i = 0; i < depth; i++)
		hw_calls_call(&w->calls, i ? CALLS_ITSELF : caller_location, IN_RECURSION, 4, 7);
}

static uint32_t pass(struct world *w)
{
	const struct hw_cut_stack stack = hw_calls_sample(&w->calls, COPY);

	return hw_cut_places_pass(w->places, &stack);
}

static uint32_t pass_at(struct world *w, uint32_t caller_location, size_t depth)
{
	recurse(w, caller_location, depth);
	return pass(w);
}

static enum hw_cut_verdict judge_in(struct world *w, uint32_t place, uint64_t function)
{
	return hw_cut_places_judge(w->places, place, function, w->way, WAY_MAX, &w->way_count);
}

static enum hw_cut_verdict judge(struct world *w, uint32_t place)
{
	return judge_in(w, place, IN_RECURSION + 1);
}

/* Whole stacks of these depths, times times. main, the caller and 8 more fit a copy. */
static void vote(struct world *w, uint32_t caller_location, size_t low, size_t high, size_t times)
{
	while (times > 0)
		for (size_t depth = low; depth <= high && times > 0; depth++, times--)
			assert_int_equal(pass_at(w, caller_location, depth), HW_CUT_NONE);
}

/* A stack cut two frames above the recursion's first, and votes by whole ones: the way is the frames that it lacks,
 * outermost last. */
static void whole_stacks_show_the_way(void **state)
{
	struct world *w = *state;
	const uint32_t place = pass_at(w, A_CALLS, WHOLE + 1);

	vote(w, A_CALLS, 6, WHOLE, HW_CUT_VOTES_MIN - 1);
	assert_int_equal(judge(w, place), HW_CUT_UNSEEN);
	vote(w, A_CALLS, WHOLE, WHOLE, 1);
	assert_int_equal(hw_cut_places_votes(w->places, place), HW_CUT_VOTES_MIN);
	assert_int_equal(judge(w, place), HW_CUT_WHOLE);
	assert_int_equal(w->way_count, 1);
	assert_int_equal(w->way[0], MAIN_A);
	assert_int_equal(hw_cut_places_judge(w->places, place, IN_RECURSION + 1, w->way, 0, &w->way_count),
			 HW_CUT_UNSEEN);
}

/* Each place's way leads to the next one: stacks several copies deep are completed by stacks that were cut themselves. */
static void ways_lead_from_place_to_place(void **state)
{
	struct world *w = *state;
	uint32_t place = HW_CUT_NONE;

	for (int round = 0; round < 2 * HW_CUT_VOTES_MIN; round++)
		for (size_t depth = 2; depth <= 40; depth++)
			place = pass_at(w, A_CALLS, depth);
	assert_int_equal(judge(w, place), HW_CUT_WHOLE);
	/* 42 frames, 11 of them found. */
	assert_int_equal(w->way_count, 31);
	for (size_t i = 0; i < 29; i++)
		assert_int_equal(w->way[i], CALLS_ITSELF);
	assert_int_equal(w->way[29], A_CALLS);
	assert_int_equal(w->way[30], MAIN_A);
}

/* One stack that goes on in another way, first, last or in between, and nothing is said any more: not where it passed,
 * and not of what is completed through there. */
static void one_vote_against_is_final(void **state)
{
	struct world *w = *state;

	for (size_t before = 0; before <= 40; before += 20) {
		uint32_t place = HW_CUT_NONE;

		pass_at(w, A_CALLS, WHOLE + 3);
		vote(w, A_CALLS, 6, WHOLE, before);
		vote(w, B_CALLS, WHOLE, WHOLE, 1);
		for (int round = 0; round < 100; round++)
			for (size_t depth = 6; depth <= WHOLE + 3; depth++)
				place = pass_at(w, A_CALLS, depth);
		assert_int_equal(judge(w, place), HW_CUT_AMBIGUOUS);
		hw_cut_places_forget(w->places);
	}
}

/* A stack that ends further in than others, or goes on where others ended, contradicts as well. */
static void a_root_elsewhere_is_a_vote_against(void **state)
{
	struct world *w = *state;

	for (int is_first = 0; is_first < 2; is_first++) {
		const uint32_t place = pass_at(w, A_CALLS, WHOLE + 1);
		struct hw_cut_stack stack;

		if (!is_first)
			vote(w, A_CALLS, 6, WHOLE, 20);
		recurse(w, A_CALLS, WHOLE - 1);
		stack = hw_calls_sample(&w->calls, COPY);
		stack.count--; /* without main */
		assert_int_equal(hw_cut_places_pass(w->places, &stack), HW_CUT_NONE);
		if (is_first)
			vote(w, A_CALLS, 6, WHOLE, 20);
		assert_int_equal(judge(w, place), HW_CUT_AMBIGUOUS);
		hw_cut_places_forget(w->places);
	}
}

/* A broken stack shows nothing where it ends, and still contradicts where it differs. */
static void broken_stacks_vote_against_only(void **state)
{
	struct world *w = *state;
	const uint32_t place = pass_at(w, A_CALLS, WHOLE + 2);
	struct hw_cut_stack stack;

	recurse(w, A_CALLS, WHOLE);
	stack = hw_calls_sample(&w->calls, COPY);
	stack.end = HW_CUT_LOST;
	for (int i = 0; i < 100; i++)
		assert_int_equal(hw_cut_places_pass(w->places, &stack), HW_CUT_NONE);
	assert_int_equal(hw_cut_places_votes(w->places, place), 0);
	for (int i = 0; i < 20; i++)
		pass_at(w, A_CALLS, WHOLE + 1);
	vote(w, A_CALLS, WHOLE, WHOLE, 20);
	assert_int_equal(judge(w, place), HW_CUT_WHOLE);
	hw_cut_places_pass(w->places, &stack);
	assert_int_equal(judge(w, place), HW_CUT_WHOLE);
	recurse(w, B_CALLS, WHOLE);
	stack = hw_calls_sample(&w->calls, COPY);
	stack.end = HW_CUT_LOST;
	hw_cut_places_pass(w->places, &stack);
	assert_int_equal(judge(w, place), HW_CUT_AMBIGUOUS);
}

/* From the stack that was cut to whole ones the function is met in steps of an eighth of a copy, which is one frame
 * here: when a step is missing, those below may be another caller's. */
static void a_ladder_has_all_its_rungs(void **state)
{
	struct world *w = *state;
	uint32_t place = HW_CUT_NONE;

	for (size_t missing = WHOLE; missing <= WHOLE + 5; missing++) {
		for (int round = 0; round < 100; round++) {
			for (size_t depth = 2; depth <= WHOLE + 6; depth++)
				if (depth != missing)
					place = pass_at(w, A_CALLS, depth);
		}
		assert_int_equal(judge(w, place), HW_CUT_UNSEEN);
		for (int i = 0; i < HW_CUT_NEAR_MIN; i++) {
			assert_int_equal(judge(w, place), HW_CUT_UNSEEN);
			pass_at(w, A_CALLS, missing);
		}
		/* The rung's own stacks were cut, too; they have to be passed in turn. */
		for (int i = 0; i < 100; i++)
			for (size_t depth = 2; depth <= WHOLE + 6; depth++)
				place = pass_at(w, A_CALLS, depth);
		assert_int_equal(judge(w, place), HW_CUT_WHOLE);
		hw_cut_places_forget(w->places);
	}
}

/* Nor is a function completed that has not been met on the way, or is not known. */
static void a_ladder_is_of_one_function(void **state)
{
	struct world *w = *state;
	const uint32_t place = pass_at(w, A_CALLS, WHOLE + 1);

	vote(w, A_CALLS, 6, WHOLE, 100);
	assert_int_equal(judge_in(w, place, IN_RECURSION + 1), HW_CUT_WHOLE);
	assert_int_equal(judge_in(w, place, IN_OTHER + 1), HW_CUT_UNSEEN);
	assert_int_equal(judge_in(w, place, 0), HW_CUT_UNSEEN);
}

/* What the callee saved tells activations apart: what others of the same function at the same place do says nothing. */
static void saved_registers_tell_places_apart(void **state)
{
	struct world *w = *state;
	const uint32_t place = pass_at(w, A_CALLS, WHOLE + 2);

	for (int i = 0; i < 100; i++) {
		hw_calls_start(&w->calls, 1, IN_MAIN);
		hw_calls_call(&w->calls, MAIN_A, B_CALLS, 4, 7);
		for (size_t depth = 0; depth < WHOLE; depth++)
			hw_calls_call(&w->calls, depth ? CALLS_ITSELF : B_CALLS, IN_RECURSION, 4, 8);
		pass(w);
	}
	assert_int_equal(hw_cut_places_votes(w->places, place), 0);
	for (int i = 0; i < 20; i++)
		pass_at(w, A_CALLS, WHOLE + 1);
	vote(w, A_CALLS, WHOLE, WHOLE, 20);
	assert_int_equal(judge(w, place), HW_CUT_WHOLE);
}

/* Nor do other threads. */
static void threads_are_apart(void **state)
{
	struct world *w = *state;
	const uint32_t place = pass_at(w, A_CALLS, WHOLE + 2);

	for (int i = 0; i < 100; i++) {
		recurse(w, B_CALLS, WHOLE);
		w->calls.thread = 2;
		pass(w);
	}
	assert_int_equal(hw_cut_places_votes(w->places, place), 0);
	for (int i = 0; i < 20; i++)
		pass_at(w, A_CALLS, WHOLE + 1);
	vote(w, A_CALLS, WHOLE, WHOLE, 20);
	assert_int_equal(judge(w, place), HW_CUT_WHOLE);
}

/* A larger copy cuts deeper stacks at the same place: what was near the others is not near these. */
static void larger_copies_need_deeper_votes(void **state)
{
	struct world *w = *state;
	const uint32_t place = pass_at(w, A_CALLS, WHOLE + 1);
	struct hw_cut_stack stack;

	vote(w, A_CALLS, 6, WHOLE, 100);
	assert_int_equal(judge(w, place), HW_CUT_WHOLE);
	recurse(w, A_CALLS, 2 * WHOLE + 2);
	stack = hw_calls_sample(&w->calls, COPY + (WHOLE + 1) * 32);
	assert_int_equal(hw_cut_places_pass(w->places, &stack), place);
	assert_int_equal(judge(w, place), HW_CUT_UNSEEN);
}

/* Stacks that are not one above the other in one copy are left alone: a handler's own stack, no stack pointers (the
 * kernel's callchain), one frame. */
static void stacks_in_pieces_are_left_alone(void **state)
{
	struct world *w = *state;
	struct hw_cut_stack stack;

	recurse(w, A_CALLS, WHOLE + 1);
	stack = hw_calls_sample(&w->calls, COPY);
	w->calls.sampled[5].sp_avma -= 1 << 20;
	assert_int_equal(hw_cut_places_pass(w->places, &stack), HW_CUT_NONE);
	stack = hw_calls_sample(&w->calls, COPY);
	w->calls.sampled[5].sp_avma = w->calls.sampled[4].sp_avma;
	assert_int_equal(hw_cut_places_pass(w->places, &stack), HW_CUT_NONE);
	stack = hw_calls_sample(&w->calls, COPY);
	w->calls.sampled[10].sp_avma += 8;
	assert_int_equal(hw_cut_places_pass(w->places, &stack), HW_CUT_NONE);
	stack = hw_calls_sample(&w->calls, COPY);
	for (size_t i = 0; i < stack.count; i++)
		w->calls.sampled[i].sp_avma = 0;
	assert_int_equal(hw_cut_places_pass(w->places, &stack), HW_CUT_NONE);
	stack = hw_calls_sample(&w->calls, COPY);
	stack.count = 1;
	assert_int_equal(hw_cut_places_pass(w->places, &stack), HW_CUT_NONE);
	stack = hw_calls_sample(&w->calls, COPY);
	assert_int_not_equal(hw_cut_places_pass(w->places, &stack), HW_CUT_NONE);
}

/* Places are bounded: when there are too many, nothing is added until all are forgotten. */
static void places_are_bounded(void **state)
{
	struct world *w = *state;
	size_t count = 0;

	while (!hw_cut_places_are_full(w->places) && count < 100000) {
		recurse(w, A_CALLS, WHOLE);
		hw_calls_call(&w->calls, CALLS_ITSELF, IN_RECURSION, 4, 7);
		w->calls.thread = (uint32_t)count++;
		pass(w);
	}
	assert_in_range(count, 1000, 99999);
	assert_int_equal(pass_at(w, A_CALLS, WHOLE + 1), HW_CUT_NONE);
	hw_cut_places_forget(w->places);
	assert_false(hw_cut_places_are_full(w->places));
	assert_int_not_equal(pass_at(w, A_CALLS, WHOLE + 1), HW_CUT_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(whole_stacks_show_the_way, set_up, tear_down),
		cmocka_unit_test_setup_teardown(ways_lead_from_place_to_place, set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_vote_against_is_final, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_root_elsewhere_is_a_vote_against, set_up, tear_down),
		cmocka_unit_test_setup_teardown(broken_stacks_vote_against_only, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_ladder_has_all_its_rungs, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_ladder_is_of_one_function, set_up, tear_down),
		cmocka_unit_test_setup_teardown(saved_registers_tell_places_apart, set_up, tear_down),
		cmocka_unit_test_setup_teardown(threads_are_apart, set_up, tear_down),
		cmocka_unit_test_setup_teardown(larger_copies_need_deeper_votes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(stacks_in_pieces_are_left_alone, set_up, tear_down),
		cmocka_unit_test_setup_teardown(places_are_bounded, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
