/* Frame pointers, distrusted. */
#include "unwind/frame_pointer.h"

#include "unwind/code_bytes.h"

#define FRAME_ALIGN 8

/* May the function a return address is in use the frame pointer for anything? It may when it has CFI, and when it has no
 * frame of its own. */
static bool is_free_with_fp(const struct hw_walk *walk, uint64_t return_avma)
{
	struct hw_walk_place place;
	struct hw_cfi_rows rows;
	enum hw_stack_end why;

	if (hw_walk_locate(walk, return_avma, HW_FRAME_RETURN_ADDRESS, &place, &why) &&
	    hw_cfi_find_rows(&place.dso->cfi, place.svma, &rows) != HW_CFI_ABSENT)
		return true;
	return hw_code_behind_call(walk, return_avma).kind == HW_CODE_FP_LIVE;
}

static bool is_code(const struct hw_walk *walk, uint64_t return_avma)
{
	return return_avma && hw_mappings_find(walk->mappings, return_avma - 1);
}

/* Does nothing call in front of a return address? In code made at run time that may be so: HotSpot's interpreter jumps, and
 * leaves where to go on afterwards. */
static bool is_refuted(const struct hw_walk *walk, uint64_t return_avma)
{
	const struct hw_mapping *mapping = hw_mappings_find(walk->mappings, return_avma - 1);

	return hw_dso_elf(mapping->dso) && hw_code_of_return(walk, return_avma) == HW_CODE_NOT_BEHIND_CALL;
}

/* Is [fp], [fp + 8] a frame that returns to code? Between functions that all keep frame pointers, older frames lie
 * above. */
static bool is_plausible(const struct hw_walk *walk, uint64_t fp, uint64_t caller_fp, uint64_t return_avma)
{
	return is_code(walk, return_avma) && !is_refuted(walk, return_avma) &&
	       (!caller_fp || caller_fp > fp || is_free_with_fp(walk, return_avma));
}

/* Go on at the caller, whose frame begins where this one's return address ends. */
static bool step_to(struct hw_walk *walk, uint64_t return_avma, uint64_t caller_sp, uint64_t caller_fp,
		    enum hw_stack_end *end)
{
	struct hw_regs *regs = &walk->regs;
	enum hw_stack_end pushed;

	if (!hw_walk_push_caller(walk, return_avma, caller_sp, regs->value[HW_REG_SP], false,
				 HW_ORIGIN_FRAME_POINTER, &pushed)) {
		*end = pushed;
		return false;
	}
	hw_regs_set(regs, HW_REG_FP, caller_fp);
	hw_regs_set(regs, HW_REG_SP, caller_sp);
	hw_regs_set(regs, HW_REG_PC, return_avma);
	return true;
}

/* An interrupted function whose frame is not there yet, or no more, or one that has none: the frame pointer is its caller's,
 * and would lead past that one. Only what is surely a return address is taken. */
static bool step_without_frame(struct hw_walk *walk, enum hw_stack_end *end)
{
	const uint64_t pc_avma = walk->regs.value[HW_REG_PC];
	const struct hw_code code = walk->kind == HW_FRAME_IP ? hw_code_of_leaf(walk, pc_avma)
							      : hw_code_behind_call(walk, pc_avma);
	const uint64_t slot = walk->regs.value[HW_REG_SP] + code.return_offset;
	uint64_t caller_fp = walk->regs.value[HW_REG_FP];
	uint64_t return_avma;

	if (code.kind != HW_CODE_FP_LIVE && code.kind != HW_CODE_FP_SAVED)
		return false;
	if (code.kind == HW_CODE_FP_SAVED && !hw_walk_read(walk, slot - 8, &caller_fp))
		return false;
	return hw_walk_read(walk, slot, &return_avma) && is_code(walk, return_avma) &&
	       hw_code_of_return(walk, return_avma) == HW_CODE_BEHIND_CALL &&
	       step_to(walk, return_avma, slot + 8, caller_fp, end);
}

bool hw_frame_pointer_step(struct hw_walk *walk, enum hw_stack_end *end)
{
	const struct hw_regs *regs = &walk->regs;
	const uint64_t fp = regs->value[HW_REG_FP];
	uint64_t caller_fp;
	uint64_t return_avma;

	if (!hw_regs_has(regs, HW_REG_FP) || !hw_regs_has(regs, HW_REG_SP))
		return false;
	if (step_without_frame(walk, end))
		return true;
	if (!fp && walk->kind == HW_FRAME_RETURN_ADDRESS) {
		*end = HW_END_ROOT;
		return false;
	}
	if (fp % FRAME_ALIGN || fp < regs->value[HW_REG_SP])
		return false;
	if (!hw_walk_read(walk, fp, &caller_fp) || !hw_walk_read(walk, fp + 8, &return_avma)) {
		if (hw_walk_is_above_copy(walk, fp))
			*end = HW_END_TRUNCATED;
		return false;
	}
	return_avma = hw_regs_strip(return_avma);
	if (!is_plausible(walk, fp, caller_fp, return_avma))
		return false;
	return step_to(walk, return_avma, fp + 16, caller_fp, end);
}
