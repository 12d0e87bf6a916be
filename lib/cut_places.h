/* Where stacks were cut short by the copy of the stack, and how stacks that reach further went on from there.
 *
 * A place is a frame of one thread: a return address, the stack pointer there (the callee's CFA), and the registers that
 * the callee has saved for it, where unwind tables say so. A stack that passes a place and is not cut there
 * votes for a way on: the frames further out, to the next place that is known, or to the root.
 *
 * That the same activation is there again cannot be seen; what can be is that nothing ever spoke against it. So a place
 * answers only when all votes it ever had agree, and there were many of them; and only for functions that were met at
 * every depth from the cut stack's up to whole ones, in steps of an eighth of a copy. */
#ifndef HW_CUT_PLACES_H
#define HW_CUT_PLACES_H

#include "unwind/unwind.h"

/* Two callers that are equally often there are taken for one with a probability of 2^-15. */
#define HW_CUT_VOTES_MIN 16
/* Stacks of which each step consists. */
#define HW_CUT_NEAR_MIN 2

#define HW_CUT_NONE UINT32_MAX

/* How the unwinding of a user stack ended. */
enum hw_cut_end {
	HW_CUT_AT_ROOT,
	HW_CUT_SHORT, /* by the copy */
	HW_CUT_LOST,  /* broken: what lies further out is not known */
};

/* The user half of one sample's stack, leaf first. All borrowed. */
struct hw_cut_stack {
	uint32_t thread; /* a number of its own for every life of a thread id, and after each exec */
	const struct hw_frame *frames;
	const uint32_t *locations; /* of each frame */
	size_t count;
	const uint8_t *copy; /* of the stack, from the leaf's stack pointer on */
	uint64_t copy_size_bytes;
	struct hw_unwinder *unwinder; /* knows the code of the frames; NULL in tests: see ask_code() */
	struct hw_process *process;
	enum hw_cut_end end;
};

enum hw_cut_verdict {
	HW_CUT_WHOLE,	  /* the way to the root is known */
	HW_CUT_UNSEEN,	  /* too few stacks showed it */
	HW_CUT_AMBIGUOUS, /* they did not all show the same */
};

struct hw_cut_places; /* lib/cut_places.c */

struct hw_cut_places *hw_cut_places_new(void);
void hw_cut_places_free(struct hw_cut_places *places);

/* A stack passes: it votes at the places it comes through. Returns the place where a stack that was cut ends, added
 * when it is new; HW_CUT_NONE for other stacks, one whose stack pointers do not all lie in one copy, and when there is no
 * room. Allocates only for new places, ways and locations. */
uint32_t hw_cut_places_pass(struct hw_cut_places *places, const struct hw_cut_stack *stack);

/* The function at the stack's leaf: a number of its own, 0 unknown. */
uint64_t hw_cut_places_function(struct hw_cut_places *places, const struct hw_cut_stack *stack);

/* Votes a place has had. */
uint32_t hw_cut_places_votes(const struct hw_cut_places *places, uint32_t place);

/* What is known now of the way from a place to the root, for a stack whose leaf is in that function. With HW_CUT_WHOLE,
 * its frames' locations are in way[0 .. *count), innermost first. HW_CUT_UNSEEN when more than room. */
enum hw_cut_verdict hw_cut_places_judge(const struct hw_cut_places *places, uint32_t place, uint64_t function,
					uint32_t *way, size_t room, size_t *count);

/* No room for more: stacks are not taken in any more until hw_cut_places_forget. */
bool hw_cut_places_are_full(const struct hw_cut_places *places);

/* Forget all places: what was returned before is void. */
void hw_cut_places_forget(struct hw_cut_places *places);

#endif
