/* /proc/PID/maps, comm and task, for processes that were there before the recording. */
#ifndef HW_PROCESS_PROC_MAPS_H
#define HW_PROCESS_PROC_MAPS_H

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

#include <stdbool.h>
#include <sys/types.h>

/* One line of /proc/PID/maps. */
struct hw_proc_map {
	uint64_t start_avma, limit_avma, file_foff;
	uint32_t prot; /* PROT_* */
	uint32_t major, minor;
	uint64_t inode;
	char path[4096]; /* octal escapes undone, " (deleted)" kept; "" for anonymous memory */
};

/* Next line of the text; 1 with *map, 0 at the end, -1 with HW_ERR_FORMAT for a line that is none
 * (the cursor then stands behind it). Format: proc(5), /proc/pid/maps. */
int hw_proc_map_next(struct hw_bytes *text, struct hw_proc_map *map, struct hw_err *err) HW_CHECKED;

/* Thread ids of a process, ascending, appended to tids. -1 when the process is gone. */
int hw_proc_tids(pid_t pid, pid_t **tids, size_t *count, struct hw_err *err) HW_CHECKED;

/* Process ids of all there are, ascending, appended to pids. */
int hw_proc_pids(pid_t **pids, size_t *count, struct hw_err *err) HW_CHECKED;

/* Thread group of a thread, or -1 with err (HW_ERR_TARGET) when there is no such thread. */
pid_t hw_proc_tgid(pid_t tid, struct hw_err *err);

/* Does the process, or the thread, still run? Not one that only waits for its parent to take its exit status. */
bool hw_proc_is_running(pid_t id);

/* Processes whose name (comm) or executable's file name is `name`, except ourselves; ascending. */
int hw_proc_find_by_name(const char *name, pid_t **pids, size_t *count, struct hw_err *err) HW_CHECKED;

#endif
