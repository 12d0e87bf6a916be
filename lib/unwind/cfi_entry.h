/* Entries of .eh_frame and .debug_frame, read with bounds: common information entries (CIE) and frame description
 * entries (FDE), as they stand in the file.
 * Formats: Linux Standard Base Core 5.0, chapter 10.6 (.eh_frame); DWARF 5, section 6.4.1 (.debug_frame). */
#ifndef HW_UNWIND_CFI_ENTRY_H
#define HW_UNWIND_CFI_ENTRY_H

#include "base/bytes.h"

/* .eh_frame, or .debug_frame. */
struct hw_cfi_section {
	uint64_t svma; /* of bytes; .debug_frame is not loaded, and counts from 0 */
	struct hw_bytes bytes;
	bool is_debug_frame;
};

/* A cursor that knows at which address of the file it stands. */
struct hw_cfi_place {
	struct hw_bytes bytes;
	const uint8_t *origin;
	uint64_t origin_svma;
};

struct hw_cfi_cie {
	uint8_t pointer_encoding; /* DW_EH_PE_* */
	uint8_t lsda_encoding;
	bool sized; /* augmentation starts with 'z': an FDE's augmentation has a length */
	bool signal_frame;
	uint64_t code_align;
	int64_t data_align;
	struct hw_bytes program; /* the initial instructions */
};

/* What an FDE is about. */
struct hw_cfi_range {
	uint64_t start_svma, limit_svma;
	bool absolute; /* the code's address is written as such, not relative to the entry */
};

/* Stand at an address of a section. False when it lies outside. */
bool hw_cfi_place_at(const struct hw_cfi_section *section, uint64_t svma, struct hw_cfi_place *place);

/* A pointer as DW_EH_PE_* says it is written. data_svma: what DW_EH_PE_datarel counts from. An encoding that is
 * not used for addresses of code overruns. */
uint64_t hw_cfi_take_pointer(struct hw_cfi_place *place, uint8_t encoding, uint64_t data_svma);

/* Take the head of the entry that starts at place, which ends with it then. *cie_svma: of an FDE, where its CIE is; of a
 * CIE, HW_CFI_IS_CIE. False at the terminator or a corrupt length. */
#define HW_CFI_IS_CIE UINT64_MAX
bool hw_cfi_take_head(const struct hw_cfi_section *section, struct hw_cfi_place *place, uint64_t *cie_svma);

/* Read the CIE at svma. False when it is corrupt, or says what hwprof or the machine does not know. */
bool hw_cfi_read_cie(const struct hw_cfi_section *section, uint64_t svma, struct hw_cfi_cie *cie);

/* Take an FDE's range, behind its head. False when it is corrupt. */
bool hw_cfi_take_range(struct hw_cfi_place *place, const struct hw_cfi_cie *cie, struct hw_cfi_range *range);

#endif
