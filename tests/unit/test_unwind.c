/* unwind/unwind.c and the engines behind it, on code of this very program: functions in assembler whose CFI rows stand
 * beside them, registers and stack words made by hand. Every case is asked of libunwind, of libdw and of auto. */
#include "unwind/unwind.h"

#include "process/process.h"
#include "unwind/regs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/unwind_world.h"

#if defined(__x86_64__)

/* Labels: u_F is function F, u_F_X a place in it. Rows as `readelf --debug-dump=frames-interp` prints them. */
extern const char u_leaf[], u_leaf_pushed[], u_leaf_epilogue[], u_leaf_ret[];
extern const char u_caller_return[], u_noreturn_return[], u_after_noreturn[], u_plt_early[], u_plt_late[];
extern const char u_trampoline[], u_interrupted[], u_outermost_return[], u_no_cfi_return[],
	u_no_cfi_behind_syscall[];
extern const char u_rbp_return[], u_bare_behind_syscall[];
extern const char u_vfork_popped[], u_same_pc[];
extern const char u_planted[], u_not_planted[];
extern const char u_saves_rbx_pushed[], u_rbx_return[], u_realigned_return[], u_expression_plus[],
	u_expression_other[];

__asm__(".text\n"
	/*         CFA      rbp   ra
	 * leaf    rsp+8    u     c-8	push %rbp
	 * pushed  rsp+16   c-16  c-8	pop %rbp
	 * epilogue rsp+8   c-16  c-8	ret	(no .cfi_restore: as gcc does it) */
	"u_leaf:\n .cfi_startproc\n push %rbp\n .cfi_def_cfa_offset 16\n .cfi_offset 6, -16\n"
	"u_leaf_pushed:\n nop\n pop %rbp\n .cfi_def_cfa_offset 8\n"
	"u_leaf_epilogue:\n nop\n"
	"u_leaf_ret: ret\n .cfi_endproc\n"
	/* caller: rsp+32 after sub $24 */
	"u_caller:\n .cfi_startproc\n sub $24, %rsp\n .cfi_def_cfa_offset 32\n call u_leaf\n"
	"u_caller_return:\n add $24, %rsp\n .cfi_def_cfa_offset 8\n ret\n .cfi_endproc\n"
	/* A frame whose CFA is rbp+16. */
	"u_rbp:\n .cfi_startproc\n push %rbp\n .cfi_def_cfa_offset 16\n .cfi_offset 6, -16\n mov %rsp, %rbp\n"
	" .cfi_def_cfa_register 6\n call u_leaf\n"
	"u_rbp_return:\n leave\n .cfi_def_cfa 7, 8\n ret\n .cfi_endproc\n"
	/* A call that does not return ends the function: its return address is the first byte of the next one,
	 * whose rows are other ones (CFA rsp+8, not rsp+48). */
	"u_noreturn:\n .cfi_startproc\n sub $40, %rsp\n .cfi_def_cfa_offset 48\n call u_leaf\n"
	"u_noreturn_return:\n .cfi_endproc\n"
	"u_after_noreturn:\n .cfi_startproc\n nop\n ret\n .cfi_endproc\n"
	/* A PLT entry's CFA by expression: rsp + 8 + ((rip & 15) >= 11) * 8. */
	" .p2align 4\n"
	"u_plt:\n .cfi_startproc\n"
	" .cfi_escape 0x0f, 11, 0x77, 8, 0x80, 0, 0x3f, 0x1a, 0x3b, 0x2a, 0x33, 0x24, 0x22\n"
	"u_plt_early: .skip 11, 0x90\n"
	"u_plt_late: .skip 5, 0x90\n .cfi_endproc\n"
	/* A signal trampoline: caller's registers from a context 40 bytes up, as rt_sigframe has them:
	 * rbp at sp+120, rsp at sp+160, rip at sp+168 (asm/sigcontext.h behind 40 bytes of struct ucontext). */
	"u_before_trampoline:\n .cfi_startproc\n nop\n .cfi_endproc\n"
	" .cfi_startproc\n .cfi_signal_frame\n"
	" .cfi_escape 0x0f, 4, 0x77, 0xa0, 0x01, 0x06\n" /* CFA: *(rsp + 160) */
	" .cfi_escape 0x10, 6, 3, 0x77, 0xf8, 0x00\n"	 /* rbp at rsp + 120 */
	" .cfi_escape 0x10, 7, 3, 0x77, 0xa0, 0x01\n"	 /* rsp at rsp + 160 */
	" .cfi_escape 0x10, 16, 3, 0x77, 0xa8, 0x01\n"	 /* rip at rsp + 168 */
	" nop\n"					 /* unwinders look one byte earlier */
	"u_trampoline: mov $15, %rax\n syscall\n .cfi_endproc\n"
	/* Interrupted at its very first instruction: one byte before it are other rows. */
	"u_before_interrupted:\n .cfi_startproc\n .cfi_def_cfa_offset 4096\n nop\n .cfi_endproc\n"
	"u_interrupted:\n .cfi_startproc\n nop\n ret\n .cfi_endproc\n"
	/* _start's like: no return address. */
	"u_outermost:\n .cfi_startproc\n .cfi_undefined 16\n call u_caller\n"
	"u_outermost_return: hlt\n .cfi_endproc\n"
	/* A CFA by a register that a callee has saved: rbx + 16. */
	"u_saves_rbx:\n .cfi_startproc\n push %rbx\n .cfi_def_cfa_offset 16\n .cfi_offset 3, -16\n"
	"u_saves_rbx_pushed: nop\n pop %rbx\n .cfi_def_cfa_offset 8\n .cfi_restore 3\n ret\n .cfi_endproc\n"
	"u_rbx:\n .cfi_startproc\n push %rbp\n .cfi_def_cfa_offset 16\n .cfi_offset 6, -16\n mov %rsp, %rbx\n"
	" .cfi_def_cfa_register 3\n call u_saves_rbx\n"
	"u_rbx_return: nop\n .cfi_endproc\n"
	/* gcc's realigned stack: CFA is the word at rbp - 8, and rbp is where it points to. */
	"u_realigned:\n .cfi_startproc\n .cfi_escape 0x0f, 3, 0x76, 0x78, 0x06\n"
	" .cfi_escape 0x10, 6, 2, 0x76, 0\n call u_leaf\n"
	"u_realigned_return: nop\n .cfi_endproc\n"
	/* OpenSSL's: the word at rsp + 24, and 8 more. */
	"u_expression_plus:\n .cfi_startproc\n .cfi_escape 0x0f, 5, 0x77, 24, 0x06, 0x23, 8\n nop\n "
	".cfi_endproc\n"
	/* One that no rule has a form for: rsp + 16, 8, plus. */
	"u_expression_other:\n .cfi_startproc\n .cfi_escape 0x0f, 4, 0x77, 16, 0x38, 0x22\n nop\n "
	".cfi_endproc\n"
	/* glibc's vfork keeps its return address from the child in rdi:
	 *         CFA      ra
	 *         rsp+8    c-8		pop %rdi
	 * popped  rsp+0    rdi		push %rdi
	 *         rsp+8    rdi */
	"u_vfork:\n .cfi_startproc\n pop %rdi\n .cfi_adjust_cfa_offset -8\n .cfi_register 16, 5\n"
	"u_vfork_popped: mov $58, %eax\n syscall\n push %rdi\n .cfi_adjust_cfa_offset 8\n ret\n "
	".cfi_endproc\n"
	/* A rule that leads from a place to itself. */
	"u_same:\n .cfi_startproc\n .cfi_def_cfa_offset 0\n .cfi_register 16, 5\n"
	"u_same_pc: nop\n .cfi_endproc\n"
	/* Without CFI. */
	"u_no_cfi: call u_leaf\n"
	"u_no_cfi_return: ret\n .skip 32, 0x90\n"
	/* As clone3 has it: rules up to the system call, none behind. */
	"u_clone:\n .cfi_startproc\n mov $435, %eax\n .cfi_endproc\n syscall\n"
	"u_no_cfi_behind_syscall: ret\n .skip 32, 0x90\n"
	/* As glibc's __start_context: a return address that nobody who calls has left. Nothing is known of the bytes in
	 * front of it; but not so where those are a call. */
	" .p2align 4\n .skip 16, 0x90\n"
	"u_planted:\n .cfi_startproc\n nop\n ret\n .cfi_endproc\n"
	" .skip 16, 0x90\n call *8(%rax)\n"
	"u_not_planted:\n .cfi_startproc\n nop\n ret\n .cfi_endproc\n .skip 32, 0x90\n"
	/* A system call in code without CFI before or behind. */
	" syscall\n"
	"u_bare_behind_syscall: ret\n .skip 32, 0x90\n");

