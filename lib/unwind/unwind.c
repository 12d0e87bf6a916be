/* From a sample to frames: which part comes from where, and how it ended. */
#include "unwind/unwind.h"

#include "base/map.h"
#include "unwind/callchain.h"
#include "unwind/code_bytes.h"
#include "unwind/frame_pointer.h"
#include "unwind/plt_step.h"
#include "unwind/rules.h"
#include "unwind/signal_frame.h"
#include "unwind/walk.h"

#include <sys/syscall.h>

struct hw_unwinder {
	enum hw_unwind_method method;
	const struct hw_unwind_engine *engine; /* NULL when none is needed */
	void *engine_state;
	struct hw_cfi_set cfis;
	struct hw_code_cache code;
	struct hw_rules rules; /* for hw_unwinder_code alone: engines have their own */
};

const char *hw_stack_end_name(enum hw_stack_end end)
{
	static const char *const names[] = {
		[HW_END_ROOT] = "root",
		[HW_END_KERNEL_ONLY] = "kernel only",
		[HW_END_TRUNCATED] = "truncated",
		[HW_END_OTHER_STACK] = "handler on a stack of its own",
		[HW_END_FRAMES_MAX] = "too deep",
		[HW_END_NO_MAPPING] = "no mapping",
		[HW_END_NO_CFI] = "no unwind rule",
		[HW_END_BAD_CFI] = "bad unwind rule",
		[HW_END_NO_FILE] = "file not readable",
		[HW_END_NOT_READY] = "unwind rules not read yet",
		[HW_END_NO_REGS] = "no registers",
		[HW_END_STITCHED] = "stitched",
		[HW_END_AMBIGUOUS] = "truncated where callers differ",
	};

	return (size_t)end < HW_COUNT_OF(names) ? names[end] : "unknown";
}

bool hw_stack_end_is_complete(enum hw_stack_end end)
{
	return end == HW_END_ROOT || end == HW_END_KERNEL_ONLY || end == HW_END_STITCHED;
}

bool hw_stack_end_is_truncated(enum hw_stack_end end)
{
	return end == HW_END_TRUNCATED || end == HW_END_AMBIGUOUS || end == HW_END_FRAMES_MAX;
}

const char *hw_frame_origin_name(enum hw_frame_origin origin)
{
	static const char *const names[] = {
		[HW_ORIGIN_SAMPLE] = "sampled",
		[HW_ORIGIN_CALLCHAIN] = "callchain",
		[HW_ORIGIN_CFI] = "CFI",
		[HW_ORIGIN_FALLBACK] = "CFI by libunwind",
		[HW_ORIGIN_FRAME_POINTER] = "frame pointer",
	};

	return (size_t)origin < HW_COUNT_OF(names) ? names[origin] : "unknown";
}

uint64_t hw_unwind_regs_mask(void)
{
	return hw_regs_perf_mask();
}

static const struct hw_unwind_engine *engine_of(enum hw_unwind_method method)
{
	switch (method) {
	case HW_UNWIND_AUTO:
	case HW_UNWIND_RULES:
		return &hw_engine_rules;
	case HW_UNWIND_LIBUNWIND:
		return &hw_engine_libunwind;
	case HW_UNWIND_LIBDW:
		return &hw_engine_libdw;
	default:
		return NULL;
	}
}

struct hw_unwinder *hw_unwinder_new(enum hw_unwind_method method)
{
	struct hw_unwinder *unwinder = hw_alloc(1, sizeof *unwinder);

	unwinder->method = method;
	unwinder->engine = engine_of(method);
	if (unwinder->engine)
		unwinder->engine_state = unwinder->engine->start();
	return unwinder;
}

void hw_unwinder_free(struct hw_unwinder *unwinder)
{
	if (!unwinder)
		return;
	if (unwinder->engine)
		unwinder->engine->stop(unwinder->engine_state);
	hw_rules_fini(&unwinder->rules);
	hw_cfi_set_fini(&unwinder->cfis);
	free(unwinder);
}

