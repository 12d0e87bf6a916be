/* AArch64: perf's register numbers are DWARF's (arch/arm64/include/uapi/asm/perf_regs.h: X0 to X29, LR, SP, PC). */
#include "unwind/regs.h"

#if defined(__aarch64__)

/* User space has 48 address bits unless it maps above them on purpose (Documentation/arch/arm64/memory.rst);
 * the bits above hold the pointer authentication code of a signed return address, and tags. */
#define ADDRESS_BITS 48

uint64_t hw_regs_perf_mask(void)
{
	return (UINT64_C(1) << HW_REG_COUNT) - 1;
}

bool hw_regs_of_sample(struct hw_regs *regs, const struct hw_sample_regs *sampled)
{
	*regs = (struct hw_regs){ 0 };
	if (sampled->abi != PERF_SAMPLE_REGS_ABI_64 || !sampled->values)
		return false;
	for (unsigned reg = 0; reg < HW_REG_COUNT; reg++)
		if (sampled->mask >> reg & 1)
			hw_regs_set(regs, reg, hw_sample_reg(sampled, reg));
	return hw_regs_has(regs, HW_REG_PC) && hw_regs_has(regs, HW_REG_SP);
}

uint64_t hw_regs_strip(uint64_t avma)
{
	return avma & ((UINT64_C(1) << ADDRESS_BITS) - 1);
}

const uint8_t *hw_regs_callee_saved(void)
{
	/* x19 to x28, the frame pointer, and the link register: AAPCS64, section 6.1.1 */
	static const uint8_t list[] = { 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, HW_REG_COUNT };

	return list;
}

#endif

typedef int hw_regs_aarch64_is_not_empty; /* ISO C wants a declaration in every file */
