/* What is AArch64's own in unwind/: leaves that keep their return address in a register, signed return addresses, signal
 * trampolines and linkage tables without CFI. On code of this very program, in assembler, with registers and stack words
 * made by hand, by every engine. */
#include "unwind/unwind.h"

#include "process/process.h"
#include "unwind/regs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/unwind_world.h"

/* Hidden: labels that only the assembler knows have no entries of their own in the global offset table. */
#pragma GCC visibility push(hidden)
extern const char u_leaf[], u_caller_return[], u_outermost_return[], u_trampoline[], u_interrupted[];
extern const char u_plt_first[], u_plt_first_pushed[], u_plt[], u_plt_branch[], u_plt_bti[],
	u_plt_pac_branch[];
extern const char u_no_plt[], u_behind_clone[], u_behind_clone_whole[];
#pragma GCC visibility pop

/* Rows as `readelf --debug-dump=frames-interp` prints them. */
__asm__(".text\n"
	/* leaf: CFA sp+0, ra u (in x30) */
	"u_leaf:\n .cfi_startproc\n nop\n ret\n .cfi_endproc\n"
	/* caller: CFA sp+32, x29 c-32, ra c-24 */
	"u_caller:\n .cfi_startproc\n stp x29, x30, [sp, #-32]!\n .cfi_def_cfa_offset 32\n .cfi_offset 29, "
	"-32\n"
	" .cfi_offset 30, -24\n bl u_leaf\n"
	"u_caller_return:\n ldp x29, x30, [sp], #32\n .cfi_def_cfa_offset 0\n .cfi_restore 29\n .cfi_restore "
	"30\n"
	" ret\n .cfi_endproc\n"
	"u_outermost:\n .cfi_startproc\n .cfi_undefined 30\n bl u_caller\n"
	"u_outermost_return: brk #0\n .cfi_endproc\n"
	/* As the vdso has it: mov x8, #139; svc #0, without CFI. */
	" nop\n"
	"u_trampoline: .inst 0xd2801168, 0xd4000001\n"
	/* Interrupted at its first instruction: other rows are before it. */
	"u_before:\n .cfi_startproc\n .cfi_def_cfa_offset 4096\n nop\n .cfi_endproc\n"
	"u_interrupted:\n .cfi_startproc\n nop\n ret\n .cfi_endproc\n"
	/* Linkage tables as ld writes them, without CFI: stp; adrp; ldr; add; br. The first entry pushes. */
	" .p2align 4\n"
	"u_plt_first: .inst 0xa9bf7bf0\n"
	"u_plt_first_pushed: .inst 0x90000010, 0xf9400211, 0x91000210, 0xd61f0220, 0xd503201f, 0xd503201f, "
	"0xd503201f\n"
	"u_plt: .inst 0x90000010, 0xf9400611, 0x91002210\n"
	"u_plt_branch: .inst 0xd61f0220\n"
	"u_plt_bti: .inst 0xd503245f, 0x90000010, 0xf9400a11, 0x91004210, 0xd503219f\n"
	"u_plt_pac_branch: .inst 0xd61f0220\n"
	/* As clone() has it: rules up to the system call, none behind. */
	"u_clone:\n .cfi_startproc\n nop\n .cfi_endproc\n svc #0\n"
	"u_behind_clone: ret\n .skip 32, 0x1f\n"
	/* And as glibc 2.36 does, with rules to the end. */
	"u_clone_whole:\n .cfi_startproc\n svc #0\n"
	"u_behind_clone_whole: ret\n .cfi_endproc\n"
	/* Nearly one: the register loaded is x18. */
	"u_no_plt: .inst 0x90000010, 0xf9400212, 0x91000210, 0xd61f0220\n"
	" .skip 32, 0x1f\n");

/* Where the kernel's signal frame has x0, in words: 128 bytes of siginfo, mcontext at 176 of ucontext, fault_address. */
#define SAVED_REGS ((128 + 176 + 8) / 8)

static struct expected from(const char *leaf)
{
	return (struct expected){
		.count = 3,
		.end = HW_END_ROOT,
		.at = { { leaf, HW_FRAME_IP }, { u_caller_return, RA }, { u_outermost_return, RA } }
	};
}

/* A leaf has no stack of its own; its caller is in x30, that one's caller on the stack. */
static void a_leaf_returns_by_its_register(void **state)
{
	const struct setting setting = { .pc = u_leaf,
					 .x30 = at(u_caller_return),
					 .words = { 0x29, at(u_outermost_return), 1, 2 },
					 .word_count = 4 };
	const struct expected expected = from(u_leaf);

	(void)state;
	expect_all(&setting, &expected);
}

/* Above bit 47 a return address may carry its signature, in the register and on the stack. */
static void signatures_of_return_addresses_are_taken_off(void **state)
{
	const struct setting setting = { .pc = u_leaf,
					 .x30 = at(u_caller_return) | UINT64_C(0x00a5) << 48,
					 .words = { 0x29, at(u_outermost_return) | UINT64_C(0x7f31) << 48, 1,
						    2 },
					 .word_count = 4 };
	const struct expected expected = from(u_leaf);

	(void)state;
	expect(HW_UNWIND_RULES, &setting, &expected);
	expect(HW_UNWIND_AUTO, &setting, &expected);
	expect(HW_UNWIND_LIBUNWIND, &setting, &expected);
}