/* perf's order of registers. */
enum { AX, BX, CX, DX, SI, DI, BP, SP, IP, R8, R15 = R8 + 7, REGS };

#define WHOLE_STACK                                                                                   \
	{                                                                                             \
		.count = 3, .end = HW_END_ROOT,                                                       \
		.at = { { NULL, HW_FRAME_IP }, { u_caller_return, RA }, { u_outermost_return, RA } }, \
	}

/* From the first instruction, behind the push, and back behind the pop: the same callers. */
static void prologue_and_epilogue(void **state)
{
	struct setting setting = { .rbp = 0x1234 };
	struct expected expected = WHOLE_STACK;

	(void)state;
	setting.pc = expected.at[0].label = u_leaf;
	memcpy(setting.words, (uint64_t[]){ at(u_caller_return), 1, 2, 3, at(u_outermost_return) }, 40);
	setting.word_count = 5;
	expect_all(&setting, &expected);
	setting.pc = expected.at[0].label = u_leaf_ret;
	expect_all(&setting, &expected);
	setting.pc = expected.at[0].label = u_leaf_pushed;
	memcpy(setting.words, (uint64_t[]){ 0x1234, at(u_caller_return), 1, 2, 3, at(u_outermost_return) },
	       48);
	setting.word_count = 6;
	expect_all(&setting, &expected);
}

