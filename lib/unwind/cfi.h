/* Where in a DSO's .eh_frame the unwind rules for an address are, and whether they are fit to be run.
 *
 * The engines behind unwind.c trust what they run: libunwind 1.6 indexes arrays with register numbers from the
 * file and loops as long as a DWARF expression tells it to. So a frame description entry (FDE) is found and
 * checked here first, once per address, and nothing else is handed on.
 * Formats: Linux Standard Base Core 5.0, chapter 10.6 (.eh_frame, .eh_frame_hdr); DWARF 5, section 6.4. */
#ifndef HW_UNWIND_CFI_H
#define HW_UNWIND_CFI_H

#include "base/alloc.h"
#include "unwind/cfi_index.h"

/* Zeroed is a DSO without CFI. */
struct hw_cfi {
	const struct hw_elf *elf;    /* borrowed */
	struct hw_cfi_section frame; /* .eh_frame */
	/* .eh_frame_hdr, and its table of (function, FDE), offsets from hdr_svma, sorted. */
	uint64_t hdr_svma;
	const uint8_t *table;
	size_t table_count;
	struct hw_cfi_index *index;	  /* owned: of .eh_frame without a table; NULL = none */
	struct hw_cfi_index *debug_index; /* owned: of .debug_frame; NULL = none */
};

/* What was found for an address. */
struct hw_cfi_fde {
	uint64_t fde_svma;
	uint64_t start_svma, limit_svma; /* the code it is about */
	bool signal_frame;		 /* augmentation 'S': its caller was interrupted, and did not call */
	bool ra_undefined;		 /* the return address ends up undefined: an outermost frame */
	bool absolute; /* the code's address is written as such, not relative to the entry */
};

enum hw_cfi_found {
	HW_CFI_FOUND,
	HW_CFI_ABSENT,	/* no FDE covers the address */
	HW_CFI_BAD,	/* there is one, but it is corrupt or uses what no compiler emits */
	HW_CFI_PENDING, /* not known yet: a large index is being made beside (cfi_index.h) */
};

/* The instructions that make the rows of one FDE (DWARF 5, section 6.4.2), as they stand in the file: not checked. */
struct hw_cfi_rows {
	uint64_t start_svma, limit_svma; /* the code they are about */
	struct hw_bytes initial;	 /* the CIE's instructions, then */
	struct hw_bytes program;	 /* the FDE's */
	uint64_t code_align;
	int64_t data_align;
	bool signal_frame;
};

/* Look at a file's sections. Never fails: a file whose CFI cannot be used has none. elf is borrowed. */
void hw_cfi_init(struct hw_cfi *cfi, const struct hw_elf *elf);
void hw_cfi_fini(struct hw_cfi *cfi);

/* Find and check the rules for an address as written in the file, in .eh_frame. No allocation. */
enum hw_cfi_found hw_cfi_find(const struct hw_cfi *cfi, uint64_t svma, struct hw_cfi_fde *fde);

/* The same without checking the instructions, for who checks while running them; and what .eh_frame does not cover is
 * looked for in .debug_frame, which is all that Go writes. No allocation. */
enum hw_cfi_found hw_cfi_find_rows(const struct hw_cfi *cfi, uint64_t svma, struct hw_cfi_rows *rows);

/* Wait until nothing is pending any more: for engines that only serve to compare. */
void hw_cfi_wait(const struct hw_cfi *cfi);

/* Are there no rules for hw_cfi_find? */
static inline bool hw_cfi_is_empty(const struct hw_cfi *cfi)
{
	return !cfi->table_count && !cfi->index;
}

/* And none for hw_cfi_find_rows? */
static inline bool hw_cfi_has_no_rows(const struct hw_cfi *cfi)
{
	return hw_cfi_is_empty(cfi) && !cfi->debug_index;
}

#endif
