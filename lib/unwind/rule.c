/* CFI instructions -> the rule in force at one address. */
#include "unwind/rule.h"

#include <dwarf.h>

#define REMEMBER_DEPTH_MAX 16
/* Larger distances from the CFA occur in nobody's frames, and sums of two stay within 64 bits. */
#define OFFSET_LIMIT (INT64_C(1) << 30)

/* AArch64's kernel describes its signal frames by the frame record only, which does not have the interrupted pc
 * (arch/arm64/kernel/vdso/sigreturn.S); libunwind knows their layout. */
#define SIGNAL_FRAMES_HAVE_CFI (HW_REG_RA == HW_REG_PC)

/* Of what a PLT pushes before CFI begins to count. */
#define PUSHED_MAX 64

/* A row while it is being made. */
struct row {
	uint8_t kind; /* FRAME, DEREF, PLT; ABSENT before the CFA is defined; OTHER */
	uint8_t cfa_reg;
	uint8_t plt_late;
	bool ra_undefined;
	int64_t cfa_offset;
	uint64_t cfa_add;
	struct hw_slot slots[HW_REG_COUNT];
};

struct machine {
	const struct hw_cfi_rows *rows;
	uint64_t pc_svma;     /* where the row in force begins */
	uint64_t wanted_svma; /* stop before a row that begins behind it */
	struct row row;
	struct row initial; /* what DW_CFA_restore goes back to */
	struct row remembered[REMEMBER_DEPTH_MAX];
	unsigned depth;
	bool corrupt;
};

/* --- Expressions ------------------------------------------------------------------------------------------ */

/* "register + offset", or "the word at register + offset" and perhaps "+ add", as OpenSSL's assembler has it; false for
 * any other. */
static bool read_simple(struct hw_bytes expression, uint8_t *reg, int64_t *offset, bool *deref, uint64_t *add)
{
	const uint8_t op = hw_bytes_u8(&expression);

	if (op < DW_OP_breg0 || op > DW_OP_breg31 || op - DW_OP_breg0 >= HW_REG_COUNT)
		return false;
	*reg = (uint8_t)(op - DW_OP_breg0);
	*offset = hw_bytes_sleb(&expression);
	*deref = hw_bytes_left(&expression) > 0;
	*add = 0;
	if (*deref && hw_bytes_u8(&expression) != DW_OP_deref)
		return false;
	if (hw_bytes_left(&expression)) {
		if (hw_bytes_u8(&expression) != DW_OP_plus_uconst)
			return false;
		*add = hw_bytes_uleb(&expression);
	}
	return !expression.overrun && !hw_bytes_left(&expression);
}

/* What linkers write for x86-64's lazy PLT: rsp + 8 + ((rip & 15) >= N) * 8 (binutils, elf_x86_64_eh_frame_lazy_plt;
 * N differs with the kind of entry). */
static bool read_plt(struct hw_bytes expression, uint8_t *late)
{
	static const uint8_t head[] = { DW_OP_breg7, 8, DW_OP_breg16, 0, DW_OP_lit15, DW_OP_and };
	static const uint8_t tail[] = { DW_OP_ge, DW_OP_lit3, DW_OP_shl, DW_OP_plus };
	const uint8_t *at = expression.at;

	if (HW_REG_PC != 16 || hw_bytes_left(&expression) != sizeof head + 1 + sizeof tail ||
	    memcmp(at, head, sizeof head) != 0 || memcmp(at + sizeof head + 1, tail, sizeof tail) != 0 ||
	    at[sizeof head] < DW_OP_lit0 || at[sizeof head] > DW_OP_lit15)
		return false;
	*late = (uint8_t)(at[sizeof head] - DW_OP_lit0);
	return true;
}

static void set_cfa_expression(struct row *row, struct hw_bytes expression)
{
	bool deref;

	if (read_simple(expression, &row->cfa_reg, &row->cfa_offset, &deref, &row->cfa_add)) {
		row->kind = deref ? HW_RULE_DEREF : HW_RULE_FRAME;
	} else if (read_plt(expression, &row->plt_late)) {
		row->kind = HW_RULE_PLT;
		row->cfa_reg = HW_REG_SP;
		row->cfa_offset = 8;
	} else {
		row->kind = HW_RULE_OTHER;
	}
}

/* --- Instructions ----------------------------------------------------------------------------------------- */