/* --- User stacks -------------------------------------------------------------------------------------- */

/* The kernel follows frame pointers until one does not fit, and does not say why it stopped. It was the root if
 * the last function's own rules say that it has no caller. */
static enum hw_stack_end end_of_callchain(struct hw_walk *walk)
{
	const struct hw_frame *last = &walk->frames->at[walk->frames->count - 1];
	struct hw_walk_place place;
	struct hw_cfi_fde fde;
	enum hw_stack_end why;

	if (walk->frames->count == HW_FRAMES_MAX)
		return HW_END_FRAMES_MAX;
	if (!hw_walk_locate(walk, last->avma, last->kind, &place, &why))
		return why;
	if (hw_cfi_find(&place.dso->cfi, place.svma, &fde) == HW_CFI_FOUND && fde.ra_undefined)
		return HW_END_ROOT;
	return HW_END_NO_CFI;
}

static enum hw_stack_end user_by_callchain(struct hw_walk *walk)
{
	if (!hw_callchain_user(walk->sample, walk->frames)) {
		if (hw_sample_in_kernel(walk->sample))
			return HW_END_KERNEL_ONLY;
		hw_walk_push(walk, walk->sample->ip_avma, 0, HW_FRAME_IP, HW_ORIGIN_SAMPLE);
		return HW_END_NO_REGS;
	}
	return end_of_callchain(walk);
}

/* Does the interrupted code stand right behind a system call? Then *before_avma is the last byte in front of it. */
static bool is_behind_syscall(const struct hw_walk *walk, uint64_t *before_avma)
{
#if defined(__x86_64__)
	static const uint8_t syscall_bytes[] = { 0x0f, 0x05 };
#else
	static const uint8_t syscall_bytes[] = { 0x01, 0x00, 0x00, 0xd4 }; /* svc #0 */
#endif
	const uint64_t pc_avma = walk->regs.value[HW_REG_PC];
	struct hw_walk_place place;
	const uint8_t *bytes;
	enum hw_stack_end why;

	*before_avma = pc_avma - sizeof syscall_bytes - 1;
	if (!hw_walk_locate(walk, pc_avma, HW_FRAME_IP, &place, &why) || !place.dso)
		return false;
	bytes = hw_elf_at_svma(place.dso->elf, place.svma - sizeof syscall_bytes, sizeof syscall_bytes);
	return bytes && !memcmp(bytes, syscall_bytes, sizeof syscall_bytes);
}

/* Could another engine go on from here? */
static bool is_without_rule(enum hw_stack_end end)
{
	return end == HW_END_NO_CFI || end == HW_END_BAD_CFI || end == HW_END_NO_FILE ||
	       end == HW_END_NOT_READY;
}

/* By the engine, and over signal trampolines and linkage tables that have no rules. */
static enum hw_stack_end walk_engine(const struct hw_unwinder *unwinder, struct hw_walk *walk)
{
	enum hw_stack_end end = unwinder->engine->walk(unwinder->engine_state, walk);

	while (is_without_rule(end) && (hw_signal_frame_step(walk, &end) || hw_plt_step(walk, &end)))
		end = unwinder->engine->walk(unwinder->engine_state, walk);
	return end;
}

/* Is it a new thread, right behind the clone() or clone3() that made it? On AArch64 the number of the call is still there,
 * and who made it for a caller: in the link register, which was copied, while the stack is a new one. (On x86-64 the
 * result has taken the number's register.) */
static bool is_behind_clone(const struct hw_walk *walk)
{
#if defined(HW_REG_SYSCALL)
	const struct hw_regs *regs = &walk->regs;
	const uint64_t number = regs->value[HW_REG_SYSCALL];
	uint64_t before_avma;

	return hw_regs_has(regs, HW_REG_SYSCALL) && hw_regs_has(regs, HW_REG_RESULT) &&
	       (number == SYS_clone || number == SYS_clone3) && regs->value[HW_REG_RESULT] == 0 &&
	       is_behind_syscall(walk, &before_avma);
#else
	(void)walk;
	return false;
#endif
}

