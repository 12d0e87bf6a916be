/* Are the instructions of a CIE or FDE such that an engine may run them? */
#ifndef HW_UNWIND_CFI_PROGRAM_H
#define HW_UNWIND_CFI_PROGRAM_H

#include "base/bytes.h"

/* What the rules look like while a CIE's and then an FDE's instructions are read. */
struct hw_cfi_state {
	uint8_t pointer_encoding; /* DW_EH_PE_*, of DW_CFA_set_loc; the CIE's 'R' */
	unsigned depth;		  /* of DW_CFA_remember_state */
	bool has_cfa;		  /* the canonical frame address is defined */
	bool cfa_is_expression;
	bool ra_undefined;
	bool is_cie; /* reading a CIE's initial instructions */
};

/* Read all instructions. False when one is cut off, unknown, names a register the machine does not have, restores
 * what was not remembered, or has an expression that can loop, divide or is not at home in CFI; or when a row
 * would be in force without a CFA. Encodings: DWARF 5, sections 6.4.2 and 7.24. */
bool hw_cfi_program_check(struct hw_bytes program, struct hw_cfi_state *state);

#endif
