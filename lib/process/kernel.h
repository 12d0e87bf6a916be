/* The kernel's own mappings: image, modules, and the vdso it puts into every process. */
#ifndef HW_PROCESS_KERNEL_H
#define HW_PROCESS_KERNEL_H

#include "process/mapping.h"

/* Add the kernel image (from /proc/kallsyms: _stext to _etext) as "[kernel.kallsyms]" and the modules
 * (/proc/modules) as "[NAME]". Adds nothing when kptr_restrict hides the addresses. */
void hw_kernel_mappings(struct hw_mappings *mappings, struct hw_dso_table *dsos);

/* Give the vdso's DSO its bytes, read from our own memory (where /proc/self/maps has it): same kernel,
 * same vdso. */
void hw_kernel_load_vdso(struct hw_dso *dso);

#endif
