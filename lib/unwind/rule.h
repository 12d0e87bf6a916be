/* How to find a frame's caller at one place of the code: a row of its CFI, in the few forms that compilers and people
 * who write assembly use. A rule can be followed without reading DWARF again. */
#ifndef HW_UNWIND_RULE_H
#define HW_UNWIND_RULE_H

#include "unwind/cfi.h"
#include "unwind/regs.h"

enum hw_rule_kind {
	HW_RULE_FRAME,	/* CFA = register + offset */
	HW_RULE_DEREF,	/* CFA = the word at register + offset, + cfa_add: realigned stacks, signal frames */
	HW_RULE_PLT,	/* CFA = register + offset, and 8 more in the later part of a PLT entry */
	HW_RULE_ROOT,	/* the return address is undefined: an outermost frame */
	HW_RULE_OTHER,	/* an expression of another form: an interpreter of DWARF has to follow it */
	HW_RULE_ABSENT, /* no CFI for this place */
	HW_RULE_BAD,	/* CFI that makes no sense */
};

/* Where a register of the caller is. Registers without a slot have kept their value. */
enum hw_slot_kind {
	HW_SLOT_SAME,
	HW_SLOT_CFA,  /* in the word at CFA + offset */
	HW_SLOT_BASE, /* in the word at the value of register `base` + offset */
	HW_SLOT_LOST, /* nowhere, or where only an interpreter of DWARF can tell */
};

struct hw_slot {
	uint8_t reg;
	uint8_t kind; /* enum hw_slot_kind */
	uint8_t base;
	int32_t offset;
};

struct hw_rule {
	uint8_t kind; /* enum hw_rule_kind */
	uint8_t cfa_reg;
	uint8_t plt_late;  /* of PLT: from this byte of an entry of 16 on the stack is 8 bytes deeper */
	bool signal_frame; /* the caller was interrupted, it did not call */
	bool is_call_root; /* a stack begins here, if it went on by a call: Go's (go_stack.h), or makecontext's */
	/* FRAME or PLT by stack or frame pointer; return address at CFA + ra_offset (0: still in its register), frame
	 * pointer at CFA + fp_offset (0: unchanged), the stack pointer is the CFA: nothing else to look at. */
	bool is_plain;
	int32_t cfa_offset;
	int32_t cfa_add;
	int32_t ra_offset;
	int32_t fp_offset;
	uint32_t first_slot, slot_count; /* of all registers that have one; in hw_rules.slots */
};

/* A rule before it is interned. */
struct hw_rule_draft {
	struct hw_rule rule;
	struct hw_slot slots[HW_REG_COUNT];
};

/* The rule for an address within rows' range. What has no place in a rule becomes one of kind OTHER, what is corrupt one
 * of kind BAD. Instructions: DWARF 5, section 6.4.2; expressions: sections 2.5 and 7.7. */
void hw_rule_compile(struct hw_rule_draft *draft, const struct hw_cfi_rows *rows, uint64_t svma);

#endif
