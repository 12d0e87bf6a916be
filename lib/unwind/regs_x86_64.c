/* x86-64: perf's register numbers and DWARF's. */
#include "unwind/regs.h"

#if defined(__x86_64__)

#include <asm/perf_regs.h>

static const uint8_t perf_number[HW_REG_COUNT] = {
	PERF_REG_X86_AX,  PERF_REG_X86_DX,  PERF_REG_X86_CX,  PERF_REG_X86_BX,	PERF_REG_X86_SI,
	PERF_REG_X86_DI,  PERF_REG_X86_BP,  PERF_REG_X86_SP,  PERF_REG_X86_R8,	PERF_REG_X86_R9,
	PERF_REG_X86_R10, PERF_REG_X86_R11, PERF_REG_X86_R12, PERF_REG_X86_R13, PERF_REG_X86_R14,
	PERF_REG_X86_R15, PERF_REG_X86_IP,
};

uint64_t hw_regs_perf_mask(void)
{
	uint64_t mask = 0;

	for (unsigned reg = 0; reg < HW_REG_COUNT; reg++)
		mask |= UINT64_C(1) << perf_number[reg];
	return mask;
}

/* The other way round: perf_number's index + 1, 0 for registers not worked with. */
static const uint8_t number_of_perf[64] = {
	[PERF_REG_X86_AX] = 1,	 [PERF_REG_X86_DX] = 2,	  [PERF_REG_X86_CX] = 3,   [PERF_REG_X86_BX] = 4,
	[PERF_REG_X86_SI] = 5,	 [PERF_REG_X86_DI] = 6,	  [PERF_REG_X86_BP] = 7,   [PERF_REG_X86_SP] = 8,
	[PERF_REG_X86_R8] = 9,	 [PERF_REG_X86_R9] = 10,  [PERF_REG_X86_R10] = 11, [PERF_REG_X86_R11] = 12,
	[PERF_REG_X86_R12] = 13, [PERF_REG_X86_R13] = 14, [PERF_REG_X86_R14] = 15, [PERF_REG_X86_R15] = 16,
	[PERF_REG_X86_IP] = 17,
};

bool hw_regs_of_sample(struct hw_regs *regs, const struct hw_sample_regs *sampled)
{
	uint64_t index = 0;

	*regs = (struct hw_regs){ 0 };
	if (sampled->abi != PERF_SAMPLE_REGS_ABI_64 || !sampled->values)
		return false;
	/* In the order of the values, one look each. */
	for (uint64_t mask = sampled->mask; mask; mask &= mask - 1, index++) {
		const unsigned number = number_of_perf[__builtin_ctzll(mask)];

		if (number)
			hw_regs_set(regs, number - 1, hw_sample_word(sampled->values, index));
	}
	return hw_regs_has(regs, HW_REG_PC) && hw_regs_has(regs, HW_REG_SP);
}

uint64_t hw_regs_strip(uint64_t avma)
{
	return avma;
}

const uint8_t *hw_regs_callee_saved(void)
{
	/* rbx, rbp, r12 to r15: System V ABI, AMD64 supplement, figure 3.4 */
	static const uint8_t list[] = { 3, 6, 12, 13, 14, 15, HW_REG_COUNT };

	return list;
}

#elif !defined(__aarch64__)

/* An architecture without an unwinder: no registers are asked for, and the kernel's callchain is used. */
uint64_t hw_regs_perf_mask(void)
{
	return 0;
}

bool hw_regs_of_sample(struct hw_regs *regs, const struct hw_sample_regs *sampled)
{
	(void)sampled;
	*regs = (struct hw_regs){ 0 };
	return false;
}

uint64_t hw_regs_strip(uint64_t avma)
{
	return avma;
}

const uint8_t *hw_regs_callee_saved(void)
{
	static const uint8_t list[] = { HW_REG_COUNT };

	return list;
}

#endif

typedef int hw_regs_x86_64_is_not_empty; /* ISO C wants a declaration in every file */
