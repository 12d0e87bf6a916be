/* The frame of a signal on AArch64. */
#include "unwind/signal_frame.h"

#if defined(__aarch64__)

/* struct rt_sigframe: 128 bytes of siginfo, then struct ucontext (asm/ucontext.h), whose mcontext lies at 176, then
 * fault_address, and x0 to x30, sp and pc: in the order of our registers. */
#define REGS_OFFSET (128 + 176 + 8)

/* Do walk->regs stand at `mov x8, #__NR_rt_sigreturn; svc #0`? */
static bool is_at_trampoline(const struct hw_walk *walk)
{
	static const uint8_t code[] = { 0x68, 0x11, 0x80, 0xd2, 0x01, 0x00, 0x00, 0xd4 };
	struct hw_walk_place place;
	const uint8_t *bytes;
	enum hw_stack_end why;

	if (!hw_walk_locate(walk, walk->regs.value[HW_REG_PC], HW_FRAME_IP, &place, &why))
		return false;
	bytes = hw_elf_at_svma(place.dso->elf, place.svma, sizeof code);
	return bytes && !memcmp(bytes, code, sizeof code);
}

bool hw_signal_frame_step(struct hw_walk *walk, enum hw_stack_end *end)
{
	const uint64_t sp_avma = walk->regs.value[HW_REG_SP];
	struct hw_regs regs = { 0 };

	if (!hw_regs_has(&walk->regs, HW_REG_PC) || !hw_regs_has(&walk->regs, HW_REG_SP) ||
	    !is_at_trampoline(walk))
		return false;
	for (unsigned reg = 0; reg < HW_REG_COUNT; reg++) {
		const uint64_t avma = sp_avma + REGS_OFFSET + 8 * reg;
		uint64_t value;

		if (!hw_walk_read(walk, avma, &value)) {
			*end = hw_walk_why_missing(walk, avma);
			return false;
		}
		hw_regs_set(&regs, reg, value);
	}
	if (!hw_walk_push_caller(walk, regs.value[HW_REG_PC], regs.value[HW_REG_SP], sp_avma, true,
				 HW_ORIGIN_CFI, end))
		return false;
	walk->regs = regs;
	return true;
}

#else

bool hw_signal_frame_step(struct hw_walk *walk, enum hw_stack_end *end)
{
	(void)walk, (void)end;
	return false;
}

#endif
