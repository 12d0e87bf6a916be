/* One step by the saved frame pointer, over code without CFI (JIT, hand-written assembly). */
#ifndef HW_UNWIND_FRAME_POINTER_H
#define HW_UNWIND_FRAME_POINTER_H

#include "unwind/walk.h"

/* Both ABIs put the caller's frame pointer at [fp] and the return address at [fp + 8] (System V ABI for AMD64,
 * section 3.2.2; AAPCS64, section 6.4.6). Adds the caller and returns true when that looks like a frame: fp
 * aligned, not below the stack pointer and inside the copy; the return address in executable memory and, in code of
 * files, behind a call; the older frame above this one, unless the caller has CFI, and so may keep anything in the
 * register. On x86-64 an interrupted function whose frame is not made yet, or is gone, is told by its bytes.
 * Otherwise false with *end: HW_END_ROOT when fp is 0, as the ABIs mark the outermost frame;
 * HW_END_TRUNCATED when the frame lies just above the copy; else *end is left as it was. */
bool hw_frame_pointer_step(struct hw_walk *walk, enum hw_stack_end *end);

#endif
