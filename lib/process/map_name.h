/* What the kernel's name of a mapping stands for: a file, the vdso, or memory without a file. */
#ifndef HW_PROCESS_MAP_NAME_H
#define HW_PROCESS_MAP_NAME_H

#include "dso/dso.h"

/* Kind of DSO a user-space mapping of this name is (MMAP2 record or /proc/PID/maps): HW_DSO_FILE, _VDSO or
 * _ANON. Names of memory without a file: "", "//anon", "[heap]", "[stack]", "[anon:x]", "[vsyscall]",
 * "/memfd:x (deleted)", "/dev/zero (deleted)", "anon_inode:x", "/anon_hugepage (deleted)", "/SYSV00000000
 * (deleted)" (perf_event_mmap_event() in kernel/events/core.c, proc(5)). */
enum hw_dso_kind hw_map_name_kind(const char *name);

/* One name for plain anonymous memory, "//anon", which the kernel calls "//anon" in records and "" or, when the program
 * gave it a name by prctl(PR_SET_VMA), "[anon:x]" in /proc/PID/maps; other names as they are. */
const char *hw_map_name_plain(const char *name);

/* Length of the path without the " (deleted)" that d_path() puts behind the name of an unlinked file. */
size_t hw_map_name_length(const char *name);

#endif
