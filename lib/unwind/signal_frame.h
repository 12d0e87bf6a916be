/* One step over a signal trampoline that no CFI describes. */
#ifndef HW_UNWIND_SIGNAL_FRAME_H
#define HW_UNWIND_SIGNAL_FRAME_H

#include "unwind/walk.h"

/* On AArch64 a handler returns into the vdso's __kernel_rt_sigreturn, which has had no CFI since Linux 5.10: it is known
 * by its two instructions, and what it interrupted by the frame the kernel built (arch/arm64/kernel/signal.c, struct
 * rt_sigframe) at its stack pointer. Adds what was interrupted and returns true when walk->regs stand there. False
 * otherwise: *end is left as it was when this is no trampoline, and says why when its frame is not in the copy or leads
 * to no code. On x86-64 trampolines have CFI; false. */
bool hw_signal_frame_step(struct hw_walk *walk, enum hw_stack_end *end);

#endif