/* A process forked by clone() goes on with its maker's stack, which leads to a root of several frames. A thread's ends
 * where its maker's frame would be. */
static bool led_nowhere(const struct hw_walk *walk, size_t count, enum hw_stack_end end)
{
	return walk->frames->count <= count + 1 ||
	       (!hw_stack_end_is_complete(end) && !hw_stack_end_is_truncated(end));
}

/* glibc's clone3() ends its CFI in front of the system call, since one of two returns is on a new, empty stack. The
 * rules from before the call still hold for the caller. The new thread is told by its result, 0, and by finding no
 * code where a return address would be: it has no callers. */
static enum hw_stack_end walk_from_syscall(const struct hw_unwinder *unwinder, struct hw_walk *walk,
					   uint64_t before_avma)
{
	const size_t count = walk->frames->count;
	const bool is_new = hw_regs_has(&walk->regs, HW_REG_RESULT) && walk->regs.value[HW_REG_RESULT] == 0;
	enum hw_stack_end end;

	hw_regs_set(&walk->regs, HW_REG_PC, before_avma);
	end = walk_engine(unwinder, walk);
	return is_new && walk->frames->count == count && !is_without_rule(end) ? HW_END_ROOT : end;
}

/* By CFI, and by the frame pointer where there is none. */
static enum hw_stack_end walk_by_all(struct hw_unwinder *unwinder, struct hw_walk *walk)
{
	const size_t count = walk->frames->count;
	enum hw_stack_end end = walk_engine(unwinder, walk);
	uint64_t before_avma;

	if (end == HW_END_NO_CFI && walk->frames->count == count && is_behind_syscall(walk, &before_avma))
		end = walk_from_syscall(unwinder, walk, before_avma);
	while (is_without_rule(end)) {
		if (!hw_frame_pointer_step(walk, &end))
			break;
		end = walk_engine(unwinder, walk);
	}
	return end;
}

static enum hw_stack_end walk_auto(struct hw_unwinder *unwinder, struct hw_walk *walk)
{
	const size_t count = walk->frames->count;
	const bool is_new = is_behind_clone(walk);
	const enum hw_stack_end end = walk_by_all(unwinder, walk);

	if (!is_new || !led_nowhere(walk, count, end))
		return end;
	walk->frames->count = count;
	return HW_END_ROOT;
}

/* The frame user space was at, then its callers by the engine. */
static enum hw_stack_end user_by_engine(struct hw_unwinder *unwinder, struct hw_walk *walk)
{
	const struct hw_sample *sample = walk->sample;
	const bool in_kernel = hw_sample_in_kernel(sample);
	const uint64_t pc_avma = in_kernel ? walk->regs.value[HW_REG_PC] : sample->ip_avma;

	/* While execve replaces the program, the registers are still of the one that is gone. */
	if (in_kernel && walk->maps_known && !hw_mappings_find(walk->mappings, pc_avma))
		return HW_END_KERNEL_ONLY;
	walk->kind = HW_FRAME_IP;
	walk->stack_avma = walk->regs.value[HW_REG_SP];
	if (!hw_walk_push(walk, pc_avma, walk->stack_avma, HW_FRAME_IP,
			  in_kernel ? HW_ORIGIN_CALLCHAIN : HW_ORIGIN_SAMPLE))
		return HW_END_FRAMES_MAX;
	if (unwinder->method == HW_UNWIND_AUTO)
		return walk_auto(unwinder, walk);
	return walk_engine(unwinder, walk);
}

static enum hw_stack_end unwind_user(struct hw_unwinder *unwinder, struct hw_walk *walk)
{
	const struct hw_sample *sample = walk->sample;
	const bool in_kernel = hw_sample_in_kernel(sample);

