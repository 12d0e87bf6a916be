/* unwind/cfi_program.c: which CFI instructions an engine may run. Encodings: DWARF 5, section 7.24. */
#include "unwind/cfi_program.h"

#include "unwind/regs.h"

#include <dwarf.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Check the program of an FDE whose CIE has defined the CFA. */
static bool fits(const uint8_t *bytes, size_t size)
{
	struct hw_cfi_state state = { .has_cfa = true, .pointer_encoding = DW_EH_PE_pcrel | DW_EH_PE_sdata4 };

	return hw_cfi_program_check(hw_bytes_of(bytes, size), &state);
}

#define FITS(...) fits((const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }))

/* What gcc emits for a function that pushes rbp: three rows. */
static void what_compilers_emit_is_taken(void **state)
{
	(void)state;
	assert_true(FITS(DW_CFA_advance_loc | 1, DW_CFA_def_cfa_offset, 16, DW_CFA_offset | HW_REG_FP, 2,
			 DW_CFA_advance_loc | 3, DW_CFA_def_cfa_register, HW_REG_FP, DW_CFA_advance_loc1, 40,
			 DW_CFA_def_cfa, HW_REG_SP, 8, DW_CFA_nop));
	assert_true(FITS(DW_CFA_remember_state, DW_CFA_advance_loc | 1, DW_CFA_restore_state));
	assert_true(FITS(DW_CFA_undefined, HW_REG_RA));
	assert_true(fits(NULL, 0));
}

/* The PLT's expression, as ld writes it: rsp + 8 + ((rip & 15) >= 11) * 8. */
static void the_plt_expression_is_taken(void **state)
{
	(void)state;
	assert_true(FITS(DW_CFA_def_cfa_expression, 11, DW_OP_breg0 + HW_REG_SP, 8, DW_OP_breg16, 0,
			 DW_OP_lit15, DW_OP_and, DW_OP_lit11, DW_OP_ge, DW_OP_lit3, DW_OP_shl, DW_OP_plus));
}

/* Every instruction cut off by a byte is refused. */
static void cut_instructions_are_refused(void **state)
{
	static const uint8_t programs[][8] = {
		/* size, bytes */
		{ 2, DW_CFA_advance_loc1, 1 },
		{ 3, DW_CFA_advance_loc2, 1, 0 },
		{ 5, DW_CFA_advance_loc4, 1, 0, 0, 0 },
		{ 5, DW_CFA_set_loc, 1, 0, 0, 0 },
		{ 2, DW_CFA_offset | 1, 2 },
		{ 3, DW_CFA_offset_extended, 1, 2 },
		{ 3, DW_CFA_offset_extended_sf, 1, 2 },
		{ 2, DW_CFA_restore_extended, 1 },
		{ 2, DW_CFA_undefined, 1 },
		{ 2, DW_CFA_same_value, 1 },
		{ 3, DW_CFA_register, 1, 2 },
		{ 3, DW_CFA_def_cfa, 1, 2 },
		{ 3, DW_CFA_def_cfa_sf, 1, 2 },
		{ 2, DW_CFA_def_cfa_register, 1 },
		{ 2, DW_CFA_def_cfa_offset, 1 },
		{ 2, DW_CFA_def_cfa_offset_sf, 1 },
		{ 4, DW_CFA_def_cfa_expression, 2, DW_OP_breg0 + HW_REG_SP, 8 },
		{ 5, DW_CFA_expression, 1, 2, DW_OP_breg0, 8 },
		{ 5, DW_CFA_val_expression, 1, 2, DW_OP_breg0, 8 },
		{ 2, DW_CFA_GNU_args_size, 16 },
	};

	(void)state;
	for (size_t i = 0; i < HW_COUNT_OF(programs); i++) {
		assert_true(fits(programs[i] + 1, programs[i][0]));
		for (size_t size = 1; size < programs[i][0]; size++)
			if (fits(programs[i] + 1, size))
				fail_msg("instruction 0x%x of %zu bytes is taken", programs[i][1], size);
	}
}