/* Every frame has its stack pointer: the sampled one, then the CFA of the frame before. */
static void frames_have_stack_pointers(void **state)
{
	static const enum hw_unwind_method methods[] = { HW_UNWIND_RULES, HW_UNWIND_LIBUNWIND,
							 HW_UNWIND_LIBDW, HW_UNWIND_AUTO };
	const struct setting setting = { .pc = u_leaf_pushed,
					 .words = { 0x1234, at(u_caller_return), 1, 2, 3,
						    at(u_outermost_return) },
					 .word_count = 6 };

	(void)state;
	for (size_t i = 0; i < HW_COUNT_OF(methods); i++) {
		unwind(methods[i], &setting);
		assert_int_equal(frames.count, 3);
		assert_int_equal(frames.at[0].sp_avma, STACK_AVMA);
		assert_int_equal(frames.at[1].sp_avma, STACK_AVMA + 16);
		assert_int_equal(frames.at[2].sp_avma, STACK_AVMA + 16 + 32);
	}
}

/* The code of a frame: one number for all of a function, another for the next; and the words below its CFA that hold what
 * it has saved, at that very instruction. */
static void code_of_a_frame(void **state)
{
	struct hw_unwinder *unwinder = hw_unwinder_new(HW_UNWIND_AUTO);
	const struct hw_frame entry = { .avma = at(u_leaf), .kind = HW_FRAME_IP };
	const struct hw_frame pushed = { .avma = at(u_leaf_pushed), .kind = HW_FRAME_IP };
	const struct hw_frame end_of_one = { .avma = at(u_noreturn_return), .kind = HW_FRAME_RETURN_ADDRESS };
	const struct hw_frame next_one = { .avma = at(u_noreturn_return), .kind = HW_FRAME_IP };
	const struct hw_frame without = { .avma = at(u_no_cfi_return), .kind = HW_FRAME_RETURN_ADDRESS };
	const struct hw_frame nowhere = { .avma = 16, .kind = HW_FRAME_IP };

	(void)state;
	for (int round = 0; round < 2; round++) {
		const struct hw_frame_code at_entry = hw_unwinder_code(unwinder, world.process, &entry);
		const struct hw_frame_code at_pushed = hw_unwinder_code(unwinder, world.process, &pushed);

		assert_int_not_equal(at_entry.function, 0);
		assert_int_equal(at_entry.function, at_pushed.function);
		assert_int_equal(at_entry.saved_words, 1);  /* the return address */
		assert_int_equal(at_pushed.saved_words, 3); /* and below it rbp */
		assert_int_not_equal(hw_unwinder_code(unwinder, world.process, &end_of_one).function,
				     hw_unwinder_code(unwinder, world.process, &next_one).function);
		assert_int_equal(hw_unwinder_code(unwinder, world.process, &without).function, 0);
		assert_int_equal(hw_unwinder_code(unwinder, world.process, &nowhere).function, 0);
		assert_int_equal(hw_unwinder_code(unwinder, world.process, &nowhere).saved_words, 0);
	}
	hw_unwinder_free(unwinder);
}

/* Behind the pop of an epilogue, CFI still says that rbp is in its slot, which is below the stack pointer and not in
 * the copy. The caller needs rbp for its CFA: the live register has it. */
