/* Linkage table entries of AArch64. */
#include "unwind/plt_step.h"

#if defined(__aarch64__)

#define INSTRUCTION_SIZE 4
#define PUSH 0xa9bf7bf0 /* stp x16, x30, [sp, #-16]!: the first entry, on the way to the dynamic linker */

struct pattern {
	uint32_t mask;
	uint32_t bits;
};

/* What every entry has, one after the other: adrp x16; ldr x17, [x16, #]; add x16, x16, #. */
static const struct pattern entry[] = {
	{ 0x9f00001f, 0x90000010 },
	{ 0xffc003ff, 0xf9400211 },
	{ 0xffc003ff, 0x91000210 },
};
/* And then br x17, with autia1716 before it in one that checks pointers. */
static const struct pattern branch = { 0xffffffff, 0xd61f0220 };
static const struct pattern authenticate = { 0xffffffff, 0xd503219f };

static bool read_instruction(const struct hw_elf *elf, uint64_t svma, uint32_t *instruction)
{
	const uint8_t *at = hw_elf_at_svma(elf, svma, INSTRUCTION_SIZE);

	if (at)
		memcpy(instruction, at, INSTRUCTION_SIZE);
	return at;
}

static bool is_at(const struct hw_elf *elf, uint64_t svma, struct pattern pattern)
{
	uint32_t instruction;

	return read_instruction(elf, svma, &instruction) && (instruction & pattern.mask) == pattern.bits;
}

/* Bytes from adrp to behind br of an entry that begins at svma; 0 when none does. */
static uint64_t entry_size(const struct hw_elf *elf, uint64_t svma)
{
	uint64_t size = 0;

	for (size_t i = 0; i < HW_COUNT_OF(entry); i++, size += INSTRUCTION_SIZE)
		if (!is_at(elf, svma + size, entry[i]))
			return 0;
	if (is_at(elf, svma + size, authenticate))
		size += INSTRUCTION_SIZE;
	return is_at(elf, svma + size, branch) ? size + INSTRUCTION_SIZE : 0;
}

/* Is the pc in an entry, and how far has that moved the stack pointer? */
static bool find_entry(const struct hw_walk *walk, uint64_t *pushed_bytes)
{
	struct hw_walk_place place;
	enum hw_stack_end why;
	uint32_t before;

	if (!hw_walk_locate(walk, walk->regs.value[HW_REG_PC], HW_FRAME_IP, &place, &why))
		return false;
	/* From the instruction before adrp (bti c, or the push) to br. */
	for (int back = -1; back <= 4; back++) {
		const uint64_t start_svma = place.svma - (uint64_t)(int64_t)(back * INSTRUCTION_SIZE);
		const uint64_t size = entry_size(place.dso->elf, start_svma);

		if (!size || place.svma + INSTRUCTION_SIZE > start_svma + size)
			continue;
		*pushed_bytes = 0;
		if (back >= 0 && read_instruction(place.dso->elf, start_svma - INSTRUCTION_SIZE, &before) &&
		    before == PUSH)
			*pushed_bytes = 16;
		return true;
	}
	return false;
}

bool hw_plt_step(struct hw_walk *walk, enum hw_stack_end *end)
{
	struct hw_regs *regs = &walk->regs;
	const uint64_t sp_avma = regs->value[HW_REG_SP];
	const uint64_t caller_avma = hw_regs_strip(regs->value[HW_REG_RA]);
	uint64_t pushed_bytes;

	if (walk->kind != HW_FRAME_IP || !hw_regs_has(regs, HW_REG_PC) || !hw_regs_has(regs, HW_REG_SP) ||
	    !hw_regs_has(regs, HW_REG_RA) || !find_entry(walk, &pushed_bytes))
		return false;
	if (!hw_walk_push_caller(walk, caller_avma, sp_avma + pushed_bytes, sp_avma, false, HW_ORIGIN_CFI,
				 end))
		return false;
	hw_regs_set(regs, HW_REG_SP, sp_avma + pushed_bytes);
	hw_regs_set(regs, HW_REG_PC, caller_avma);
	return true;
}

#else

bool hw_plt_step(struct hw_walk *walk, enum hw_stack_end *end)
{
	(void)walk, (void)end;
	return false;
}

#endif
