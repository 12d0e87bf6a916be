/* The user registers an unwinder works with, of the architecture hwprof runs on.
 *
 * They are numbered as in DWARF (System V ABI, AMD64 supplement, table 3.36; DWARF for the Arm 64-bit
 * architecture, table 1), which is how libunwind and libdw number them too; the program counter takes the number
 * of the return address column on x86-64 and 32 on AArch64. regs_<arch>.c has the tables. */
#ifndef HW_UNWIND_REGS_H
#define HW_UNWIND_REGS_H

#include "record/sample.h"

#if defined(__x86_64__)
#define HW_REG_COUNT 17
#define HW_REG_RESULT 0 /* rax: of a system call */
#define HW_REG_FP 6
#define HW_REG_SP 7
#define HW_REG_PC 16
#define HW_REG_RA 16 /* return address column of a CIE */
#elif defined(__aarch64__)
#define HW_REG_COUNT 33
#define HW_REG_RESULT 0
#define HW_REG_SYSCALL 8 /* number of a system call; still there behind it */
#define HW_REG_FP 29
#define HW_REG_RA 30
#define HW_REG_SP 31
#define HW_REG_PC 32
#else /* no unwinder: stacks are the kernel's callchains; the numbers only have to compile */
#define HW_REG_COUNT 3
#define HW_REG_RESULT 0
#define HW_REG_FP 0
#define HW_REG_SP 1
#define HW_REG_PC 2
#define HW_REG_RA 2
#endif

struct hw_regs {
	uint64_t value[HW_REG_COUNT];
	uint64_t known; /* bit per register */
};

/* attr.sample_regs_user for all of them (asm/perf_regs.h); 0 without an unwinder for this architecture. */
uint64_t hw_regs_perf_mask(void);

/* The registers of a sample. False when it has no usable ones: a kernel thread, a 32-bit task, or without pc
 * and stack pointer. */
bool hw_regs_of_sample(struct hw_regs *regs, const struct hw_sample_regs *sampled);

/* A code address as the mappings know it: without the pointer authentication code of AArch64. */
uint64_t hw_regs_strip(uint64_t avma);

/* Registers a function has to hand back unchanged, by number, HW_REG_COUNT at the end. */
const uint8_t *hw_regs_callee_saved(void);

static inline bool hw_regs_has(const struct hw_regs *regs, unsigned reg)
{
	return reg < HW_REG_COUNT && (regs->known >> reg & 1);
}

static inline void hw_regs_set(struct hw_regs *regs, unsigned reg, uint64_t value)
{
	regs->value[reg] = value;
	regs->known |= UINT64_C(1) << reg;
}

#endif
