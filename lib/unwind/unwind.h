/* Registers + copy of the stack + mappings -> frames. The engines (compiled rules, libunwind, libdw, frame
 * pointers) are interchangeable behind struct hw_unwind_engine. */
#ifndef HW_UNWIND_UNWIND_H
#define HW_UNWIND_UNWIND_H

#include "process/process.h"
#include "record/sample.h"

/* More than the largest copy, 60 KiB, holds of x86-64's smallest frames, with a kernel's half. */
#define HW_FRAMES_MAX 4096

/* How the pc of a frame is to be read. */
enum hw_frame_kind {
	HW_FRAME_IP, /* an instruction that was being executed: the leaf, or below a signal frame */
	HW_FRAME_RETURN_ADDRESS, /* points behind a call */
};

/* How a frame was found. */
enum hw_frame_origin {
	HW_ORIGIN_SAMPLE,	 /* the sampled instruction itself */
	HW_ORIGIN_CALLCHAIN,	 /* the kernel's callchain */
	HW_ORIGIN_CFI,		 /* .eh_frame or .debug_frame */
	HW_ORIGIN_FALLBACK,	 /* .eh_frame that rules cannot say, and what came after it, by libunwind */
	HW_ORIGIN_FRAME_POINTER, /* saved frame pointer, checked for plausibility */
	HW_ORIGIN_COUNT
};

const char *hw_frame_origin_name(enum hw_frame_origin origin);

struct hw_frame {
	uint64_t avma;
	/* The stack pointer in this frame: the sampled one, or where it is once the callee has returned, which is the
	 * callee's CFA. 0 = not known (the kernel's callchain does not say). */
	uint64_t sp_avma;
	enum hw_frame_kind kind;
	enum hw_frame_origin origin;
	bool kernel;
};

/* The address to look up in CFI, symbol and line tables. A return address points after its call, and so into
 * the next function when the call was the last instruction: step back into the call. */
static inline uint64_t hw_frame_lookup_avma(const struct hw_frame *frame)
{
	return frame->kind == HW_FRAME_RETURN_ADDRESS ? frame->avma - 1 : frame->avma;
}

/* Why a stack ended where it did. */
enum hw_stack_end {
	HW_END_ROOT,	    /* the outermost frame: return address undefined or 0 */
	HW_END_KERNEL_ONLY, /* no user half: a kernel thread, or user frames not asked for */
	HW_END_TRUNCATED,   /* the next word lay outside the copy of the stack */
	HW_END_OTHER_STACK, /* broken: the copy is of a handler's own stack (sigaltstack) */
	HW_END_FRAMES_MAX,  /* HW_FRAMES_MAX frames */
	HW_END_NO_MAPPING,  /* broken: pc in no mapping */
	HW_END_NO_CFI,	    /* broken: no unwind rule for the pc, and no plausible frame pointer */
	HW_END_BAD_CFI,	    /* broken: rule that cannot be followed, or that does not move up */
	HW_END_NO_FILE,	    /* broken: the mapping's file could not be read */
	HW_END_NOT_READY,   /* broken: the index of a large file's unwind rules was still being made */
	HW_END_NO_REGS,	    /* broken: no user registers in the sample (32-bit task, exited) */
	/* What becomes of HW_END_TRUNCATED later, by other stacks of the thread (cut_places.h); not set by hw_unwind. */
	HW_END_STITCHED,  /* complete */
	HW_END_AMBIGUOUS, /* truncated still: they went on in different ways */
	HW_END_COUNT
};

const char *hw_stack_end_name(enum hw_stack_end end);
/* Does a stack that ended so have all its frames? */
bool hw_stack_end_is_complete(enum hw_stack_end end);
/* Or was it only the copy that was too short, or the room for frames? Otherwise it is broken. */
bool hw_stack_end_is_truncated(enum hw_stack_end end);

/* Leaf first: kernel frames, then user frames. */
struct hw_frames {
	struct hw_frame at[HW_FRAMES_MAX];
	size_t count;
	size_t kernel_count;
	enum hw_stack_end end;
};

struct hw_unwinder; /* lib/unwind/unwind.c */

enum hw_unwind_method {
	HW_UNWIND_AUTO,	     /* CFI, then frame pointers where there is no CFI */
	HW_UNWIND_RULES,     /* CFI compiled to rules */
	HW_UNWIND_LIBUNWIND, /* CFI by libunwind's remote unwinder */
	HW_UNWIND_LIBDW,     /* CFI by libdw */
	HW_UNWIND_FP,	     /* the kernel's user callchain */
	HW_UNWIND_NONE,	     /* the sampled instruction only */
};

struct hw_unwinder *hw_unwinder_new(enum hw_unwind_method method);
void hw_unwinder_free(struct hw_unwinder *unwinder);

/* All frames of a sample. process: the sampled one, with mappings as of the sample's time. Never fails: the
 * end says how far it got. No allocation per sample once every DSO of the stack has been seen. */
void hw_unwind(struct hw_unwinder *unwinder, const struct hw_sample *sample, struct hw_process *process,
	       struct hw_frames *frames);

/* What unwind tables say of the code that a user frame is in. All 0 where there are none. */
struct hw_frame_code {
	uint64_t function; /* a number that is the same for all of the function's code, in all processes */
	uint64_t
		saved_words; /* bit k: the word 8 * (k + 1) below the CFA holds a register or the return address */
};
#define HW_FRAME_CODE_WORDS 63

/* For a frame of a process. Allocates for code not seen before; takes a binary search. */
struct hw_frame_code hw_unwinder_code(struct hw_unwinder *unwinder, struct hw_process *process,
				      const struct hw_frame *frame);

/* The user registers an engine needs, for attr.sample_regs_user (asm/perf_regs.h); 0 on an architecture
 * without an unwinder, where the kernel's callchain is used. */
uint64_t hw_unwind_regs_mask(void);

#endif
