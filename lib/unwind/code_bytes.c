#include "unwind/code_bytes.h"

#include <sys/uio.h>

#define HOLDS_NS UINT64_C(1000000000)

/* --- What bytes say ------------------------------------------------------------------------------------------ */

#if defined(__x86_64__)

/* Does a call end at `end`? Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, CALL and section 2.1:
 * E8 and four bytes, or FF with a ModRM byte whose middle says 2, by whose other parts 0 to 5 bytes follow. */
static bool is_behind_call(const uint8_t *end)
{
	if (end[-5] == 0xe8)
		return true;
	for (int length = 2; length <= 7; length++) {
		const uint8_t *call = end - length;
		const unsigned mod = call[1] >> 6, rm = call[1] & 7;
		int wanted = 2;

		if (call[0] != 0xff || (call[1] >> 3 & 7) != 2)
			continue;
		if (mod != 3 && rm == 4)
			wanted += mod == 0 && (call[2] & 7) == 5 ? 5 : 1;
		wanted += mod == 1 ? 1 : mod == 2 || (mod == 0 && rm == 5) ? 4 : 0;
		if (wanted == length)
			return true;
	}
	return false;
}

/* mov $15, %rax; syscall: what a signal handler returns to was never called. */
static bool is_sigreturn(const uint8_t *at)
{
	static const uint8_t code[] = { 0x48, 0xc7, 0xc0, 0x0f, 0x00, 0x00, 0x00, 0x0f, 0x05 };

	return !memcmp(at, code, sizeof code);
}

/* mov %rsp, %rbp, which has two forms */
static bool is_frame_set(const uint8_t *at)
{
	return at[0] == 0x48 && ((at[1] == 0x89 && at[2] == 0xe5) || (at[1] == 0x8b && at[2] == 0xec));
}

/* mov %rbp, n(%rsp), n given behind it */
static bool is_fp_stored(const uint8_t *at)
{
	static const uint8_t code[] = { 0x48, 0x89, 0x6c, 0x24 };

	return !memcmp(at, code, sizeof code);
}

/* sub $n, %rsp, n given behind it */
static bool is_stack_taken(const uint8_t *at)
{
	return at[0] == 0x48 && at[1] == 0x83 && at[2] == 0xec;
}

/* push %rbp; mov %rsp, %rbp; or HotSpot's sub $n, %rsp; mov %rbp, n-8(%rsp); mov %rsp, %rbp; add $n-8, %rbp */
static bool is_frame_made(const uint8_t *at)
{
	return (at[0] == 0x55 && is_frame_set(at + 1)) ||
	       (is_stack_taken(at) && is_fp_stored(at + 4) && at[8] + 8 == at[3]);
}

/* Within one of the two. */
static bool is_frame_half_made(const uint8_t *at, struct hw_code *code)
{
	if (at[-1] == 0x55 && is_frame_set(at))
		*code = (struct hw_code){ HW_CODE_FP_SAVED, 8 };
	else if (is_fp_stored(at) && is_stack_taken(at - 4) && at[4] + 8 == at[-1])
		*code = (struct hw_code){ HW_CODE_FP_LIVE, at[-1] };
	else if (is_frame_set(at) && is_fp_stored(at - 5))
		*code = (struct hw_code){ HW_CODE_FP_SAVED, (uint8_t)(at[-1] + 8) };
	else if (is_frame_set(at - 3) && is_fp_stored(at - 8))
		*code = (struct hw_code){ HW_CODE_FP_SAVED, (uint8_t)(at[-4] + 8) };
	else
		return false;
	return true;
}

/* ret, ret $n; the same with a prefix for branch predictors of old */
static bool is_return(const uint8_t *at)
{
	return at[0] == 0xc3 || at[0] == 0xc2 || (at[0] == 0xf3 && at[1] == 0xc3);
}

