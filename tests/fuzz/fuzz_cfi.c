/* A hostile ELF file, registers and stack through every engine. The first byte chooses the engine; then a size of the
 * stack in words, registers' and stack's words as small numbers that become addresses of the file's mapping or of the
 * stack, then the ELF file. */
#include "process/process.h"
#include "unwind/regs.h"
#include "unwind/unwind.h"

#define IMAGE_AVMA UINT64_C(0x10000000)
#define STACK_AVMA UINT64_C(0x7ff000000000)
#define STACK_WORDS_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A word near something: code, the stack, or nothing. */
static uint64_t take_word(struct hw_bytes *input)
{
	const uint16_t raw = hw_bytes_u16(input);
	const uint64_t low = raw & 0x3fff;

	switch (raw >> 14) {
	case 0:
		return low;
	case 1:
	case 2:
		return IMAGE_AVMA + low;
	default:
		return STACK_AVMA + low - 64;
	}
}

static void check(const struct hw_frames *frames)
{
	if (frames->count > HW_FRAMES_MAX || frames->kernel_count > frames->count ||
	    frames->end >= HW_END_COUNT)
		abort();
	for (size_t i = 0; i < frames->count; i++)
		if (frames->at[i].origin >= HW_ORIGIN_COUNT || frames->at[i].kind > HW_FRAME_RETURN_ADDRESS)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum hw_unwind_method methods[] = { HW_UNWIND_AUTO, HW_UNWIND_LIBUNWIND, HW_UNWIND_LIBDW,
							 HW_UNWIND_FP };
	static struct hw_frames frames;
	struct hw_bytes input = hw_bytes_of(data, size);
	const enum hw_unwind_method method = methods[hw_bytes_u8(&input) % HW_COUNT_OF(methods)];
	const uint64_t stack_words = hw_bytes_u8(&input) % (STACK_WORDS_MAX + 1);
	uint64_t regs[HW_SAMPLE_REGS_MAX];
	uint64_t stack[STACK_WORDS_MAX];
	struct hw_process process = { .pid = 1, .maps_known = true };
	struct hw_mapping mapping = { .start_avma = IMAGE_AVMA, .limit_avma = IMAGE_AVMA + 0x10000 };
	const struct hw_dso_key key = { .kind = HW_DSO_VDSO, .path = "[fuzz]" };
	struct hw_sample sample = { .cpumode = PERF_RECORD_MISC_USER };
	struct hw_dso_table *dsos;
	struct hw_unwinder *unwinder;

	for (size_t i = 0; i < HW_SAMPLE_REGS_MAX; i++)
		regs[i] = i < HW_REG_COUNT ? take_word(&input) : 0;
	for (size_t i = 0; i < stack_words; i++)
		stack[i] = take_word(&input);
	if (input.overrun)
		return 0;
#if defined(__x86_64__)
	regs[7] = STACK_AVMA; /* PERF_REG_X86_SP */
	sample.ip_avma = regs[8];
#else
	regs[31] = STACK_AVMA; /* PERF_REG_ARM64_SP */
	sample.ip_avma = regs[32];
#endif
	sample.user_regs.abi = PERF_SAMPLE_REGS_ABI_64;
	sample.user_regs.mask = hw_unwind_regs_mask();
	sample.user_regs.values = (const uint8_t *)regs;
	sample.user_stack = (const uint8_t *)stack;
	sample.user_stack_size = stack_words * 8;
	sample.callchain = (const uint8_t *)stack;
	sample.callchain_count = stack_words;

	dsos = hw_dso_table_new();
	mapping.dso = hw_dso_table_add(dsos, &key);
	hw_dso_load_bytes(mapping.dso, input.at, hw_bytes_left(&input));
	hw_mappings_add(&process.mappings, &mapping);
	unwinder = hw_unwinder_new(method);
	for (int round = 0; round < 2; round++) { /* the second time from the caches */
		hw_unwind(unwinder, &sample, &process, &frames);
		check(&frames);
	}
	hw_unwinder_free(unwinder);
	hw_mappings_fini(&process.mappings);
	hw_dso_table_free(dsos);
	return 0;
}