static void set_slot(struct row *row, uint64_t reg, enum hw_slot_kind kind, uint8_t base, int64_t offset)
{
	if (reg == HW_REG_RA)
		row->ra_undefined = false;
	if (reg >= HW_REG_COUNT) /* vector registers and the like, which no CFA is made of */
		return;
	if (offset <= -OFFSET_LIMIT || offset >= OFFSET_LIMIT)
		kind = HW_SLOT_LOST;
	row->slots[reg] = (struct hw_slot){ .reg = (uint8_t)reg,
					    .kind = (uint8_t)kind,
					    .base = base,
					    .offset = kind == HW_SLOT_LOST ? 0 : (int32_t)offset };
}

static void set_slot_undefined(struct row *row, uint64_t reg)
{
	set_slot(row, reg, HW_SLOT_LOST, 0, 0);
	row->ra_undefined |= reg == HW_REG_RA;
}

static void set_slot_expression(struct row *row, uint64_t reg, struct hw_bytes expression)
{
	int64_t offset;
	uint64_t add;
	uint8_t base;
	bool deref;

	if (read_simple(expression, &base, &offset, &deref, &add) && !deref)
		set_slot(row, reg, HW_SLOT_BASE, base, offset);
	else
		set_slot(row, reg, HW_SLOT_LOST, 0, 0);
}

static void restore_slot(struct machine *m, uint64_t reg)
{
	if (reg == HW_REG_RA)
		m->row.ra_undefined = m->initial.ra_undefined;
	if (reg < HW_REG_COUNT)
		m->row.slots[reg] = m->initial.slots[reg];
}

static void set_cfa(struct machine *m, uint64_t reg, int64_t offset)
{
	m->corrupt |= reg >= HW_REG_COUNT;
	m->row.kind = HW_RULE_FRAME;
	m->row.cfa_reg = (uint8_t)reg;
	m->row.cfa_offset = offset;
	m->row.cfa_add = 0;
}

static void set_cfa_offset(struct machine *m, int64_t offset)
{
	m->corrupt |= m->row.kind != HW_RULE_FRAME;
	m->row.cfa_offset = offset;
}

/* Multiplied by the CIE's factor, held far outside what a frame can have when it overflows. */
static int64_t factored(const struct machine *m, int64_t offset)
{
	int64_t product;

	return __builtin_mul_overflow(offset, m->rows->data_align, &product) ? INT64_MAX : product;
}

static int64_t factored_uleb(const struct machine *m, struct hw_bytes *program)
{
	const uint64_t offset = hw_bytes_uleb(program);

	return offset > INT64_MAX ? INT64_MAX : factored(m, (int64_t)offset);
}

static int64_t unfactored_uleb(struct hw_bytes *program)
{
	const uint64_t offset = hw_bytes_uleb(program);

	return offset > INT64_MAX ? INT64_MAX : (int64_t)offset;
}

static struct hw_bytes take_expression(struct hw_bytes *program)
{
	return hw_bytes_sub(program, hw_bytes_uleb(program));
}

/* The row in force is complete. False when the next one begins behind the address that is wanted. */
static bool advance(struct machine *m, uint64_t delta)
{
	uint64_t distance;

	if (__builtin_mul_overflow(delta, m->rows->code_align, &distance) ||
	    __builtin_add_overflow(m->pc_svma, distance, &m->pc_svma)) {
		m->corrupt = true;
		return false;
	}
	return m->pc_svma <= m->wanted_svma;
}

static void remember(struct machine *m)
{
	if (m->depth == REMEMBER_DEPTH_MAX)
		m->corrupt = true;
	else
		m->remembered[m->depth++] = m->row;
}

static void recall(struct machine *m)
{
	if (!m->depth)
		m->corrupt = true;
	else
		m->row = m->remembered[--m->depth];
}