	if (unwinder->method == HW_UNWIND_NONE) {
		if (!in_kernel)
			hw_walk_push(walk, sample->ip_avma, 0, HW_FRAME_IP, HW_ORIGIN_SAMPLE);
		return HW_END_KERNEL_ONLY;
	}
	if (unwinder->method == HW_UNWIND_FP || !hw_unwind_regs_mask())
		return user_by_callchain(walk);
	if (!hw_regs_of_sample(&walk->regs, &sample->user_regs)) {
		const enum hw_stack_end end = user_by_callchain(walk);

		/* Without registers a kernel thread is whole; a 32-bit task is not, however far its callchain goes. */
		return end == HW_END_KERNEL_ONLY && sample->user_regs.abi == PERF_SAMPLE_REGS_ABI_NONE
			       ? end
			       : HW_END_NO_REGS;
	}
	return user_by_engine(unwinder, walk);
}

/* Taken in a virtual machine or its hypervisor: neither mappings nor registers are of that side. */
static bool is_of_guest(const struct hw_sample *sample)
{
	const unsigned mode = sample->cpumode & PERF_RECORD_MISC_CPUMODE_MASK;

	return mode == PERF_RECORD_MISC_HYPERVISOR || mode == PERF_RECORD_MISC_GUEST_KERNEL ||
	       mode == PERF_RECORD_MISC_GUEST_USER;
}

void hw_unwind(struct hw_unwinder *unwinder, const struct hw_sample *sample, struct hw_process *process,
	       struct hw_frames *frames)
{
	struct hw_walk walk = { .sample = sample,
				.mappings = &process->mappings,
				.maps_known = process->maps_known,
				.cfis = &unwinder->cfis,
				.code = &unwinder->code,
				.frames = frames };

	frames->count = 0;
	frames->kernel_count = 0;
	if (is_of_guest(sample)) {
		hw_walk_push(&walk, sample->ip_avma, 0, HW_FRAME_IP, HW_ORIGIN_SAMPLE);
		frames->end = HW_END_NO_REGS;
		return;
	}
	hw_callchain_kernel(sample, frames);
	frames->end = unwind_user(unwinder, &walk);
}

/* --- Code of frames ----------------------------------------------------------------------------------- */

/* Words below the CFA that hold a register, the return address among them. */
static uint64_t saved_words(const struct hw_rules *rules, const struct hw_rule *rule)
{
	uint64_t words = 0;

	for (uint32_t i = 0; i < rule->slot_count; i++) {
		const struct hw_slot *slot = &rules->slots.at[rule->first_slot + i];
		const int64_t below = -(int64_t)slot->offset;

		if (slot->kind == HW_SLOT_CFA && below >= 8 && below <= 8 * HW_FRAME_CODE_WORDS &&
		    below % 8 == 0)
			words |= UINT64_C(1) << (below / 8 - 1);
	}
	return words;
}

struct hw_frame_code hw_unwinder_code(struct hw_unwinder *unwinder, struct hw_process *process,
				      const struct hw_frame *frame)
{
	const struct hw_walk walk = { .mappings = &process->mappings, .cfis = &unwinder->cfis };
	struct hw_frame_code code = { 0 };
	struct hw_walk_place place;
	struct hw_cfi_rows rows;
	enum hw_stack_end why;
	uint32_t rule;

	if (!hw_walk_locate(&walk, frame->avma, frame->kind, &place, &why) ||
	    hw_cfi_find_rows(&place.dso->cfi, place.svma, &rows) != HW_CFI_FOUND)
		return code;
	code.function = hw_hash_mix(place.dso_index, rows.start_svma) | 1;
	rule = hw_rules_find(&unwinder->rules, place.dso, place.dso_index, place.svma);
	if (rule != HW_RULES_PENDING)
		code.saved_words = saved_words(&unwinder->rules, hw_rules_at(&unwinder->rules, rule));
	return code;
}