/* Does the end of a frame stand in front of `end`: leave; mov %rbp, %rsp and pop %rbp; or add $n, %rsp and pop %rbp? */
static bool is_behind_frame_end(const uint8_t *end)
{
	if (end[-1] != 0x5d)
		return end[-1] == 0xc9;
	return (end[-4] == 0x48 &&
		((end[-3] == 0x8b && end[-2] == 0xe5) || (end[-3] == 0x89 && end[-2] == 0xec))) ||
	       (end[-5] == 0x48 && end[-4] == 0x83 && end[-3] == 0xc4) ||
	       (end[-8] == 0x48 && end[-7] == 0x81 && end[-6] == 0xc4);
}

/* V8 checks in front of a frame whether the code is still good, and behind its end how many arguments there were; HotSpot
 * looks there for a safepoint. Neither pushes anything meanwhile. */
static struct hw_code code_of_leaf(const uint8_t *at)
{
	static const struct hw_code no_frame = { HW_CODE_FP_LIVE, 0 };
	struct hw_code half;
	bool returns = false;

	if (is_frame_half_made(at, &half))
		return half;
	if (is_return(at))
		return no_frame;
	for (int ahead = 0; ahead <= HW_CODE_BYTES_AFTER - 9; ahead++) {
		if (is_frame_made(at + ahead))
			return no_frame;
		returns |= is_return(at + ahead);
	}
	for (int behind = 0; returns && behind <= HW_CODE_BYTES_BEFORE - 8; behind++)
		if (is_behind_frame_end(at - behind))
			return no_frame;
	return (struct hw_code){ HW_CODE_IN_FRAME, 0 };
}

/* add $n, %rsp; ret, as the trampolines of Python 3.12 go on behind their call. */
static struct hw_code code_behind_call(const uint8_t *at)
{
	if (at[0] == 0x48 && at[1] == 0x83 && at[2] == 0xc4 && at[3] < 0x80 && is_return(at + 4))
		return (struct hw_code){ HW_CODE_FP_LIVE, at[3] };
	return (struct hw_code){ HW_CODE_IN_FRAME, 0 };
}

#elif defined(__aarch64__)

/* bl, blr, and blr with pointer authentication (Arm Architecture Reference Manual for A-profile, C4.1.66). */
static bool is_behind_call(const uint8_t *end)
{
	uint32_t word;

	memcpy(&word, end - sizeof word, sizeof word);
	return (word & 0xfc000000) == 0x94000000 || (word & 0xfefff000) == 0xd63f0000;
}

/* mov x8, #139; svc #0 */
static bool is_sigreturn(const uint8_t *at)
{
	static const uint8_t code[] = { 0x68, 0x11, 0x80, 0xd2, 0x01, 0x00, 0x00, 0xd4 };

	return !memcmp(at, code, sizeof code);
}

static struct hw_code code_of_leaf(const uint8_t *at)
{
	(void)at;
	return (struct hw_code){ HW_CODE_IN_FRAME, 0 };
}

static struct hw_code code_behind_call(const uint8_t *at)
{
	return code_of_leaf(at);
}

#else

static bool is_behind_call(const uint8_t *end)
{
	(void)end;
	return true;
}

static bool is_sigreturn(const uint8_t *at)
{
	(void)at;
	return false;
}

static struct hw_code code_of_leaf(const uint8_t *at)
{
	(void)at;
	return (struct hw_code){ HW_CODE_IN_FRAME, 0 };
}

static struct hw_code code_behind_call(const uint8_t *at)
{
	return code_of_leaf(at);
}

#endif

/* --- Reading -------------------------------------------------------------------------------------------------- */

/* size bytes of the file from where an address lies, or before it. */
static bool read_file(const struct hw_walk *walk, uint64_t avma, uint64_t from_avma, uint8_t *to, size_t size)
{
	struct hw_walk_place place;
	enum hw_stack_end why;
	const uint8_t *bytes;

	if (!hw_walk_locate(walk, avma, HW_FRAME_IP, &place, &why) || place.svma < avma - from_avma)
		return false;
	bytes = hw_elf_at_svma(place.dso->elf, place.svma - (avma - from_avma), size);
	if (bytes)
		memcpy(to, bytes, size);
	return bytes != NULL;
}

