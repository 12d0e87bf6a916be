/* The kernel's own mappings: image, modules, and the vdso it puts into every process. */
#ifndef HW_PROCESS_KERNEL_H
#define HW_PROCESS_KERNEL_H

#include "process/mapping.h"

/* Add the kernel, all of its half of the address space, as "[kernel.kallsyms]" and in it the modules (/proc/modules) as
 * "[NAME]", unless kptr_restrict hides where they are. */
void hw_kernel_mappings(struct hw_mappings *mappings, struct hw_dso_table *dsos);

/* Give the vdso's DSO its bytes, read from our own memory (where /proc/self/maps has it): same kernel,
 * same vdso. */
void hw_kernel_load_vdso(struct hw_dso *dso);

#endif