static void a_popped_register_is_taken_live(void **state)
{
	/* 0: return into u_rbp; its rbp points at word 2: [saved rbp][return into caller] */
	const struct setting setting = { .pc = u_leaf_epilogue,
					 .rbp = STACK_AVMA + 16,
					 .words = { at(u_rbp_return), 7, 0x99, at(u_caller_return), 1, 2, 3,
						    at(u_outermost_return) },
					 .word_count = 8 };
	const struct expected expected = { .count = 4,
					   .end = HW_END_ROOT,
					   .at = { { u_leaf_epilogue, HW_FRAME_IP },
						   { u_rbp_return, RA },
						   { u_caller_return, RA },
						   { u_outermost_return, RA } } };

	(void)state;
	expect_all(&setting, &expected);
}

/* The return address of a call that ends its function is looked up in that function; sampled as an instruction, the same
 * address is the next function's. Both orders, so that neither answer is taken from a cache for the other. */
static void a_call_at_the_end_of_a_function(void **state)
{
	const struct setting called = { .pc = u_leaf,
					.words = { at(u_noreturn_return), 1, 2, 3, 4, 5,
						   at(u_outermost_return) },
					.word_count = 7 };
	const struct expected from_call = {
		.count = 3,
		.end = HW_END_ROOT,
		.at = { { u_leaf, HW_FRAME_IP }, { u_noreturn_return, RA }, { u_outermost_return, RA } }
	};
	const struct setting sampled = { .pc = u_after_noreturn,
					 .words = { at(u_noreturn_return), 1, 2, 3, 4, 5,
						    at(u_outermost_return) },
					 .word_count = 7 };
	const struct expected from_sample = { .count = 3,
					      .end = HW_END_ROOT,
					      .at = { { u_after_noreturn, HW_FRAME_IP },
						      { u_noreturn_return, RA },
						      { u_outermost_return, RA } } };

	(void)state;
	assert_ptr_equal(u_after_noreturn, u_noreturn_return);
	expect_all(&called, &from_call);
	expect_all(&sampled, &from_sample);
	expect_all(&called, &from_call);
}

/* Both halves of a PLT entry: before and behind its push. */
static void plt_entries(void **state)
{
	struct setting setting = { .pc = u_plt_early,
				   .words = { at(u_caller_return), 1, 2, 3, at(u_outermost_return) },
				   .word_count = 5 };
	struct expected expected = WHOLE_STACK;

	(void)state;
	expected.at[0].label = u_plt_early;
	expect_all(&setting, &expected);
	setting.pc = expected.at[0].label = u_plt_late;
	memcpy(setting.words, (uint64_t[]){ 0x17, at(u_caller_return), 1, 2, 3, at(u_outermost_return) }, 48);
	setting.word_count = 6;
	expect_all(&setting, &expected);
}

/* A CFA made of a register that is neither the stack nor the frame pointer, and that the callee has saved. */
static void a_cfa_by_another_register(void **state)
{
	/* 0: saved rbx, which points at word 4: [saved rbp][return into caller] */
	const struct setting setting = { .pc = u_saves_rbx_pushed,
					 .words = { STACK_AVMA + 32, at(u_rbx_return), 2, 3, 0x99,
						    at(u_caller_return), 6, 7, 8, at(u_outermost_return) },
					 .word_count = 10 };
	const struct expected expected = { .count = 4,
					   .end = HW_END_ROOT,
					   .at = { { u_saves_rbx_pushed, HW_FRAME_IP },
						   { u_rbx_return, RA },
						   { u_caller_return, RA },
						   { u_outermost_return, RA } } };

	(void)state;
	expect_all(&setting, &expected);
}

/* A realigned stack: the CFA is in a word of the frame. */
static void a_cfa_read_from_the_stack(void **state)
{
	/* rbp points at word 4; word 3 is the CFA, word 8's address; the return address is below it. */
	const struct setting setting = { .pc = u_leaf,
					 .rbp = STACK_AVMA + 32,
					 .words = { at(u_realigned_return), 1, 2, STACK_AVMA + 64, 0x99, 5, 6,
						    at(u_caller_return), 8, 9, 10, at(u_outermost_return) },
					 .word_count = 12 };
	const struct expected expected = { .count = 4,
					   .end = HW_END_ROOT,
					   .at = { { u_leaf, HW_FRAME_IP },
						   { u_realigned_return, RA },
						   { u_caller_return, RA },
						   { u_outermost_return, RA } } };

	(void)state;
	expect_all(&setting, &expected);
}