/* Reading another process's memory needs the right to look into it (ptrace(2), "access mode checking"); nothing happens
 * to the process. By now it may be gone. */
static bool read_memory(uint32_t pid, uint64_t from_avma, uint8_t *to, size_t size)
{
	struct iovec into = { .iov_base = to, .iov_len = size };
	struct iovec from = { .iov_base = (void *)(uintptr_t)from_avma, .iov_len = size };

	return process_vm_readv((pid_t)pid, &into, 1, &from, 1, 0) == (ssize_t)size;
}

static bool read_some(const struct hw_walk *walk, bool has_file, uint64_t avma, uint64_t from_avma,
		      uint8_t *to, size_t size)
{
	return has_file ? read_file(walk, avma, from_avma, to, size)
			: read_memory(walk->sample->pid, from_avma, to, size);
}

/* The bytes around an address. At the edges of a mapping, those that are on its page; the others are 0, which begins no
 * instruction that is looked for. */
static bool read_around(const struct hw_walk *walk, uint64_t avma, struct hw_code_bytes *code)
{
	const struct hw_mapping *mapping = hw_mappings_find(walk->mappings, avma);
	const bool has_file = mapping && hw_dso_elf(mapping->dso);
	const uint64_t page_avma = avma & ~UINT64_C(4095);
	uint64_t start_avma = avma - HW_CODE_BYTES_BEFORE;
	uint64_t limit_avma = avma + HW_CODE_BYTES_AFTER;

	if (read_some(walk, has_file, avma, start_avma, code->bytes, sizeof code->bytes))
		return true;
	memset(code->bytes, 0, sizeof code->bytes);
	if (start_avma < page_avma)
		start_avma = page_avma;
	if (limit_avma > page_avma + 4096)
		limit_avma = page_avma + 4096;
	return read_some(walk, has_file, avma, start_avma,
			 code->bytes + HW_CODE_BYTES_BEFORE - (avma - start_avma), limit_avma - start_avma);
}

/* What is asked about an address. */
enum question { IS_RETURN, LEAF, BEHIND_CALL };

static struct hw_code look(const struct hw_walk *walk, uint64_t avma, enum question question)
{
	struct hw_code_bytes code;
	const uint8_t *at = code.bytes + HW_CODE_BYTES_BEFORE;

	if (!read_around(walk, avma, &code))
		return (struct hw_code){ HW_CODE_UNREADABLE, 0 };
	if (question == LEAF)
		return code_of_leaf(at);
	if (question == BEHIND_CALL)
		return code_behind_call(at);
	return (struct hw_code){ is_behind_call(at) || is_sigreturn(at) ? HW_CODE_BEHIND_CALL
									: HW_CODE_NOT_BEHIND_CALL,
				 0 };
}

static struct hw_code look_up(const struct hw_walk *walk, uint64_t avma, enum question question)
{
	const uint64_t key = avma << 2 | question;
	const uint64_t hash = key * UINT64_C(0x9e3779b97f4a7c15);
	struct hw_code_known *known = &walk->code->at[hash >> 32 & (HW_CODE_CACHE_SIZE - 1)];
	const uint64_t now_ns = walk->sample->time_ns;

	if (known->key == key && known->pid == walk->sample->pid && now_ns >= known->time_ns &&
	    now_ns - known->time_ns < HOLDS_NS)
		return known->code;
	*known = (struct hw_code_known){
		.key = key,
		.time_ns = now_ns,
		.pid = walk->sample->pid,
		.code = look(walk, avma, question),
	};
	return known->code;
}

enum hw_code_kind hw_code_of_return(const struct hw_walk *walk, uint64_t return_avma)
{
	return look_up(walk, return_avma, IS_RETURN).kind;
}

struct hw_code hw_code_of_leaf(const struct hw_walk *walk, uint64_t pc_avma)
{
	return look_up(walk, pc_avma, LEAF);
}

struct hw_code hw_code_behind_call(const struct hw_walk *walk, uint64_t return_avma)
{
	return look_up(walk, return_avma, BEHIND_CALL);
}
