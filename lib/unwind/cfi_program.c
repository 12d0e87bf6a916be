/* The check of CFI instructions. */
#include "unwind/cfi_program.h"

#include "unwind/regs.h"

#include <dwarf.h>

#define REMEMBER_DEPTH_MAX 16
#define EXPRESSION_SIZE_MAX 64

/* Registers beyond those we unwind with (vector registers, ...) may be named as saved, but the CFA has to be
 * made of ones we know. libunwind's tables end at 17 on x86-64 and 97 on AArch64. */
#if defined(__aarch64__)
#define RULE_REGS 96
#else
#define RULE_REGS HW_REG_COUNT
#endif

static bool is_rule_reg(uint64_t reg)
{
	return reg < RULE_REGS;
}

/* Operands of the operations compilers, linkers and hand-written unwind tables use. No branches and no
 * division, so that an expression ends after as many steps as it has bytes. */
static bool check_operation(struct hw_bytes *b)
{
	const uint8_t op = hw_bytes_u8(b);

	if (op >= DW_OP_lit0 && op <= DW_OP_lit31)
		return true;
	if (op >= DW_OP_breg0 && op <= DW_OP_breg31) {
		hw_bytes_sleb(b);
		return op - DW_OP_breg0 < HW_REG_COUNT;
	}
	switch (op) {
	case DW_OP_deref:
	case DW_OP_dup:
	case DW_OP_drop:
	case DW_OP_over:
	case DW_OP_swap:
	case DW_OP_rot:
	case DW_OP_abs:
	case DW_OP_and:
	case DW_OP_minus:
	case DW_OP_mul:
	case DW_OP_neg:
	case DW_OP_not:
	case DW_OP_or:
	case DW_OP_plus:
	case DW_OP_shl:
	case DW_OP_shr:
	case DW_OP_shra:
	case DW_OP_xor:
	case DW_OP_eq:
	case DW_OP_ge:
	case DW_OP_gt:
	case DW_OP_le:
	case DW_OP_lt:
	case DW_OP_ne:
	case DW_OP_nop:
		return true;
	case DW_OP_const1u:
	case DW_OP_const1s:
		hw_bytes_u8(b);
		return true;
	case DW_OP_const2u:
	case DW_OP_const2s:
		hw_bytes_u16(b);
		return true;
	case DW_OP_const4u:
	case DW_OP_const4s:
		hw_bytes_u32(b);
		return true;
	case DW_OP_const8u:
	case DW_OP_const8s:
		hw_bytes_u64(b);
		return true;
	case DW_OP_constu:
	case DW_OP_plus_uconst:
		hw_bytes_uleb(b);
		return true;
	case DW_OP_consts:
		hw_bytes_sleb(b);
		return true;
	default:
		return false;
	}
}

static bool check_expression(struct hw_bytes *program)
{
	const uint64_t size = hw_bytes_uleb(program);
	struct hw_bytes expression = hw_bytes_sub(program, size);

	if (expression.overrun || !size || size > EXPRESSION_SIZE_MAX)
		return false;
	while (hw_bytes_left(&expression))
		if (!check_operation(&expression) || expression.overrun)
			return false;
	return true;
}

/* The pointer of DW_CFA_set_loc, whose value does not matter here. */
static bool skip_pointer(struct hw_bytes *program, uint8_t encoding)
{
	switch (encoding & 0x0f) {
	case DW_EH_PE_absptr:
	case DW_EH_PE_udata8:
	case DW_EH_PE_sdata8:
		hw_bytes_u64(program);
		return true;
	case DW_EH_PE_udata4:
	case DW_EH_PE_sdata4:
		hw_bytes_u32(program);
		return true;
	case DW_EH_PE_udata2:
	case DW_EH_PE_sdata2:
		hw_bytes_u16(program);
		return true;
	default:
		return false;
	}
}

static bool set_rule(struct hw_cfi_state *state, uint64_t reg, bool undefined)
{
	if (reg == HW_REG_RA)
		state->ra_undefined = undefined;
	return is_rule_reg(reg);
}