/* Registers the machine does not have; libunwind would index an array with them. */
static void foreign_registers_are_refused(void **state)
{
	(void)state;
	assert_false(FITS(DW_CFA_register, 3, 120));
	assert_false(FITS(DW_CFA_register, 120, 3));
	assert_false(FITS(DW_CFA_def_cfa, 120, 8));
	assert_false(FITS(DW_CFA_offset_extended, 0xff, 0x7f, 2));
	assert_false(FITS(DW_CFA_expression, 120, 1, DW_OP_lit0));
}

/* Expressions that could loop, divide by zero, or are not at home in CFI; empty and oversized ones. */
static void strange_expressions_are_refused(void **state)
{
	uint8_t large[100] = { DW_CFA_def_cfa_expression, 90 };

	(void)state;
	memset(large + 2, DW_OP_nop, sizeof large - 2);
	assert_false(FITS(DW_CFA_def_cfa_expression, 3, DW_OP_skip, 0xfd, 0xff));
	assert_false(FITS(DW_CFA_def_cfa_expression, 4, DW_OP_lit1, DW_OP_bra, 0xfc, 0xff));
	assert_false(FITS(DW_CFA_def_cfa_expression, 3, DW_OP_lit1, DW_OP_lit0, DW_OP_div));
	assert_false(FITS(DW_CFA_def_cfa_expression, 3, DW_OP_lit1, DW_OP_lit0, DW_OP_mod));
	assert_false(FITS(DW_CFA_def_cfa_expression, 0));
	assert_false(fits(large, 92));
#if HW_REG_COUNT <= 31 /* on AArch64 it is the stack pointer */
	assert_false(FITS(DW_CFA_def_cfa_expression, 2, DW_OP_breg31, 0));
#endif
}

/* A row needs a CFA; what is restored has to have been remembered, and not without bound. */
static void states_are_kept_in_order(void **state)
{
	struct hw_cfi_state none = { 0 };
	struct hw_cfi_state cie = { .is_cie = true };
	uint8_t remembers[17];
	const uint8_t advance[] = { DW_CFA_advance_loc | 1 };
	const uint8_t cfa[] = { DW_CFA_def_cfa, HW_REG_SP, 8 };

	(void)state;
	memset(remembers, DW_CFA_remember_state, sizeof remembers);
	assert_false(hw_cfi_program_check(hw_bytes_of(advance, 1), &none));
	assert_false(hw_cfi_program_check(hw_bytes_of(NULL, 0), &none));
	assert_true(hw_cfi_program_check(hw_bytes_of(cfa, 3), &cie));
	assert_true(cie.has_cfa);
	assert_false(hw_cfi_program_check(hw_bytes_of(advance, 1), &cie));
	assert_false(FITS(DW_CFA_restore_state));
	assert_true(fits(remembers, 16));
	assert_false(fits(remembers, 17));
	/* An offset after an expression would have no register to count from. */
	assert_false(FITS(DW_CFA_def_cfa_expression, 1, DW_OP_lit0, DW_CFA_def_cfa_offset, 8));
	assert_false(FITS(0x3f));
}

/* The outermost frame is told by its undefined return address, also when it is taken back. */
static void an_undefined_return_address_is_seen(void **state)
{
	struct hw_cfi_state cfi = { .has_cfa = true };
	const uint8_t undefined[] = { DW_CFA_undefined, HW_REG_RA };
	const uint8_t saved[] = { DW_CFA_offset | HW_REG_RA, 1 };

	(void)state;
	assert_true(hw_cfi_program_check(hw_bytes_of(undefined, 2), &cfi));
	assert_true(cfi.ra_undefined);
	assert_true(hw_cfi_program_check(hw_bytes_of(saved, 2), &cfi));
	assert_false(cfi.ra_undefined);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_compilers_emit_is_taken),
		cmocka_unit_test(the_plt_expression_is_taken),
		cmocka_unit_test(cut_instructions_are_refused),
		cmocka_unit_test(foreign_registers_are_refused),
		cmocka_unit_test(strange_expressions_are_refused),
		cmocka_unit_test(states_are_kept_in_order),
		cmocka_unit_test(an_undefined_return_address_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