/* Instructions with an opcode of their own. False when the wanted row is complete. */
static bool run_extended(struct machine *m, struct hw_bytes *program, uint8_t op)
{
	uint64_t reg;
	int64_t offset;

	switch (op) {
	case DW_CFA_nop:
		return true;
	case DW_CFA_advance_loc1:
		return advance(m, hw_bytes_u8(program));
	case DW_CFA_advance_loc2:
		return advance(m, hw_bytes_u16(program));
	case DW_CFA_advance_loc4:
		return advance(m, hw_bytes_u32(program));
	case DW_CFA_offset_extended:
		reg = hw_bytes_uleb(program);
		set_slot(&m->row, reg, HW_SLOT_CFA, 0, factored_uleb(m, program));
		return true;
	case DW_CFA_offset_extended_sf:
		reg = hw_bytes_uleb(program);
		set_slot(&m->row, reg, HW_SLOT_CFA, 0, factored(m, hw_bytes_sleb(program)));
		return true;
	case DW_CFA_GNU_negative_offset_extended:
		reg = hw_bytes_uleb(program);
		offset = factored_uleb(m, program);
		set_slot(&m->row, reg, HW_SLOT_CFA, 0, offset == INT64_MAX ? offset : -offset);
		return true;
	case DW_CFA_restore_extended:
		restore_slot(m, hw_bytes_uleb(program));
		return true;
	case DW_CFA_undefined:
		set_slot_undefined(&m->row, hw_bytes_uleb(program));
		return true;
	case DW_CFA_same_value:
		set_slot(&m->row, hw_bytes_uleb(program), HW_SLOT_SAME, 0, 0);
		return true;
	case DW_CFA_register:
		set_slot(&m->row, hw_bytes_uleb(program), HW_SLOT_LOST, 0, 0);
		hw_bytes_uleb(program);
		return true;
	case DW_CFA_remember_state:
		remember(m);
		return true;
	case DW_CFA_restore_state:
		recall(m);
		return true;
	case DW_CFA_def_cfa:
		reg = hw_bytes_uleb(program);
		set_cfa(m, reg, unfactored_uleb(program));
		return true;
	case DW_CFA_def_cfa_sf:
		reg = hw_bytes_uleb(program);
		set_cfa(m, reg, factored(m, hw_bytes_sleb(program)));
		return true;
	case DW_CFA_def_cfa_register:
		m->corrupt |= m->row.kind != HW_RULE_FRAME;
		set_cfa(m, hw_bytes_uleb(program), m->row.cfa_offset);
		return true;
	case DW_CFA_def_cfa_offset:
		set_cfa_offset(m, unfactored_uleb(program));
		return true;
	case DW_CFA_def_cfa_offset_sf:
		set_cfa_offset(m, factored(m, hw_bytes_sleb(program)));
		return true;
	case DW_CFA_def_cfa_expression:
		set_cfa_expression(&m->row, take_expression(program));
		return true;
	case DW_CFA_expression:
		reg = hw_bytes_uleb(program);
		set_slot_expression(&m->row, reg, take_expression(program));
		return true;
	case DW_CFA_val_offset:
		set_slot(&m->row, hw_bytes_uleb(program), HW_SLOT_LOST, 0, 0);
		hw_bytes_uleb(program);
		return true;
	case DW_CFA_val_offset_sf:
		set_slot(&m->row, hw_bytes_uleb(program), HW_SLOT_LOST, 0, 0);
		hw_bytes_sleb(program);
		return true;
	case DW_CFA_val_expression:
		set_slot(&m->row, hw_bytes_uleb(program), HW_SLOT_LOST, 0, 0);
		take_expression(program);
		return true;
	case DW_CFA_GNU_args_size:
		hw_bytes_uleb(program);
		return true;
#if defined(__aarch64__)
	case DW_CFA_GNU_window_save: /* DW_CFA_AARCH64_negate_ra_state: codes are stripped, whatever the state */
		return true;
#endif
	default: /* DW_CFA_set_loc, which nobody emits, and what is unknown */
		m->corrupt = true;
		return false;
	}
}

/* Run instructions up to the wanted row. False when it was complete before their end. */
static bool run(struct machine *m, struct hw_bytes program)
{
	while (hw_bytes_left(&program)) {
		const uint8_t op = hw_bytes_u8(&program);
		const uint8_t operand = op & 0x3f;
		bool more = true;

		switch (op & 0xc0) {
		case DW_CFA_advance_loc:
			more = advance(m, operand);
			break;
		case DW_CFA_offset:
			set_slot(&m->row, operand, HW_SLOT_CFA, 0, factored_uleb(m, &program));
			break;
		case DW_CFA_restore:
			restore_slot(m, operand);
			break;
		default:
			more = run_extended(m, &program, op);
			break;
		}
		m->corrupt |= program.overrun;
		if (!more || m->corrupt)
			return false;
	}
	return true;
}

/* --- The rule --------------------------------------------------------------------------------------------- */

static const struct hw_slot *slot_of(const struct row *row, unsigned reg)
{
	return &row->slots[reg];
}