/* Through the kernel's signal frame: what was interrupted, a leaf here, has its own x30 back. */
static void a_signal_trampoline_is_known_by_its_code(void **state)
{
	struct setting setting = { .pc = u_leaf, .x30 = at(u_trampoline), .word_count = 96 };
	const struct expected expected = { .count = 5,
					   .end = HW_END_ROOT,
					   .at = { { u_leaf, HW_FRAME_IP },
						   { u_trampoline, HW_FRAME_IP },
						   { u_interrupted, HW_FRAME_IP },
						   { u_caller_return, RA },
						   { u_outermost_return, RA } } };
	struct expected cut = { .count = 2,
				.end = HW_END_TRUNCATED,
				.at = { { u_leaf, HW_FRAME_IP }, { u_trampoline, RA } } };

	(void)state;
	setting.words[SAVED_REGS + HW_REG_RA] = at(u_caller_return);
	setting.words[SAVED_REGS + HW_REG_SP] = STACK_AVMA + 80 * 8;
	setting.words[SAVED_REGS + HW_REG_PC] = at(u_interrupted);
	setting.words[81] = at(u_outermost_return);
	expect_all(&setting, &expected);
	/* The copy ends one word before the pc. (libunwind, which steps over trampolines by itself, takes no notice of what
	 * it could not read.) */
	setting.word_count = SAVED_REGS + HW_REG_PC;
	expect(HW_UNWIND_RULES, &setting, &cut);
	expect(HW_UNWIND_LIBDW, &setting, &cut);
	expect(HW_UNWIND_AUTO, &setting, &cut);
	/* What was interrupted is no code. */
	setting.word_count = 96;
	setting.words[SAVED_REGS + HW_REG_PC] = 0x1000;
	cut.end = HW_END_NO_MAPPING;
	expect_all(&setting, &cut);
}

/* In a linkage table the caller is in x30, wherever in the entry; the first entry has pushed 16 bytes. */
static void a_linkage_table_is_known_by_its_code(void **state)
{
	const char *const places[] = { u_plt_first,  u_plt,	u_plt + 4,
				       u_plt_branch, u_plt_bti, u_plt_pac_branch };
	struct setting setting = { .x30 = at(u_caller_return),
				   .words = { 0x29, at(u_outermost_return), 1, 2 },
				   .word_count = 4 };
	struct expected expected;

	(void)state;
	for (size_t i = 0; i < HW_COUNT_OF(places); i++) {
		setting.pc = places[i];
		expected = from(places[i]);
		expect_all(&setting, &expected);
	}
	setting.pc = u_plt_first_pushed;
	expected = from(u_plt_first_pushed);
	memcpy(setting.words, (uint64_t[]){ 0x16, 0x30, 0x29, at(u_outermost_return), 1, 2 }, 48);
	setting.word_count = 6;
	expect(HW_UNWIND_RULES, &setting, &expected);
	expect(HW_UNWIND_LIBDW, &setting, &expected);
	expect(HW_UNWIND_AUTO, &setting, &expected);
}

/* Other code without CFI is not taken for one, nor is a return address into one. */
static void other_code_is_no_linkage_table(void **state)
{
	struct setting setting = { .pc = u_no_plt,
				   .x29 = STACK_AVMA + 4,
				   .x30 = at(u_caller_return),
				   .words = { 0x29, at(u_outermost_return), 1, 2 },
				   .word_count = 4 };
	struct expected expected = { .count = 1, .end = HW_END_NO_CFI, .at = { { u_no_plt, HW_FRAME_IP } } };

	(void)state;
	expect(HW_UNWIND_RULES, &setting, &expected);
	expect(HW_UNWIND_AUTO, &setting, &expected);
	setting.pc = u_leaf;
	setting.x30 = at(u_plt_branch);
	expected = (struct expected){ .count = 2,
				      .end = HW_END_NO_CFI,
				      .at = { { u_leaf, HW_FRAME_IP }, { u_plt_branch, RA } } };
	expect(HW_UNWIND_RULES, &setting, &expected);
}

/* A new thread, right behind the system call that made it, has its maker's link register, but no caller: on its stack is
 * nothing that leads on. Its maker has a caller, so has a forked process, which went on with its maker's stack, and so has
 * who came back from another system call. */
static void a_new_thread_has_no_caller(void **state)
{
	const char *const places[] = { u_behind_clone, u_behind_clone_whole };

	(void)state;
	for (size_t i = 0; i < HW_COUNT_OF(places); i++) {
		struct setting setting = {
			.pc = places[i], .x8 = 220, .x30 = at(u_caller_return), .word_count = 4
		};
		const struct expected alone = { .count = 1,
						.end = HW_END_ROOT,
						.at = { { places[i], HW_FRAME_IP } } };
		const struct expected called = from(places[i]);

		expect(HW_UNWIND_AUTO, &setting, &alone);
		setting.word_count = 1;
		expect(HW_UNWIND_AUTO, &setting, &alone);
		setting.words[1] = 0x1234;
		setting.word_count = 4;
		setting.x8 = 435;
		expect(HW_UNWIND_AUTO, &setting, &alone);
		setting.words[1] = at(u_outermost_return);
		expect(HW_UNWIND_AUTO, &setting, &called);
		setting.words[1] = at(u_no_plt);
		setting.x0 = 812;
		unwind(HW_UNWIND_AUTO, &setting);
		assert_int_equal(frames.count, 3);
		setting.x0 = 0;
		setting.x8 = 64;
		unwind(HW_UNWIND_AUTO, &setting);
		assert_int_equal(frames.count, 3);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_leaf_returns_by_its_register),
		cmocka_unit_test(signatures_of_return_addresses_are_taken_off),
		cmocka_unit_test(a_signal_trampoline_is_known_by_its_code),
		cmocka_unit_test(a_linkage_table_is_known_by_its_code),
		cmocka_unit_test(other_code_is_no_linkage_table),
		cmocka_unit_test(a_new_thread_has_no_caller),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