/* Expressions: one that a rule holds, and one that is left to libunwind, which finishes the stack. */
static void a_cfa_by_expression(void **state)
{
	const struct setting plus = { .pc = u_expression_plus,
				      .words = { 0, 1, 2, STACK_AVMA + 40, 4, at(u_caller_return), 6, 7, 8,
						 at(u_outermost_return) },
				      .word_count = 10 };
	const struct setting other = { .pc = u_expression_other,
				       .words = { 0, 1, at(u_caller_return), 3, 4, 5,
						  at(u_outermost_return) },
				       .word_count = 7 };
	struct expected expected = WHOLE_STACK;

	(void)state;
	expected.at[0].label = u_expression_plus;
	expect_all(&plus, &expected);
	unwind(HW_UNWIND_AUTO, &plus);
	assert_int_equal(frames.at[1].origin, HW_ORIGIN_CFI);
	expected.at[0].label = u_expression_other;
	expect_all(&other, &expected);
	unwind(HW_UNWIND_AUTO, &other);
	assert_int_equal(frames.at[1].origin, HW_ORIGIN_FALLBACK);
	assert_int_equal(frames.at[2].origin, HW_ORIGIN_FALLBACK);
	unwind(HW_UNWIND_LIBUNWIND, &other);
	assert_int_equal(frames.at[1].origin, HW_ORIGIN_CFI);
}

/* Through a signal frame: neither the trampoline nor what the signal interrupted was called, and the interrupted
 * instruction is looked up as it stands. */
static void signal_frames(void **state)
{
	struct setting setting = { .pc = u_leaf, .word_count = 40 };
	const struct expected expected = { .count = 5,
					   .end = HW_END_ROOT,
					   .at = { { u_leaf, HW_FRAME_IP },
						   { u_trampoline, HW_FRAME_IP },
						   { u_interrupted, HW_FRAME_IP },
						   { u_caller_return, RA },
						   { u_outermost_return, RA } } };

	(void)state;
	setting.words[0] = at(u_trampoline);
	setting.words[1 + 15] = 0x55;		     /* rbp */
	setting.words[1 + 20] = STACK_AVMA + 30 * 8; /* rsp */
	setting.words[1 + 21] = at(u_interrupted);
	setting.words[30] = at(u_caller_return);
	setting.words[34] = at(u_outermost_return);
	expect_all(&setting, &expected);
}

/* A handler on a stack of its own (sigaltstack): the copy is of that one, so what was interrupted is the last frame. The
 * stack is not complete, and a larger copy would not help. */
static void what_a_handler_on_its_own_stack_interrupted_is_not_copied(void **state)
{
	struct setting setting = { .pc = u_leaf, .word_count = 40 };
	const struct expected expected = { .count = 3,
					   .end = HW_END_OTHER_STACK,
					   .at = { { u_leaf, HW_FRAME_IP },
						   { u_trampoline, HW_FRAME_IP },
						   { u_interrupted, HW_FRAME_IP } } };

	(void)state;
	setting.words[0] = at(u_trampoline);
	setting.words[1 + 15] = 0x55; /* rbp */
	setting.words[1 + 21] = at(u_interrupted);
	setting.words[1 + 20] = STACK_AVMA + (UINT64_C(1) << 32); /* rsp */
	expect_all(&setting, &expected);
	setting.words[1 + 20] = STACK_AVMA - (UINT64_C(1) << 20);
	expect_all(&setting, &expected);
}

/* A copy that ends before the next return address is truncated, whatever was found up to there stays. */
static void a_short_copy_is_truncated(void **state)
{
	const struct setting setting = { .pc = u_leaf,
					 .words = { at(u_caller_return), 1, 2, 3 },
					 .word_count = 4 };
	const struct setting none = { .pc = u_leaf, .word_count = 0 };
	const struct expected expected = { .count = 2,
					   .end = HW_END_TRUNCATED,
					   .at = { { u_leaf, HW_FRAME_IP }, { u_caller_return, RA } } };
	const struct expected leaf = { .count = 1,
				       .end = HW_END_TRUNCATED,
				       .at = { { u_leaf, HW_FRAME_IP } } };

	(void)state;
	expect_all(&setting, &expected);
	expect_all(&none, &leaf);
}

/* A return address of 0 ends the stack; one that is no code breaks it. */
static void what_a_return_address_can_be(void **state)
{
	struct setting setting = { .pc = u_leaf, .words = { 0 }, .word_count = 1 };
	struct expected expected = { .count = 1, .end = HW_END_ROOT, .at = { { u_leaf, HW_FRAME_IP } } };

	(void)state;
	expect_all(&setting, &expected);
	setting.words[0] = 0x1000;
	expected.end = HW_END_NO_MAPPING;
	expect_all(&setting, &expected);
}

