/* unwind/rule.c on instructions written by hand; what each row should be stands beside them. */
#include "unwind/rule.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#if defined(__x86_64__)

#include <dwarf.h>

#define RBX 3
#define RBP 6
#define RSP 7
#define RA 16
#define START UINT64_C(0x1000)

static struct hw_rule_draft draft;

/* The CIE of every x86-64 compiler: CFA = rsp + 8, return address at CFA - 8. */
static const uint8_t initial[] = { DW_CFA_def_cfa, RSP, 8, DW_CFA_offset | RA, 1 };

static const struct hw_rule *compile(const void *program, size_t size, uint64_t offset)
{
	const struct hw_cfi_rows rows = { .start_svma = START,
					  .limit_svma = START + 0x1000,
					  .initial = hw_bytes_of(initial, sizeof initial),
					  .program = hw_bytes_of(program, size),
					  .code_align = 1,
					  .data_align = -8 };

	hw_rule_compile(&draft, &rows, START + offset);
	return &draft.rule;
}

#define COMPILE(program, offset) compile(program, sizeof(program), offset)

static void assert_plain(const struct hw_rule *rule, unsigned cfa_reg, int cfa_offset, int ra_offset,
			 int fp_offset)
{
	assert_int_equal(rule->kind, HW_RULE_FRAME);
	assert_true(rule->is_plain);
	assert_int_equal(rule->cfa_reg, cfa_reg);
	assert_int_equal(rule->cfa_offset, cfa_offset);
	assert_int_equal(rule->ra_offset, ra_offset);
	assert_int_equal(rule->fp_offset, fp_offset);
}

/* push rbp; mov rsp, rbp; ...; leave; ret: each row holds from its first byte to the next row's. */
static void rows_of_a_function(void **state)
{
	static const uint8_t program[] = { DW_CFA_advance_loc | 1,
					   DW_CFA_def_cfa_offset,
					   16,
					   DW_CFA_offset | RBP,
					   2,
					   DW_CFA_advance_loc1,
					   3,
					   DW_CFA_def_cfa_register,
					   RBP,
					   DW_CFA_advance_loc2,
					   0x00,
					   0x01,
					   DW_CFA_def_cfa,
					   RSP,
					   8,
					   DW_CFA_restore | RBP };

	(void)state;
	assert_plain(COMPILE(program, 0), RSP, 8, -8, 0);
	assert_plain(COMPILE(program, 1), RSP, 16, -8, -16);
	assert_plain(COMPILE(program, 3), RSP, 16, -8, -16);
	assert_plain(COMPILE(program, 4), RBP, 16, -8, -16);
	assert_plain(COMPILE(program, 0x103), RBP, 16, -8, -16);
	assert_plain(COMPILE(program, 0x104), RSP, 8, -8, 0);
}

/* What is below the stack pointer when the next function is called. */
static void __attribute__((noinline)) fill_stack(void)
{
	volatile uint8_t bytes[16384];

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = 0xa5;
}

/* "Restore" in a CIE goes back to what holds before any instruction, and to nothing that was never written. */
static void restore_in_a_cie(void **state)
{
	static const uint8_t cie[] = { DW_CFA_def_cfa, RSP, 8, DW_CFA_offset | RA, 1, DW_CFA_restore | RBX };
	const struct hw_cfi_rows rows = { .start_svma = START,
					  .limit_svma = START + 0x1000,
					  .initial = hw_bytes_of(cie, sizeof cie),
					  .code_align = 1,
					  .data_align = -8 };

	(void)state;
	fill_stack();
	hw_rule_compile(&draft, &rows, START);
	assert_plain(&draft.rule, RSP, 8, -8, 0);
	assert_int_equal(draft.rule.slot_count, 1);
	assert_int_equal(draft.slots[0].reg, RA);
}

/* An early return in the middle of a function: the row behind it is the one before it. */
static void remembered_rows(void **state)
{
	static const uint8_t program[] = { DW_CFA_def_cfa_offset,  48,
					   DW_CFA_offset | RBX,	   3,
					   DW_CFA_advance_loc | 8, DW_CFA_remember_state,
					   DW_CFA_def_cfa_offset,  8,
					   DW_CFA_advance_loc | 1, DW_CFA_restore_state };

	(void)state;
	assert_plain(COMPILE(program, 7), RSP, 48, -8, 0);
	assert_plain(COMPILE(program, 8), RSP, 8, -8, 0);
	assert_plain(COMPILE(program, 9), RSP, 48, -8, 0);
	assert_int_equal(draft.rule.slot_count, 2);
	assert_int_equal(draft.slots[0].reg, RBX);
	assert_int_equal(draft.slots[0].offset, -24);
}

