/* Where functions start and end by the unwind tables, which even stripped files keep. */
#ifndef HW_DSO_FDE_RANGE_H
#define HW_DSO_FDE_RANGE_H

#include "dso/elf.h"

/* The function that covers an address: [start, limit), by the binary search table of .eh_frame_hdr and the range in
 * the FDE it leads to. False when there is no table, when the FDE does not cover the address, or when either is
 * broken. Format: LSB Core 5.0, 10.6 "Exception Frames"; table sorted, DW_EH_PE_datarel | DW_EH_PE_sdata4, the only
 * form GNU ld, gold, lld and mold write. */
bool hw_fde_range(const struct hw_elf *elf, uint64_t svma, uint64_t *start_svma, uint64_t *limit_svma);

#endif