static bool is_plain(const struct row *row, bool signal_frame)
{
	const struct hw_slot *ra = slot_of(row, HW_REG_RA);
	const struct hw_slot *fp = slot_of(row, HW_REG_FP);
	/* A leaf of AArch64 has its return address in a register still. */
	const bool ra_is_near = ra->kind == HW_SLOT_CFA ? ra->offset != 0
							: ra->kind == HW_SLOT_SAME && HW_REG_RA != HW_REG_PC;

	return (row->kind == HW_RULE_FRAME || row->kind == HW_RULE_PLT) && !signal_frame &&
	       (row->cfa_reg == HW_REG_SP || row->cfa_reg == HW_REG_FP) && ra_is_near &&
	       (fp->kind == HW_SLOT_SAME || (fp->kind == HW_SLOT_CFA && fp->offset != 0)) &&
	       slot_of(row, HW_REG_SP)->kind == HW_SLOT_SAME;
}

/* Can a step be made by it at all? */
static bool is_complete(const struct row *row)
{
	const struct hw_slot *ra = slot_of(row, HW_REG_RA);

	return ra->kind == HW_SLOT_CFA || ra->kind == HW_SLOT_BASE ||
	       (ra->kind == HW_SLOT_SAME && HW_REG_RA != HW_REG_PC);
}

/* A return address above the CFA: glibc's _dl_runtime_resolve on AArch64, whose PLT has pushed two words before CFI
 * begins to count (sysdeps/aarch64/dl-trampoline.S). The caller's stack pointer is what lies above both. */
static void mend_cfa(struct row *row)
{
	const struct hw_slot *ra = slot_of(row, HW_REG_RA);
	const int32_t missing = ra->offset + (int32_t)sizeof(uint64_t);

	if (row->kind != HW_RULE_FRAME || ra->kind != HW_SLOT_CFA || ra->offset < 0 ||
	    ra->offset > PUSHED_MAX || row->cfa_offset >= OFFSET_LIMIT)
		return;
	row->cfa_offset += missing;
	for (unsigned reg = 0; reg < HW_REG_COUNT; reg++)
		if (row->slots[reg].kind == HW_SLOT_CFA)
			row->slots[reg].offset -= missing;
}

static void finish(struct hw_rule_draft *draft, const struct row *row, bool signal_frame)
{
	struct hw_rule *rule = &draft->rule;

	if (row->ra_undefined) {
		rule->kind = HW_RULE_ROOT;
		return;
	}
	if (row->kind == HW_RULE_ABSENT) {
		rule->kind = HW_RULE_BAD;
		return;
	}
	if (row->kind == HW_RULE_OTHER || !is_complete(row) || row->cfa_offset <= -OFFSET_LIMIT ||
	    row->cfa_offset >= OFFSET_LIMIT || row->cfa_add >= (uint64_t)OFFSET_LIMIT ||
	    (signal_frame && !SIGNAL_FRAMES_HAVE_CFI)) {
		rule->kind = HW_RULE_OTHER;
		return;
	}
	rule->kind = row->kind;
	rule->cfa_reg = row->cfa_reg;
	rule->plt_late = row->kind == HW_RULE_PLT ? row->plt_late : 0;
	rule->signal_frame = signal_frame;
	rule->cfa_offset = (int32_t)row->cfa_offset;
	rule->cfa_add = (int32_t)row->cfa_add;
	rule->is_plain = is_plain(row, signal_frame);
	if (rule->is_plain) {
		rule->ra_offset = slot_of(row, HW_REG_RA)->offset;
		rule->fp_offset = slot_of(row, HW_REG_FP)->offset;
	}
	for (unsigned reg = 0; reg < HW_REG_COUNT; reg++)
		if (row->slots[reg].kind != HW_SLOT_SAME)
			draft->slots[rule->slot_count++] = row->slots[reg];
}

void hw_rule_compile(struct hw_rule_draft *draft, const struct hw_cfi_rows *rows, uint64_t svma)
{
	struct machine m;

	memset(&draft->rule, 0, sizeof draft->rule);
	m.rows = rows;
	m.pc_svma = rows->start_svma;
	m.wanted_svma = UINT64_MAX;
	m.depth = 0;
	m.corrupt = false;
	memset(&m.row, 0, sizeof m.row);
	m.row.kind = HW_RULE_ABSENT;
	m.initial = m.row; /* a CIE may say "restore", though there is nothing to go back to */
	run(&m, rows->initial);
	m.initial = m.row;
	m.pc_svma = rows->start_svma;
	m.wanted_svma = svma;
	if (!m.corrupt)
		run(&m, rows->program);
	if (m.corrupt) {
		draft->rule.kind = HW_RULE_BAD;
	} else {
		mend_cfa(&m.row);
		finish(draft, &m.row, rows->signal_frame);
	}
}