/* Every way to write down where a register is. */
static void slots(void **state)
{
	static const uint8_t sf[] = { DW_CFA_offset_extended_sf, RBX, 0x7e };		   /* -2 * -8 */
	static const uint8_t extended[] = { DW_CFA_offset_extended, RBX, 4 };		   /* 4 * -8 */
	static const uint8_t negative[] = { DW_CFA_GNU_negative_offset_extended, RBX, 1 }; /* -(1 * -8) */
	static const uint8_t based[] = { DW_CFA_expression, RBX, 2, DW_OP_breg6, 0x78 };   /* at rbp - 8 */
	static const uint8_t value[] = { DW_CFA_val_expression, RBX, 1, DW_OP_lit0 };
	static const uint8_t moved[] = { DW_CFA_register, RBX, 0 };

	(void)state;
	COMPILE(sf, 0);
	assert_int_equal(draft.slots[0].kind, HW_SLOT_CFA);
	assert_int_equal(draft.slots[0].offset, 16);
	COMPILE(extended, 0);
	assert_int_equal(draft.slots[0].offset, -32);
	COMPILE(negative, 0);
	assert_int_equal(draft.slots[0].offset, 8);
	COMPILE(based, 0);
	assert_int_equal(draft.slots[0].kind, HW_SLOT_BASE);
	assert_int_equal(draft.slots[0].base, RBP);
	assert_int_equal(draft.slots[0].offset, -8);
	COMPILE(value, 0);
	assert_int_equal(draft.slots[0].kind, HW_SLOT_LOST);
	assert_true(draft.rule.is_plain); /* rbx is lost, but nothing else */
	COMPILE(moved, 0);
	assert_int_equal(draft.slots[0].kind, HW_SLOT_LOST);
}

/* CFAs by expression, and those no rule has a form for. */
static void expressions(void **state)
{
	static const uint8_t realigned[] = { DW_CFA_def_cfa_expression, 3, DW_OP_breg6, 0x78, DW_OP_deref };
	static const uint8_t plus[] = { DW_CFA_def_cfa_expression, 5, DW_OP_breg7, 24, DW_OP_deref,
					DW_OP_plus_uconst,	   8 };
	static const uint8_t plt[] = { DW_CFA_def_cfa_expression,
				       11,
				       DW_OP_breg7,
				       8,
				       DW_OP_breg16,
				       0,
				       DW_OP_lit15,
				       DW_OP_and,
				       DW_OP_lit11,
				       DW_OP_ge,
				       DW_OP_lit3,
				       DW_OP_shl,
				       DW_OP_plus };
	static const uint8_t other[] = {
		DW_CFA_def_cfa_expression, 4, DW_OP_breg7, 16, DW_OP_lit8, DW_OP_plus
	};
	static const uint8_t twice[] = {
		DW_CFA_def_cfa_expression, 4, DW_OP_breg7, 16, DW_OP_deref, DW_OP_deref
	};
	static const uint8_t lost_ra[] = { DW_CFA_val_expression, RA, 1, DW_OP_lit0 };

	(void)state;
	assert_int_equal(COMPILE(realigned, 0)->kind, HW_RULE_DEREF);
	assert_int_equal(draft.rule.cfa_offset, -8);
	assert_int_equal(draft.rule.cfa_add, 0);
	assert_int_equal(COMPILE(plus, 0)->kind, HW_RULE_DEREF);
	assert_int_equal(draft.rule.cfa_offset, 24);
	assert_int_equal(draft.rule.cfa_add, 8);
	assert_int_equal(COMPILE(plt, 0)->kind, HW_RULE_PLT);
	assert_int_equal(draft.rule.plt_late, 11);
	assert_true(draft.rule.is_plain);
	assert_int_equal(COMPILE(other, 0)->kind, HW_RULE_OTHER);
	assert_int_equal(COMPILE(twice, 0)->kind, HW_RULE_OTHER);
	assert_int_equal(COMPILE(lost_ra, 0)->kind, HW_RULE_OTHER);
}

