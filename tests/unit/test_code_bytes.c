/* What the bytes around an address say: is it behind a call, and has the function its frame? Asked about code in this very
 * process, in memory without a file, instruction by instruction. */
#include "unwind/code_bytes.h"

#include "unwind/frame_pointer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#if defined(__x86_64__)

#define REGION_BYTES 8192
#define CODE_OFFSET 4096

struct fixture {
	uint8_t *guarded, *region; /* a page that cannot be read on both sides */
	struct hw_dso_table *dsos;
	struct hw_mappings mappings;
	struct hw_cfi_set cfis;
	struct hw_code_cache code;
	struct hw_sample sample;
	struct hw_frames frames;
	uint64_t stack[32];
	struct hw_walk walk;
};

static int set_up(void **state)
{
	struct fixture *f = hw_alloc(1, sizeof *f);
	const struct hw_dso_key key = { .kind = HW_DSO_ANON, .path = "//anon", .pid = getpid() };

	f->guarded = mmap(NULL, REGION_BYTES + 2 * 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	f->region = f->guarded + 4096;
	if (f->guarded == MAP_FAILED ||
	    mprotect(f->region, REGION_BYTES, PROT_READ | PROT_WRITE | PROT_EXEC) < 0)
		return -1;
	memset(f->region, 0x90, REGION_BYTES);
	f->dsos = hw_dso_table_new();
	hw_mappings_add(&f->mappings, &(struct hw_mapping){ .start_avma = (uintptr_t)f->region,
							    .limit_avma = (uintptr_t)f->region + REGION_BYTES,
							    .prot = PROT_EXEC,
							    .dso = hw_dso_table_add(f->dsos, &key) });
	f->sample = (struct hw_sample){ .pid = (uint32_t)getpid(),
					.time_ns = 1,
					.user_stack = (const uint8_t *)f->stack,
					.user_stack_size = sizeof f->stack };
	f->walk = (struct hw_walk){ .sample = &f->sample,
				    .mappings = &f->mappings,
				    .maps_known = true,
				    .cfis = &f->cfis,
				    .code = &f->code,
				    .frames = &f->frames,
				    .stack_avma = 0x7000 };
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	munmap(f->guarded, REGION_BYTES + 2 * 4096);
	hw_mappings_fini(&f->mappings);
	hw_cfi_set_fini(&f->cfis);
	hw_dso_table_free(f->dsos);
	free(f);
	return 0;
}

static uint64_t put(struct fixture *f, size_t offset, const void *code, size_t size)
{
	memcpy(f->region + CODE_OFFSET + offset, code, size);
	f->sample.time_ns += UINT64_C(10000000000); /* what was found out is forgotten */
	return (uintptr_t)f->region + CODE_OFFSET + offset;
}

/* An instruction, what holds before it runs, and where the return address then is. */
struct instruction {
	const char *bytes;
	size_t size;
	enum hw_code_kind kind;
	unsigned return_offset;
};

#define BYTES(text) (text), sizeof(text) - 1

static void assert_function(struct fixture *f, const struct instruction *instructions, size_t count)
{
	uint64_t avma[32];
	size_t offset = 0;

	for (size_t i = 0; i < count; i++) {
		avma[i] = put(f, offset, instructions[i].bytes, instructions[i].size);
		offset += instructions[i].size;
	}
	for (size_t i = 0; i < count; i++) {
		const struct hw_code code = hw_code_of_leaf(&f->walk, avma[i]);

		if (code.kind != instructions[i].kind || code.return_offset != instructions[i].return_offset)
			fail_msg("instruction %zu: kind %d, offset %u", i, code.kind, code.return_offset);
	}
}

/* V8's optimised functions: a check in front of the frame; behind its end, the arguments are counted and popped. */
static void frames_of_v8(void **state)
{
	static const struct instruction function[] = {
		{ BYTES("\x8b\x59\xf4"), HW_CODE_FP_LIVE, 0 },		   /* mov -0xc(%rcx), %ebx */
		{ BYTES("\xf6\x43\x1a\x20"), HW_CODE_FP_LIVE, 0 },	   /* testb $0x20, 0x1a(%rbx) */
		{ BYTES("\x0f\x85\x11\x22\x33\x44"), HW_CODE_FP_LIVE, 0 }, /* jne */
		{ BYTES("\x55"), HW_CODE_FP_LIVE, 0 },			   /* push %rbp */
		{ BYTES("\x48\x89\xe5"), HW_CODE_FP_SAVED, 8 },		   /* mov %rsp, %rbp */
		{ BYTES("\x56\x57\x50"), HW_CODE_IN_FRAME, 0 },		   /* push %rsi, %rdi, %rax */
		{ BYTES("\x48\x83\xec\x08"), HW_CODE_IN_FRAME, 0 },	   /* sub $8, %rsp */
		{ BYTES("\x0f\x1f\x84\x00\x00\x00\x00\x00"), HW_CODE_IN_FRAME, 0 },
		{ BYTES("\x0f\x1f\x84\x00\x00\x00\x00\x00"), HW_CODE_IN_FRAME, 0 },
		{ BYTES("\x48\x8b\x4d\xe8"), HW_CODE_IN_FRAME, 0 }, /* mov -0x18(%rbp), %rcx */
		{ BYTES("\x48\x8b\xe5"), HW_CODE_IN_FRAME, 0 },	    /* mov %rbp, %rsp */
		{ BYTES("\x5d"), HW_CODE_IN_FRAME, 0 },		    /* pop %rbp */
		{ BYTES("\x48\x83\xf9\x02"), HW_CODE_FP_LIVE, 0 },  /* cmp $2, %rcx */
		{ BYTES("\x7f\x03"), HW_CODE_FP_LIVE, 0 },	    /* jg */
		{ BYTES("\xc2\x10\x00"), HW_CODE_FP_LIVE, 0 },	    /* ret $16 */
	};

	assert_function(*state, function, HW_COUNT_OF(function));
}

/* HotSpot's functions that call nothing: the frame is taken first, and the frame pointer stored into it. */
static void frames_of_hotspot(void **state)
{
	static const struct instruction function[] = {
		{ BYTES("\x48\x83\xec\x18"), HW_CODE_FP_LIVE, 0 },	  /* sub $0x18, %rsp */
		{ BYTES("\x48\x89\x6c\x24\x10"), HW_CODE_FP_LIVE, 0x18 }, /* mov %rbp, 0x10(%rsp) */
		{ BYTES("\x48\x8b\xec"), HW_CODE_FP_SAVED, 0x18 },	  /* mov %rsp, %rbp */
		{ BYTES("\x48\x83\xc5\x10"), HW_CODE_FP_SAVED, 0x18 },	  /* add $0x10, %rbp */
		{ BYTES("\x0f\x1f\x84\x00\x00\x00\x00\x00"), HW_CODE_IN_FRAME, 0 },
		{ BYTES("\x0f\x1f\x84\x00\x00\x00\x00\x00"), HW_CODE_IN_FRAME, 0 },
		{ BYTES("\x48\x83\xc4\x10"), HW_CODE_IN_FRAME, 0 },	       /* add $0x10, %rsp */
		{ BYTES("\x5d"), HW_CODE_IN_FRAME, 0 },			       /* pop %rbp */
		{ BYTES("\x49\x3b\xa7\x40\x03\x00\x00"), HW_CODE_FP_LIVE, 0 }, /* cmp 0x340(%r15), %rsp */
		{ BYTES("\x0f\x87\x01\x00\x00\x00"), HW_CODE_FP_LIVE, 0 },     /* ja */
		{ BYTES("\xc3"), HW_CODE_FP_LIVE, 0 },			       /* ret */
	};

	assert_function(*state, function, HW_COUNT_OF(function));
}

/* Calls of every form, and what only looks like one. */
static void return_addresses_stand_behind_calls(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
		bool is_call;
	} codes[] = {
		{ BYTES("\xe8\x11\x22\x33\x44"), true },	 /* call rel32 */
		{ BYTES("\xff\xd0"), true },			 /* call *%rax */
		{ BYTES("\x41\xff\xd2"), true },		 /* call *%r10 */
		{ BYTES("\xff\x10"), true },			 /* call *(%rax) */
		{ BYTES("\xff\x14\x24"), true },		 /* call *(%rsp) */
		{ BYTES("\xff\x50\x10"), true },		 /* call *0x10(%rax) */
		{ BYTES("\xff\x54\x24\x10"), true },		 /* call *0x10(%rsp) */
		{ BYTES("\xff\x90\x11\x22\x33\x44"), true },	 /* call *0x44332211(%rax) */
		{ BYTES("\xff\x15\x11\x22\x33\x44"), true },	 /* call *0x44332211(%rip) */
		{ BYTES("\xff\x94\x24\x11\x22\x33\x44"), true }, /* call *0x44332211(%rsp) */
		{ BYTES("\xff\x14\xc5\x11\x22\x33\x44"), true }, /* call *0x44332211(,%rax,8) */
		{ BYTES("\xff\xe0"), false },			 /* jmp *%rax */
		{ BYTES("\xe9\x11\x22\x33\x44"), false },	 /* jmp rel32 */
		{ BYTES("\xe8\x11\x22\x33"), false },		 /* in the middle of a call */
		{ BYTES("\xff\x50"), false },			 /* likewise */
		{ BYTES("\xff\x14\xc5"), false },		 /* likewise */
		{ BYTES("\x48\xff\xc0"), false },		 /* inc %rax */
		{ BYTES("\x90\x90\x90\x90\x90\x90\x90"), false },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < HW_COUNT_OF(codes); i++) {
		const uint64_t avma = put(f, 0, "\x90\x90\x90\x90\x90\x90\x90", 7) + 7;

		(void)put(f, 7 - codes[i].size, codes[i].bytes, codes[i].size);
		if (hw_code_of_return(&f->walk, avma) !=
		    (codes[i].is_call ? HW_CODE_BEHIND_CALL : HW_CODE_NOT_BEHIND_CALL))
			fail_msg("code %zu", i);
	}
	(void)put(f, 0, "\x90\x90\x90\x90\x90\x90\x90\x48\xc7\xc0\x0f\x00\x00\x00\x0f\x05", 16);
	assert_int_equal(hw_code_of_return(&f->walk, (uintptr_t)f->region + CODE_OFFSET + 7),
			 HW_CODE_BEHIND_CALL);
}

