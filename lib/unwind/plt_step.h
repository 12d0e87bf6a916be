/* One step out of an entry of the procedure linkage table that no CFI describes. */
#ifndef HW_UNWIND_PLT_STEP_H
#define HW_UNWIND_PLT_STEP_H

#include "unwind/walk.h"

/* On AArch64 linkers write no CFI for .plt, where calls of other libraries pass through. An entry is known by its
 * instructions (binutils, elfNN_aarch64_small_plt_entry and its BTI and PAC variants); it touches neither the link
 * register nor, but for the first entry, the stack, so that the caller is where x30 says. Adds the caller and returns
 * true when the sampled instruction is in an entry; otherwise false, with *end as it was or why the caller is none. On
 * x86-64 linkers write CFI; false. */
bool hw_plt_step(struct hw_walk *walk, enum hw_stack_end *end);

#endif