/* The register that comes next gets a rule. */
static bool take_rule_reg(struct hw_bytes *program, struct hw_cfi_state *state, bool undefined)
{
	return set_rule(state, hw_bytes_uleb(program), undefined);
}

static bool take_cfa_reg(struct hw_bytes *program, struct hw_cfi_state *state)
{
	state->has_cfa = true;
	state->cfa_is_expression = false;
	return hw_bytes_uleb(program) < HW_REG_COUNT;
}

/* A row is in force from here on: it needs a CFA. */
static bool end_row(const struct hw_cfi_state *state)
{
	return state->has_cfa && !state->is_cie;
}

static bool check_extended(struct hw_bytes *program, struct hw_cfi_state *state, uint8_t op)
{
	switch (op) {
	case DW_CFA_nop:
		return true;
	case DW_CFA_set_loc:
		return skip_pointer(program, state->pointer_encoding) && end_row(state);
	case DW_CFA_advance_loc1:
		hw_bytes_u8(program);
		return end_row(state);
	case DW_CFA_advance_loc2:
		hw_bytes_u16(program);
		return end_row(state);
	case DW_CFA_advance_loc4:
		hw_bytes_u32(program);
		return end_row(state);
	case DW_CFA_undefined:
		return take_rule_reg(program, state, true);
	case DW_CFA_same_value:
	case DW_CFA_restore_extended:
		return take_rule_reg(program, state, false);
	case DW_CFA_offset_extended:
	case DW_CFA_GNU_negative_offset_extended:
		if (!take_rule_reg(program, state, false))
			return false;
		hw_bytes_uleb(program);
		return true;
	case DW_CFA_offset_extended_sf:
		if (!take_rule_reg(program, state, false))
			return false;
		hw_bytes_sleb(program);
		return true;
	case DW_CFA_register:
		return take_rule_reg(program, state, false) && is_rule_reg(hw_bytes_uleb(program));
	case DW_CFA_expression:
	case DW_CFA_val_expression:
		return take_rule_reg(program, state, false) && check_expression(program);
	case DW_CFA_remember_state:
		return ++state->depth <= REMEMBER_DEPTH_MAX;
	case DW_CFA_restore_state:
		return state->depth-- > 0;
	case DW_CFA_def_cfa:
		if (!take_cfa_reg(program, state))
			return false;
		hw_bytes_uleb(program);
		return true;
	case DW_CFA_def_cfa_sf:
		if (!take_cfa_reg(program, state))
			return false;
		hw_bytes_sleb(program);
		return true;
	case DW_CFA_def_cfa_register:
		return state->has_cfa && !state->cfa_is_expression && take_cfa_reg(program, state);
	case DW_CFA_def_cfa_offset:
		hw_bytes_uleb(program);
		return state->has_cfa && !state->cfa_is_expression;
	case DW_CFA_def_cfa_offset_sf:
		hw_bytes_sleb(program);
		return state->has_cfa && !state->cfa_is_expression;
	case DW_CFA_def_cfa_expression:
		state->has_cfa = state->cfa_is_expression = true;
		return check_expression(program);
	case DW_CFA_GNU_args_size:
		hw_bytes_uleb(program);
		return true;
#if defined(__aarch64__)
	case DW_CFA_GNU_window_save: /* the number DW_CFA_AARCH64_negate_ra_state shares */
		return true;
#endif
	default:
		return false;
	}
}

bool hw_cfi_program_check(struct hw_bytes program, struct hw_cfi_state *state)
{
	while (hw_bytes_left(&program)) {
		const uint8_t op = hw_bytes_u8(&program);
		const uint8_t operand = op & 0x3f;
		bool fit;

		switch (op & 0xc0) {
		case DW_CFA_advance_loc:
			fit = end_row(state);
			break;
		case DW_CFA_offset:
			hw_bytes_uleb(&program);
			fit = set_rule(state, operand, false);
			break;
		case DW_CFA_restore:
			fit = set_rule(state, operand, false);
			break;
		default:
			fit = check_extended(&program, state, op);
			break;
		}
		if (!fit || program.overrun)
			return false;
	}
	return state->has_cfa || state->is_cie;
}