/* Outermost frames: the return address is undefined, until something says otherwise. */
static void outermost(void **state)
{
	static const uint8_t undefined[] = { DW_CFA_undefined, RA };
	static const uint8_t restored[] = { DW_CFA_undefined, RA, DW_CFA_advance_loc | 2,
					    DW_CFA_restore | RA };

	(void)state;
	assert_int_equal(COMPILE(undefined, 0)->kind, HW_RULE_ROOT);
	assert_int_equal(COMPILE(restored, 1)->kind, HW_RULE_ROOT);
	assert_plain(COMPILE(restored, 2), RSP, 8, -8, 0);
}

/* Instructions that are cut off, unknown, contradictory, or about registers that there are not. */
static void corrupt_instructions(void **state)
{
	static const struct {
		uint8_t bytes[12];
		size_t size;
	} programs[] = {
		{ { DW_CFA_def_cfa, RSP }, 2 },
		{ { DW_CFA_advance_loc4, 1, 0, 0 }, 4 },
		{ { DW_CFA_offset | RBX }, 1 },
		{ { DW_CFA_def_cfa_expression, 9, DW_OP_breg7 }, 3 },
		{ { DW_CFA_restore_state }, 1 },
		{ { 0x3f }, 1 },
		{ { DW_CFA_def_cfa, 17, 8 }, 3 },
		{ { DW_CFA_def_cfa_register, 99 }, 2 },
		{ { DW_CFA_def_cfa_expression, 4, DW_OP_breg7, 16, DW_OP_lit8, DW_OP_plus,
		    DW_CFA_def_cfa_offset, 8 },
		  8 },
	};

	(void)state;
	for (size_t i = 0; i < HW_COUNT_OF(programs); i++)
		assert_int_equal(compile(programs[i].bytes, programs[i].size, 5)->kind, HW_RULE_BAD);
}

/* A return address above the CFA, as glibc's resolver on AArch64 has it: two words were pushed before CFI began to
 * count, and the caller's stack pointer is above them. */
static void a_return_address_above_the_cfa(void **state)
{
	static const uint8_t program[] = { DW_CFA_def_cfa_offset, 32, DW_CFA_offset_extended_sf, RA, 0x7f,
					   DW_CFA_offset | RBP,	  4 };

	(void)state;
	assert_plain(COMPILE(program, 0), RSP, 48, -8, -48);
}

/* As deep as nobody remembers; offsets as large as no frame has. */
static void limits(void **state)
{
	uint8_t deep[64];
	static const uint8_t far[] = {
		DW_CFA_def_cfa_offset, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f
	};
	static const uint8_t far_slot[] = {
		DW_CFA_offset | RBP, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f
	};

	(void)state;
	memset(deep, DW_CFA_remember_state, sizeof deep);
	assert_int_equal(COMPILE(deep, 0)->kind, HW_RULE_BAD);
	assert_int_equal(COMPILE(far, 0)->kind, HW_RULE_OTHER);
	COMPILE(far_slot, 0);
	assert_int_equal(draft.slots[0].kind, HW_SLOT_LOST);
	assert_false(draft.rule.is_plain);
}

/* Without a CIE that defines a CFA, no row can be followed. */
static void rows_without_a_cfa(void **state)
{
	static const uint8_t program[] = { DW_CFA_offset | RBX, 2 };
	const struct hw_cfi_rows rows = { .start_svma = START,
					  .limit_svma = START + 16,
					  .initial = hw_bytes_of(NULL, 0),
					  .program = hw_bytes_of(program, sizeof program),
					  .code_align = 1,
					  .data_align = -8 };

	(void)state;
	hw_rule_compile(&draft, &rows, START);
	assert_int_equal(draft.rule.kind, HW_RULE_BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_of_a_function),
		cmocka_unit_test(restore_in_a_cie),
		cmocka_unit_test(remembered_rows),
		cmocka_unit_test(slots),
		cmocka_unit_test(expressions),
		cmocka_unit_test(outermost),
		cmocka_unit_test(corrupt_instructions),
		cmocka_unit_test(a_return_address_above_the_cfa),
		cmocka_unit_test(limits),
		cmocka_unit_test(rows_without_a_cfa),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void)
{
	printf("the instructions of this test are written for x86-64\n");
	return 77;
}

#endif