/* What cannot be read is that: another process's memory that is gone. What was seen holds for a second, not longer. */
static void what_was_seen_holds_for_a_while(void **state)
{
	struct fixture *f = *state;
	const uint64_t avma = put(f, 0, "\xff\xd0", 2) + 2;

	assert_int_equal(hw_code_of_return(&f->walk, avma), HW_CODE_BEHIND_CALL);
	memset(f->region + CODE_OFFSET, 0x90, 2);
	f->sample.time_ns += 999999999;
	assert_int_equal(hw_code_of_return(&f->walk, avma), HW_CODE_BEHIND_CALL);
	f->sample.time_ns += 1;
	assert_int_equal(hw_code_of_return(&f->walk, avma), HW_CODE_NOT_BEHIND_CALL);
	f->sample.pid = 0x7fffffff;
	assert_int_equal(hw_code_of_return(&f->walk, avma), HW_CODE_UNREADABLE);
}

/* At a function's first instruction the frame pointer is its caller's, and leads past it: the return address at the stack
 * pointer is the caller. When what lies there is no return address, the frame pointer it is. */
static void caller_of_a_function_without_frame(void **state)
{
	struct fixture *f = *state;
	const uint64_t leaf = put(f, 0, "\x55\x48\x89\xe5", 4);
	const uint64_t in_caller = put(f, 256, "\xff\xd0", 2) + 2;
	const uint64_t in_callers_caller = put(f, 512, "\xff\xd0", 2) + 2;
	const struct hw_regs regs = {
		.value = { [HW_REG_PC] = leaf, [HW_REG_SP] = 0x7000, [HW_REG_FP] = 0x7020 },
		.known = UINT64_C(1) << HW_REG_PC | UINT64_C(1) << HW_REG_SP | UINT64_C(1) << HW_REG_FP
	};
	enum hw_stack_end end = HW_END_NO_CFI;

	f->stack[0] = in_caller;
	f->stack[4] = 0x7080;
	f->stack[5] = in_callers_caller;
	f->walk.regs = regs;
	f->walk.kind = HW_FRAME_IP;
	assert_true(hw_frame_pointer_step(&f->walk, &end));
	assert_int_equal(f->frames.at[0].avma, in_caller);
	assert_int_equal(f->walk.regs.value[HW_REG_SP], 0x7008);
	assert_true(hw_frame_pointer_step(&f->walk, &end));
	assert_int_equal(f->frames.at[1].avma, in_callers_caller);
	assert_int_equal(f->walk.regs.value[HW_REG_FP], 0x7080);

	f->frames.count = 0;
	f->stack[0] = in_caller - 1;
	f->walk.regs = regs;
	f->walk.kind = HW_FRAME_IP;
	assert_true(hw_frame_pointer_step(&f->walk, &end));
	assert_int_equal(f->frames.at[0].avma, in_callers_caller);
}