/* Rules that lead down the stack again, here by a wrong rbp, would go round for ever. */
static void a_step_down_the_stack_is_refused(void **state)
{
	const struct setting setting = { .pc = u_caller_return,
					 .rbp = STACK_AVMA - 8,
					 .words = { at(u_caller_return), 1, 2, at(u_rbp_return), 5, 6 },
					 .word_count = 6 };
	const struct expected expected = { .count = 2,
					   .end = HW_END_BAD_CFI,
					   .at = { { u_caller_return, HW_FRAME_IP }, { u_rbp_return, RA } } };

	(void)state;
	expect_all(&setting, &expected);
}

/* A leaf that has its return address in a register needs no stack, but has to lead elsewhere. */
static void a_return_address_in_a_register(void **state)
{
	struct setting setting = { .pc = u_vfork_popped,
				   .rdi = at(u_caller_return),
				   .words = { 1, 2, 3, at(u_outermost_return) },
				   .word_count = 4 };
	struct expected expected = WHOLE_STACK;

	(void)state;
	expected.at[0].label = u_vfork_popped;
	expect_all(&setting, &expected);
	setting.pc = u_same_pc;
	setting.rdi = at(u_same_pc);
	expected =
		(struct expected){ .count = 1, .end = HW_END_BAD_CFI, .at = { { u_same_pc, HW_FRAME_IP } } };
	expect_all(&setting, &expected);
}

/* Where there is no CFI, a frame pointer that fits is followed, and CFI taken up again behind it. */
static void frame_pointers_where_there_is_no_cfi(void **state)
{
	/* leaf returns into u_no_cfi, whose frame pointer is at word 3. */
	struct setting setting = { .pc = u_leaf,
				   .rbp = STACK_AVMA + 24,
				   .words = { at(u_no_cfi_return), 1, 2, STACK_AVMA + 0x1000,
					      at(u_caller_return), 1, 2, 3, at(u_outermost_return) },
				   .word_count = 9 };
	const struct expected expected = { .count = 4,
					   .end = HW_END_ROOT,
					   .at = { { u_leaf, HW_FRAME_IP },
						   { u_no_cfi_return, RA },
						   { u_caller_return, RA },
						   { u_outermost_return, RA } } };
	struct expected broken = { .count = 2,
				   .end = HW_END_NO_CFI,
				   .at = { { u_leaf, HW_FRAME_IP }, { u_no_cfi_return, RA } } };

	(void)state;
	expect(HW_UNWIND_AUTO, &setting, &expected);
	assert_int_equal(frames.at[1].origin, HW_ORIGIN_CFI);
	assert_int_equal(frames.at[2].origin, HW_ORIGIN_FRAME_POINTER);
	expect(HW_UNWIND_RULES, &setting, &broken);
	expect(HW_UNWIND_LIBUNWIND, &setting, &broken);
	expect(HW_UNWIND_LIBDW, &setting, &broken);
	/* A caller with rules may have used the register for anything. */
	setting.words[3] = 42;
	expect(HW_UNWIND_AUTO, &setting, &expected);
	setting.words[3] = STACK_AVMA + 0x1000;
	/* Not aligned, though what is there would fit; below the stack pointer; a frame of a function without rules below
	 * this one; a return address behind an instruction that is no call, or that is no code. */
	setting.rbp = STACK_AVMA + 41;
	memcpy((uint8_t *)setting.words + 41, (uint64_t[]){ STACK_AVMA + 0x1000, at(u_caller_return) }, 16);
	expect(HW_UNWIND_AUTO, &setting, &broken);
	setting.rbp = STACK_AVMA - 8;
	expect(HW_UNWIND_AUTO, &setting, &broken);
	setting.rbp = STACK_AVMA + 24;
	setting.words[3] = STACK_AVMA + 16;
	setting.words[4] = at(u_no_cfi_return);
	expect(HW_UNWIND_AUTO, &setting, &broken);
	setting.words[3] = STACK_AVMA + 0x1000;
	setting.words[4] = at(u_caller_return) + 1;
	expect(HW_UNWIND_AUTO, &setting, &broken);
	setting.words[3] = 0;
	setting.words[4] = 0x2000;
	expect(HW_UNWIND_AUTO, &setting, &broken);
	/* Just above the copy: truncated. The ABI's mark of the outermost frame: the root. */
	setting.rbp = STACK_AVMA + 9 * 8;
	broken.end = HW_END_TRUNCATED;
	expect(HW_UNWIND_AUTO, &setting, &broken);
	setting.rbp = 0;
	broken.end = HW_END_ROOT;
	expect(HW_UNWIND_AUTO, &setting, &broken);
}

