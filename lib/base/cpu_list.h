/* Lists of CPUs, as typed and as the kernel writes them. */
#ifndef HW_BASE_CPU_LIST_H
#define HW_BASE_CPU_LIST_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

/* "0,2-3" (cpuset(7), "List format") -> ascending, without duplicates; the caller frees *cpus. */
int hw_cpu_list_parse(int **cpus, size_t *count, const char *text, struct hw_err *err) HW_CHECKED;

/* Is the CPU in such a list? False for what is none. */
bool hw_cpu_list_has(const char *text, int cpu);

/* Those of `wanted` that are in `there` as well; all three ascend. The caller frees *both. */
void hw_cpu_list_intersect(int **both, size_t *count, const int *wanted, size_t wanted_count,
			   const int *there, size_t there_count);

/* -1 with HW_ERR_USAGE when one of the CPUs (ascending) is not online. */
int hw_cpu_list_check_online(const int *cpus, size_t count, struct hw_err *err) HW_CHECKED;

/* The CPUs that are online. The caller frees *cpus. */
int hw_cpu_list_online(int **cpus, size_t *count, struct hw_err *err) HW_CHECKED;

#endif
