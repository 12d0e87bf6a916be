/* One stack being unwound: what is known, what was found, and the engines that take it further. */
#ifndef HW_UNWIND_WALK_H
#define HW_UNWIND_WALK_H

#include "unwind/cfi_set.h"
#include "unwind/regs.h"
#include "unwind/unwind.h"

struct hw_walk {
	const struct hw_sample *sample; /* borrowed */
	struct hw_mappings *mappings;	/* borrowed: of the process, at the sample's time */
	bool maps_known;		/* what lies in no mapping is no code */
	struct hw_cfi_set *cfis;	/* borrowed */
	struct hw_code_cache *code;	/* borrowed */
	struct hw_frames *frames;	/* borrowed: where found frames go */
	uint64_t stack_avma;		/* where the copy of the stack begins: the sampled stack pointer */
	bool on_other_stack; /* a handler ran on a stack of its own; what it interrupted was not copied */

	/* The last frame found: where an engine starts, and where it stopped. Nothing known (regs.known == 0)
	 * when it stopped in the middle of a step. */
	struct hw_regs regs;
	enum hw_frame_kind kind; /* of regs' pc */
};

/* An unwinder of user stacks. The state is one unwinder's own, and is used by one thread at a time. */
struct hw_unwind_engine {
	const char *name;
	void *(*start)(void); /* a new state; never NULL */
	void (*stop)(void *state);
	/* Add the callers of walk->regs to walk->frames until there is no going on, and say why. On
	 * HW_END_NO_CFI, HW_END_BAD_CFI, HW_END_NO_FILE and HW_END_NOT_READY, regs and kind are left as those of the last frame
	 * added (or unknown), so that another engine may step over it. */
	enum hw_stack_end (*walk)(void *state, struct hw_walk *walk);
};

extern const struct hw_unwind_engine hw_engine_rules;
extern const struct hw_unwind_engine hw_engine_libunwind;
extern const struct hw_unwind_engine hw_engine_libdw;

/* Add a frame with its stack pointer (0 = unknown). False when there is no room. */
bool hw_walk_push(struct hw_walk *walk, uint64_t avma, uint64_t sp_avma, enum hw_frame_kind kind,
		  enum hw_frame_origin origin);

/* Add what a step of an engine found: a caller at pc_avma whose stack pointer is sp_avma, from a frame whose stack
 * pointer was old_sp_avma. Updates walk->kind. False with *end when the step leads nowhere: pc 0 (the root), not
 * up the stack, to no code, or no room. */
bool hw_walk_push_caller(struct hw_walk *walk, uint64_t pc_avma, uint64_t sp_avma, uint64_t old_sp_avma,
			 bool over_signal_frame, enum hw_frame_origin origin, enum hw_stack_end *end);

/* A word of the copied stack; false when it is not in the copy. */
static inline bool hw_walk_read(const struct hw_walk *walk, uint64_t avma, uint64_t *word)
{
	const uint64_t offset = avma - walk->stack_avma;

	if (walk->sample->user_stack_size < sizeof *word ||
	    offset > walk->sample->user_stack_size - sizeof *word)
		return false;
	memcpy(word, walk->sample->user_stack + offset, sizeof *word);
	return true;
}

/* Is it an address of the stack that only lies above the copy? Told from a wild one by its distance. */
bool hw_walk_is_above_copy(const struct hw_walk *walk, uint64_t avma);

/* What a word that is not in the copy means for the stack: HW_END_OTHER_STACK, HW_END_TRUNCATED, or HW_END_BAD_CFI for
 * an address that is on no stack. */
enum hw_stack_end hw_walk_why_missing(const struct hw_walk *walk, uint64_t avma);

/* Where a frame's pc lies. */
struct hw_walk_place {
	const struct hw_mapping *mapping;
	struct hw_dso_cfi *dso;
	uint32_t dso_index;
	uint64_t svma; /* of the address to look up: the pc, or one byte before a return address */
};

/* Find the tables for a pc. False with *why: HW_END_NO_MAPPING, HW_END_NO_FILE, or HW_END_NO_CFI. */
bool hw_walk_locate(const struct hw_walk *walk, uint64_t pc_avma, enum hw_frame_kind kind,
		    struct hw_walk_place *place, enum hw_stack_end *why);

#endif