/* In clone3 there are no rules behind the system call: those from before it hold for the caller, and the new thread,
 * whose result is 0, has no callers. */
static void behind_the_system_call_of_clone(void **state)
{
	struct setting setting = { .pc = u_no_cfi_behind_syscall,
				   .rax = (uint64_t)-38,
				   .rbp = STACK_AVMA + 8,
				   .words = { at(u_caller_return), 1, 2, 3, at(u_outermost_return) },
				   .word_count = 5 };
	struct expected expected = WHOLE_STACK;
	const struct expected alone = { .count = 1,
					.end = HW_END_ROOT,
					.at = { { u_no_cfi_behind_syscall, HW_FRAME_IP } } };
	const struct expected broken = { .count = 1,
					 .end = HW_END_NO_CFI,
					 .at = { { u_bare_behind_syscall, HW_FRAME_IP } } };

	(void)state;
	expected.at[0].label = u_no_cfi_behind_syscall;
	expect(HW_UNWIND_AUTO, &setting, &expected);
	/* A result of 0 alone makes no new thread. */
	setting.rax = 0;
	setting.rbp = 1;
	setting.pc = u_bare_behind_syscall;
	expect(HW_UNWIND_AUTO, &setting, &broken);
	setting.pc = u_no_cfi_behind_syscall;
	setting.words[0] = STACK_AVMA + 0x800;
	expect(HW_UNWIND_AUTO, &setting, &alone);
	setting.word_count = 0;
	expect(HW_UNWIND_AUTO, &setting, &alone);
}

/* A stack that returns to itself for ever is cut at the limit. */
static void frames_are_limited(void **state)
{
	static uint64_t words[4 * (HW_FRAMES_MAX + 10)];
	const uint64_t regs[REGS] = { [SP] = STACK_AVMA, [IP] = at(u_leaf) };
	const struct hw_sample sample = { .ip_avma = at(u_leaf),
					  .cpumode = PERF_RECORD_MISC_USER,
					  .user_regs = { .abi = PERF_SAMPLE_REGS_ABI_64,
							 .mask = hw_unwind_regs_mask(),
							 .values = (const uint8_t *)regs },
					  .user_stack = (const uint8_t *)words,
					  .user_stack_size = sizeof words };

	(void)state;
	for (size_t i = 0; i < HW_COUNT_OF(words); i += 4)
		words[i] = at(u_caller_return);
	for (int method = HW_UNWIND_AUTO; method <= HW_UNWIND_LIBDW; method++) {
		struct hw_unwinder *unwinder = hw_unwinder_new((enum hw_unwind_method)method);

		hw_unwind(unwinder, &sample, world.process, &frames);
		assert_int_equal(frames.count, HW_FRAMES_MAX);
		assert_int_equal(frames.end, HW_END_FRAMES_MAX);
		hw_unwinder_free(unwinder);
	}
}

/* Samples without a user half, of 32-bit tasks, and of other machines. */
static void samples_without_registers(void **state)
{
	struct hw_unwinder *unwinder = hw_unwinder_new(HW_UNWIND_AUTO);
	const uint64_t chain[] = { PERF_CONTEXT_KERNEL, 0xffffffff81000000, PERF_CONTEXT_USER, at(u_leaf) };
	struct hw_sample sample = { .ip_avma = 0xffffffff81000000,
				    .cpumode = PERF_RECORD_MISC_KERNEL,
				    .callchain = (const uint8_t *)chain,
				    .callchain_count = 2 };

	(void)state;
	hw_unwind(unwinder, &sample, world.process, &frames);
	assert_int_equal(frames.count, 1);
	assert_int_equal(frames.kernel_count, 1);
	assert_int_equal(frames.end, HW_END_KERNEL_ONLY);
	sample.callchain_count = 4;
	sample.user_regs.abi = PERF_SAMPLE_REGS_ABI_32;
	hw_unwind(unwinder, &sample, world.process, &frames);
	assert_int_equal(frames.count, 2);
	assert_int_equal(frames.kernel_count, 1);
	assert_int_equal(frames.end, HW_END_NO_REGS);
	sample.cpumode = PERF_RECORD_MISC_GUEST_USER;
	hw_unwind(unwinder, &sample, world.process, &frames);
	assert_int_equal(frames.count, 1);
	assert_int_equal(frames.end, HW_END_NO_REGS);
	hw_unwinder_free(unwinder);
}

