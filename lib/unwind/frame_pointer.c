/* Frame pointers, distrusted. */
#include "unwind/frame_pointer.h"

#define FRAME_ALIGN 8

/* What is known about the place a return address leads to. */
struct caller {
	bool is_refuted; /* its bytes can be read, and there is no call before it */
	bool has_rules;	 /* it has CFI: what its caller left in the frame pointer may be anything */
};

#if defined(__x86_64__)

#define CALL_BYTES_MAX 7

/* Does a call end at `end`? `size` bytes before it can be read. Intel 64 and IA-32 Architectures Software Developer's
 * Manual, volume 2, CALL and section 2.1: E8 and four bytes, or FF with a ModRM byte whose middle says 2, by whose
 * other parts 0 to 5 bytes follow. */
static bool is_behind_call(const uint8_t *end, size_t size)
{
	if (size >= 5 && end[-5] == 0xe8)
		return true;
	for (size_t length = 2; length <= size; length++) {
		const uint8_t modrm = end[1 - (ptrdiff_t)length];
		const unsigned mod = modrm >> 6, rm = modrm & 7;
		size_t wanted = 2;

		if (end[-(ptrdiff_t)length] != 0xff || (modrm >> 3 & 7) != 2)
			continue;
		if (mod != 3 && rm == 4) {
			wanted++;
			if (length > 2 && mod == 0 && (end[2 - (ptrdiff_t)length] & 7) == 5)
				wanted += 4;
		}
		wanted += mod == 1 ? 1 : mod == 2 || (mod == 0 && rm == 5) ? 4 : 0;
		if (wanted == length)
			return true;
	}
	return false;
}

/* mov $15, %rax; syscall: what a signal handler returns to was never called. */
static bool is_sigreturn(const uint8_t *bytes, size_t size)
{
	static const uint8_t code[] = { 0x48, 0xc7, 0xc0, 0x0f, 0x00, 0x00, 0x00, 0x0f, 0x05 };

	return size >= sizeof code && !memcmp(bytes, code, sizeof code);
}

#elif defined(__aarch64__)

#define CALL_BYTES_MAX 4

/* bl, blr, and blr with pointer authentication (Arm Architecture Reference Manual for A-profile, C4.1.66). */
static bool is_behind_call(const uint8_t *end, size_t size)
{
	uint32_t word;

	if (size < sizeof word)
		return true;
	memcpy(&word, end - sizeof word, sizeof word);
	return (word & 0xfc000000) == 0x94000000 || (word & 0xfefff000) == 0xd63f0000;
}

/* mov x8, #139; svc #0 */
static bool is_sigreturn(const uint8_t *bytes, size_t size)
{
	static const uint8_t code[] = { 0x68, 0x11, 0x80, 0xd2, 0x01, 0x00, 0x00, 0xd4 };

	return size >= sizeof code && !memcmp(bytes, code, sizeof code);
}

#else

#define CALL_BYTES_MAX 0

static bool is_behind_call(const uint8_t *end, size_t size)
{
	(void)end, (void)size;
	return true;
}

static bool is_sigreturn(const uint8_t *bytes, size_t size)
{
	(void)bytes, (void)size;
	return false;
}

#endif

/* Up to `most` bytes before an address as written in the file, or from it on; NULL when there are none. */
static const uint8_t *bytes_before(const struct hw_elf *elf, uint64_t svma, size_t most, size_t *size)
{
	for (*size = most; *size; --*size) {
		const uint8_t *bytes = *size <= svma ? hw_elf_at_svma(elf, svma - *size, *size) : NULL;

		if (bytes)
			return bytes;
	}
	return NULL;
}

static struct caller look_at_caller(const struct hw_walk *walk, uint64_t return_avma)
{
	struct caller caller = { 0 };
	struct hw_walk_place place;
	struct hw_cfi_rows rows;
	enum hw_stack_end why;
	const uint8_t *before, *at;
	size_t size;

	if (!hw_walk_locate(walk, return_avma, HW_FRAME_RETURN_ADDRESS, &place, &why))
		return caller; /* JIT code, or a file that cannot be read: nothing speaks against it */
	caller.has_rules = hw_cfi_find_rows(&place.dso->cfi, place.svma, &rows) != HW_CFI_ABSENT;
	before = bytes_before(place.dso->elf, place.svma + 1, CALL_BYTES_MAX, &size);
	at = hw_elf_at_svma(place.dso->elf, place.svma + 1, 9);
	if (before && !is_behind_call(before + size, size))
		caller.is_refuted = !at || !is_sigreturn(at, 9);
	return caller;
}

/* Is [fp], [fp + 8] a frame that returns to code? Between functions that all keep frame pointers, older frames lie
 * above; a caller that has rules may use the register for anything. */
static bool is_plausible(const struct hw_walk *walk, uint64_t fp, uint64_t caller_fp, uint64_t return_avma)
{
	struct caller caller;

	if (!return_avma || !hw_mappings_find(walk->mappings, return_avma - 1))
		return false;
	caller = look_at_caller(walk, return_avma);
	return !caller.is_refuted && (caller.has_rules || !caller_fp || caller_fp > fp);
}

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
	if (!is_plausible(walk, fp, caller_fp, return_avma))
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