/* In front of the region and behind it nothing can be read; what is there is looked at all the same. */
static void edges_of_memory(void **state)
{
	struct fixture *f = *state;
	const uint64_t start = (uintptr_t)f->region;

	memcpy(f->region, "\x48\x83\xec\x08\xff\xd1\x48\x83\xc4\x08\xc3", 11);
	assert_int_equal(hw_code_of_return(&f->walk, start + 6), HW_CODE_BEHIND_CALL);
	assert_int_equal(hw_code_behind_call(&f->walk, start + 6).kind, HW_CODE_FP_LIVE);
	f->region[REGION_BYTES - 1] = 0xc3;
	assert_int_equal(hw_code_of_leaf(&f->walk, start + REGION_BYTES - 1).kind, HW_CODE_FP_LIVE);
	assert_int_equal(hw_code_of_leaf(&f->walk, start + REGION_BYTES).kind, HW_CODE_UNREADABLE);
}

/* A function without a frame pointer that only passes a call on: its caller is found by how it goes on. */
static void caller_of_a_trampoline(void **state)
{
	struct fixture *f = *state;
	/* sub $8, %rsp; call *%rcx; add $8, %rsp; ret */
	const uint64_t behind_call = put(f, 0, "\x48\x83\xec\x08\xff\xd1\x48\x83\xc4\x08\xc3", 11) + 6;
	const uint64_t in_caller = put(f, 256, "\xff\xd0\x90\x90", 4) + 2;
	enum hw_stack_end end = HW_END_NO_CFI;

	f->stack[1] = in_caller;
	f->walk.regs = (struct hw_regs){
		.value = { [HW_REG_PC] = behind_call, [HW_REG_SP] = 0x7000, [HW_REG_FP] = 42 },
		.known = UINT64_C(1) << HW_REG_PC | UINT64_C(1) << HW_REG_SP | UINT64_C(1) << HW_REG_FP
	};
	f->walk.kind = HW_FRAME_RETURN_ADDRESS;
	assert_true(hw_frame_pointer_step(&f->walk, &end));
	assert_int_equal(f->frames.at[0].avma, in_caller);
	assert_int_equal(f->walk.regs.value[HW_REG_SP], 0x7010);
	assert_int_equal(f->walk.regs.value[HW_REG_FP], 42);
	assert_int_equal(hw_code_behind_call(&f->walk, in_caller).kind, HW_CODE_IN_FRAME);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(edges_of_memory, set_up, tear_down),
		cmocka_unit_test_setup_teardown(caller_of_a_trampoline, set_up, tear_down),
		cmocka_unit_test_setup_teardown(frames_of_v8, set_up, tear_down),
		cmocka_unit_test_setup_teardown(frames_of_hotspot, set_up, tear_down),
		cmocka_unit_test_setup_teardown(return_addresses_stand_behind_calls, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_was_seen_holds_for_a_while, set_up, tear_down),
		cmocka_unit_test_setup_teardown(caller_of_a_function_without_frame, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void)
{
	return 77; /* only the bytes of x86-64 are read */
}

#endif
