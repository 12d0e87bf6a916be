/* What all engines share. */
#include "unwind/walk.h"

/* Stacks are 8 MiB by default, and the words wanted next are near: further away is a register that holds
 * something else. */
#define STACK_REACH (UINT64_C(64) << 20)

bool hw_walk_push(struct hw_walk *walk, uint64_t avma, uint64_t sp_avma, enum hw_frame_kind kind,
		  enum hw_frame_origin origin)
{
	struct hw_frames *frames = walk->frames;

	if (frames->count == HW_FRAMES_MAX)
		return false;
	frames->at[frames->count++] =
		(struct hw_frame){ .avma = avma, .sp_avma = sp_avma, .kind = kind, .origin = origin };
	return true;
}

static bool is_last(const struct hw_walk *walk, uint64_t avma)
{
	return walk->frames->count && walk->frames->at[walk->frames->count - 1].avma == avma;
}

bool hw_walk_push_caller(struct hw_walk *walk, uint64_t pc_avma, uint64_t sp_avma, uint64_t old_sp_avma,
			 bool over_signal_frame, enum hw_frame_origin origin, enum hw_stack_end *end)
{
	const enum hw_frame_kind kind = over_signal_frame ? HW_FRAME_IP : HW_FRAME_RETURN_ADDRESS;
	/* Only a leaf may need no stack: its return address is in a register still, as the link register of AArch64, or
	 * again, as in vfork on x86-64, which pops it before the system call. A handler on an alternate stack may lie
	 * anywhere. */
	const bool leaf_without_stack = walk->kind == HW_FRAME_IP && sp_avma == old_sp_avma &&
					(HW_REG_RA != HW_REG_PC || !is_last(walk, pc_avma));

	if (!pc_avma) {
		*end = HW_END_ROOT;
		return false;
	}
	if (sp_avma <= old_sp_avma && !over_signal_frame && !leaf_without_stack) {
		*end = HW_END_BAD_CFI;
		return false;
	}
	if (walk->maps_known &&
	    !hw_mappings_find(walk->mappings, kind == HW_FRAME_IP ? pc_avma : pc_avma - 1)) {
		*end = HW_END_NO_MAPPING;
		return false;
	}
	/* A signal trampoline was never called: the kernel made it the return address of the handler, and one byte
	 * before it is another function. */
	if (over_signal_frame && walk->frames->count)
		walk->frames->at[walk->frames->count - 1].kind = HW_FRAME_IP;
	if (!hw_walk_push(walk, pc_avma, sp_avma, kind, origin)) {
		*end = HW_END_FRAMES_MAX;
		return false;
	}
	walk->kind = kind;
	if (over_signal_frame)
		walk->on_other_stack = !hw_walk_is_above_copy(walk, sp_avma);
	return true;
}

bool hw_walk_is_above_copy(const struct hw_walk *walk, uint64_t avma)
{
	return avma >= walk->stack_avma && avma - walk->stack_avma < STACK_REACH;
}

enum hw_stack_end hw_walk_why_missing(const struct hw_walk *walk, uint64_t avma)
{
	if (walk->on_other_stack)
		return HW_END_OTHER_STACK;
	return hw_walk_is_above_copy(walk, avma) ? HW_END_TRUNCATED : HW_END_BAD_CFI;
}

bool hw_walk_locate(const struct hw_walk *walk, uint64_t pc_avma, enum hw_frame_kind kind,
		    struct hw_walk_place *place, enum hw_stack_end *why)
{
	const uint64_t lookup_avma = kind == HW_FRAME_RETURN_ADDRESS ? pc_avma - 1 : pc_avma;
	const struct hw_mapping *mapping = hw_mappings_find(walk->mappings, lookup_avma);
	enum hw_dso_kind dso_kind;

	if (!mapping) {
		*why = HW_END_NO_MAPPING;
		return false;
	}
	dso_kind = hw_dso_kind(mapping->dso);
	place->mapping = mapping;
	place->dso_index = hw_dso_index(mapping->dso);
	place->dso = hw_cfi_set_get(walk->cfis, mapping->dso);
	if (!place->dso) {
		*why = dso_kind == HW_DSO_FILE ? HW_END_NO_FILE : HW_END_NO_CFI;
		return false;
	}
	*why = HW_END_NO_CFI;
	return hw_elf_svma_of_foff(place->dso->elf, hw_mapping_foff(mapping, lookup_avma), &place->svma);
}
