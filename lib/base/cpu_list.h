/* Lists of CPUs, as typed and as the kernel writes them. */
#ifndef HW_BASE_CPU_LIST_H
#define HW_BASE_CPU_LIST_H

#include "base/err.h"

/* "0,2-3" (cpuset(7), "List format") -> ascending, without duplicates; the caller frees *cpus. */
int hw_cpu_list_parse(int **cpus, size_t *count, const char *text, struct hw_err *err) HW_CHECKED;

/* The CPUs that are online. The caller frees *cpus. */
int hw_cpu_list_online(int **cpus, size_t *count, struct hw_err *err) HW_CHECKED;

#endif