/* While execve replaces the program, the kernel samples registers of the old one: no user half. */
static void registers_of_a_program_that_is_gone(void **state)
{
	struct hw_unwinder *unwinder = hw_unwinder_new(HW_UNWIND_AUTO);
	const uint64_t regs[REGS] = { [SP] = STACK_AVMA, [IP] = 0x1000 };
	const struct hw_sample sample = { .ip_avma = 0xffffffff81000000,
					  .cpumode = PERF_RECORD_MISC_KERNEL,
					  .user_regs = { .abi = PERF_SAMPLE_REGS_ABI_64,
							 .mask = hw_unwind_regs_mask(),
							 .values = (const uint8_t *)regs } };

	(void)state;
	hw_unwind(unwinder, &sample, world.process, &frames);
	assert_int_equal(frames.count, 1);
	assert_int_equal(frames.end, HW_END_KERNEL_ONLY);
	hw_unwinder_free(unwinder);
}

/* A stack that begins with a return address to the first byte of a function, which nobody has called, is complete; where
 * the code in front of that byte is a call, somebody has, and no rules are known for him. */
static void a_planted_return_address(void **state)
{
	struct setting setting = {
		.pc = u_leaf, .rbp = 1, .words = { at(u_planted), 1, 2, 3 }, .word_count = 4
	};
	struct expected expected = { .count = 2,
				     .end = HW_END_ROOT,
				     .at = { { u_leaf, HW_FRAME_IP }, { u_planted, RA } } };

	(void)state;
	expect(HW_UNWIND_RULES, &setting, &expected);
	expect(HW_UNWIND_AUTO, &setting, &expected);
	setting.words[0] = at(u_not_planted);
	expected.at[1].label = u_not_planted;
	expected.end = HW_END_NO_CFI;
	expect_all(&setting, &expected);
}

/* The callchain's end counts as the root only when the last function says so itself. */
static void ends_of_callchains(void **state)
{
	struct hw_unwinder *unwinder = hw_unwinder_new(HW_UNWIND_FP);
	const uint64_t chain[] = { PERF_CONTEXT_USER, at(u_leaf), at(u_caller_return),
				   at(u_outermost_return) };
	struct hw_sample sample = { .ip_avma = at(u_leaf),
				    .cpumode = PERF_RECORD_MISC_USER,
				    .callchain = (const uint8_t *)chain,
				    .callchain_count = 4 };

	(void)state;
	hw_unwind(unwinder, &sample, world.process, &frames);
	assert_int_equal(frames.count, 3);
	assert_int_equal(frames.end, HW_END_ROOT);
	sample.callchain_count = 3;
	hw_unwind(unwinder, &sample, world.process, &frames);
	assert_int_equal(frames.count, 2);
	assert_int_equal(frames.end, HW_END_NO_CFI);
	hw_unwinder_free(unwinder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prologue_and_epilogue),
		cmocka_unit_test(frames_have_stack_pointers),
		cmocka_unit_test(code_of_a_frame),
		cmocka_unit_test(a_popped_register_is_taken_live),
		cmocka_unit_test(a_call_at_the_end_of_a_function),
		cmocka_unit_test(plt_entries),
		cmocka_unit_test(a_cfa_by_another_register),
		cmocka_unit_test(a_cfa_read_from_the_stack),
		cmocka_unit_test(a_cfa_by_expression),
		cmocka_unit_test(signal_frames),
		cmocka_unit_test(what_a_handler_on_its_own_stack_interrupted_is_not_copied),
		cmocka_unit_test(a_short_copy_is_truncated),
		cmocka_unit_test(what_a_return_address_can_be),
		cmocka_unit_test(a_step_down_the_stack_is_refused),
		cmocka_unit_test(a_return_address_in_a_register),
		cmocka_unit_test(frame_pointers_where_there_is_no_cfi),
		cmocka_unit_test(behind_the_system_call_of_clone),
		cmocka_unit_test(frames_are_limited),
		cmocka_unit_test(samples_without_registers),
		cmocka_unit_test(registers_of_a_program_that_is_gone),
		cmocka_unit_test(a_planted_return_address),
		cmocka_unit_test(ends_of_callchains),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

#else

int main(void)
{
	printf("the code of this test is written for x86-64\n");
	return 77;
}

#endif
