/* Frame pointers, distrusted. */
#include "unwind/frame_pointer.h"

#define FRAME_ALIGN 8

bool hw_frame_pointer_step(struct hw_walk *walk, enum hw_stack_end *end)
{
	struct hw_regs *regs = &walk->regs;
	const uint64_t fp = regs->value[HW_REG_FP];
	const uint64_t sp = regs->value[HW_REG_SP];
	uint64_t caller_fp;
	uint64_t return_avma;
	enum hw_stack_end pushed;

	if (!hw_regs_has(regs, HW_REG_FP) || !hw_regs_has(regs, HW_REG_SP))
		return false;
	if (!fp && walk->kind == HW_FRAME_RETURN_ADDRESS) {
		*end = HW_END_ROOT;
		return false;
	}
	if (fp % FRAME_ALIGN || fp < sp)
		return false;
	if (!hw_walk_read(walk, fp, &caller_fp) || !hw_walk_read(walk, fp + 8, &return_avma)) {
		if (hw_walk_is_above_copy(walk, fp))
			*end = HW_END_TRUNCATED;
		return false;
	}
	return_avma = hw_regs_strip(return_avma);
	if ((caller_fp && caller_fp <= fp) || !return_avma ||
	    !hw_mappings_find(walk->mappings, return_avma - 1))
		return false;
	if (!hw_walk_push_caller(walk, return_avma, fp + 16, sp, false, HW_ORIGIN_FRAME_POINTER, &pushed)) {
		*end = pushed;
		return false;
	}
	hw_regs_set(regs, HW_REG_FP, caller_fp);
	hw_regs_set(regs, HW_REG_SP, fp + 16);
	hw_regs_set(regs, HW_REG_PC, return_avma);
	return true;
}
