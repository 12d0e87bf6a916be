/* An index over a section's frame description entries, for files that bring none along: .eh_frame without .eh_frame_hdr,
 * and every .debug_frame. A large one is made beside, by a thread of its own, so that reading a million entries holds up
 * nobody: who asks meanwhile is told that the answer is not known yet. */
#ifndef HW_UNWIND_CFI_INDEX_H
#define HW_UNWIND_CFI_INDEX_H

#include "dso/elf.h"
#include "unwind/cfi_entry.h"

struct hw_cfi_index; /* lib/unwind/cfi_index.c */

/* Begin the index of .eh_frame, whose bytes are borrowed until it is freed. base_svma: the lowest address of the file's
 * segments. Never NULL: of a section that makes no sense the index is empty. */
struct hw_cfi_index *hw_cfi_index_new(const struct hw_cfi_section *section, uint64_t base_svma);
/* Likewise, of a file's .debug_frame, unpacked on the way where it is compressed. */
struct hw_cfi_index *hw_cfi_index_new_debug_frame(const struct hw_elf *elf,
						  const struct hw_elf_section *section, uint64_t base_svma);
/* Ends its thread, which may take as long as unpacking the section. */
void hw_cfi_index_free(struct hw_cfi_index *index);

enum hw_cfi_indexed {
	HW_CFI_INDEXED,
	HW_CFI_NOT_INDEXED, /* no entry begins at or below the address */
	HW_CFI_NOT_YET,	    /* the index is still being made */
};

/* The address of the FDE of the last function that starts at or below svma; whether it reaches that far is left to the
 * caller. While the index is being made, waits for it, but in all its life no longer than HW_CFI_INDEX_WAIT_NS. Asked by
 * one thread at a time. */
enum hw_cfi_indexed hw_cfi_index_find(struct hw_cfi_index *index, uint64_t svma, uint64_t *fde_svma);

/* Wait until it is made, however long that takes. */
void hw_cfi_index_wait(struct hw_cfi_index *index);

/* The section's bytes, as unpacked. Once something was found. Borrowed from the index. */
const struct hw_cfi_section *hw_cfi_index_section(const struct hw_cfi_index *index);

/* Rings hold what comes in 50 ms at least (record/recorder.c), unless locked memory is short: then a pause this long may
 * lose samples, which are counted. */
#define HW_CFI_INDEX_WAIT_NS UINT64_C(40000000)

#endif
