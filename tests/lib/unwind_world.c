#include "unwind/regs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/unwind_world.h"

struct unwind_world world;
struct hw_frames frames;

/* Words in perf's order, all of hw_unwind_regs_mask(). */
static size_t pack(const struct setting *setting, uint64_t *words)
{
#if defined(__aarch64__)
	words[0] = setting->x0;
	words[8] = setting->x8;
	words[29] = setting->x29;
	words[30] = setting->x30;
	words[31] = STACK_AVMA;
	words[32] = at(setting->pc);
	return 33;
#else
	/* ax bx cx dx si di bp sp ip, then r8 to r15 (asm/perf_regs.h) */
	words[0] = setting->rax;
	words[5] = setting->rdi;
	words[6] = setting->rbp;
	words[7] = STACK_AVMA;
	words[8] = at(setting->pc);
	return 17;
#endif
}

void unwind(enum hw_unwind_method method, const struct setting *setting)
{
	struct hw_unwinder *unwinder = hw_unwinder_new(method);
	uint64_t regs[HW_SAMPLE_REGS_MAX] = { 0 };
	const struct hw_sample sample = { .ip_avma = at(setting->pc),
					  .cpumode = PERF_RECORD_MISC_USER,
					  .user_regs = { .abi = PERF_SAMPLE_REGS_ABI_64,
							 .mask = hw_unwind_regs_mask(),
							 .values = (const uint8_t *)regs },
					  .user_stack = (const uint8_t *)setting->words,
					  .user_stack_size = setting->word_count * 8 };

	assert_int_equal(pack(setting, regs), __builtin_popcountll(sample.user_regs.mask));
	hw_unwind(unwinder, &sample, world.process, &frames);
	for (size_t count = frames.count, round = 0; round < 2; round++) {
		hw_unwind(unwinder, &sample, world.process, &frames);
		assert_int_equal(frames.count, count);
	}
	hw_unwinder_free(unwinder);
}

void expect(enum hw_unwind_method method, const struct setting *setting, const struct expected *expected)
{
	unwind(method, setting);
	if (frames.count != expected->count || frames.end != expected->end)
		fail_msg("method %d: %zu frames, %s; expected %zu, %s", (int)method, frames.count,
			 hw_stack_end_name(frames.end), expected->count, hw_stack_end_name(expected->end));
	for (size_t i = 0; i < frames.count; i++) {
		assert_int_equal(frames.at[i].avma, at(expected->at[i].label));
		assert_int_equal(frames.at[i].kind, expected->at[i].kind);
		assert_int_equal(frames.at[i].kernel, false);
	}
}

void expect_all(const struct setting *setting, const struct expected *expected)
{
	expect(HW_UNWIND_RULES, setting, expected);
	expect(HW_UNWIND_LIBUNWIND, setting, expected);
	expect(HW_UNWIND_LIBDW, setting, expected);
	expect(HW_UNWIND_AUTO, setting, expected);
}

int set_up(void **state)
{
	(void)state;
	world.dsos = hw_dso_table_new();
	world.processes = hw_process_table_new(world.dsos);
	world.process = hw_process_table_get(world.processes, (uint32_t)getpid());
	return 0;
}

int tear_down(void **state)
{
	(void)state;
	hw_process_table_free(world.processes);
	hw_dso_table_free(world.dsos);
	return 0;
}
