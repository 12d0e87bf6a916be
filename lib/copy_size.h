/* How much of the user stack is copied for each sample: at first a size that suffices for most programs, and the largest
 * one from when too many stacks are cut short by it. */
#ifndef HW_COPY_SIZE_H
#define HW_COPY_SIZE_H

#include "profile/quality.h"
#include "record/sample.h"
#include "record/variant.h"
#include "unwind/unwind.h"

/* Unless a size is asked for. tests/bench/README.md has the measurements behind it: the share of stacks that are cut
 * short, by program and size, and what copying costs. */
#define HW_COPY_SIZE_START ((uint32_t)32 << 10)

/* A record's size has 16 bits; 4 KiB of those 64 are for what else a sample has. */
#define HW_COPY_SIZE_LIMIT ((uint32_t)60 << 10)

/* The size is raised when more than 1 % of the last samples with a user stack, so many or all since the start, were cut
 * short by it, and so many that it is no accident: where 0.5 % are, in one recording of twenty. */
#define HW_COPY_SIZE_WINDOW 1024
#define HW_COPY_SIZE_CUT_LEAST 8

struct hw_copy_size {
	uint32_t start_bytes;  /* 0 = no stacks are copied */
	uint32_t raised_bytes; /* 0 = not raised */
	bool is_fixed;	       /* asked for, or raised, or as good as that */
	char *missing;	       /* why it cannot be raised, should it have to; NULL = it can; owned */
	uint64_t raised_after; /* so many samples with a user stack ... */
	uint32_t raised_cut;   /* ... of the last of which so many were cut short, */
	uint32_t raised_of;    /* out of this many */
	uint64_t seen;
	uint32_t cut;				 /* bits set in cuts */
	uint64_t cuts[HW_COPY_SIZE_WINDOW / 64]; /* of the last samples, in a circle */
};

/* asked_bytes: 0 = by what is seen. -1 with HW_ERR_USAGE when that is no size the kernel takes. */
int hw_copy_size_init(struct hw_copy_size *copies, uint32_t asked_bytes, struct hw_err *err) HW_CHECKED;

/* The variants to record with: the first is the start; how many of the two there are. */
size_t hw_copy_size_variants(const struct hw_copy_size *copies, struct hw_variant variants[2]);

void hw_copy_size_add(struct hw_copy_size *copies, bool is_cut);

/* Were more than 1 % of the last ones cut? */
bool hw_copy_size_is_short(const struct hw_copy_size *copies);

/* It cannot be raised, and why, which is said only if it matters. */
void hw_copy_size_set_missing(struct hw_copy_size *copies, const char *why);

void hw_copy_size_fini(struct hw_copy_size *copies);

/* One more sample, and how its stack ended. True: copies are to be raised now. A stack that is cut although less was copied
 * than asked for (there was no more) is not short for that. */
static inline bool hw_copy_size_see(struct hw_copy_size *copies, const struct hw_sample *sample,
				    enum hw_stack_end end)
{
	if (copies->is_fixed || !sample->user_stack_size)
		return false;
	hw_copy_size_add(copies, end == HW_END_TRUNCATED && sample->user_stack_size >= copies->start_bytes);
	return hw_copy_size_is_short(copies);
}

/* It is to be raised to the limit. False when it cannot be. */
bool hw_copy_size_raise(struct hw_copy_size *copies);

/* What became of it, for the quality block. */
void hw_copy_size_disclose(const struct hw_copy_size *copies, struct hw_quality *quality);

#endif
