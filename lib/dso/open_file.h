/* Opening files that others named: only regular ones, and without waiting for anything. */
#ifndef HW_DSO_OPEN_FILE_H
#define HW_DSO_OPEN_FILE_H

#include "base/alloc.h"

#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

/* Open for reading; the descriptor, or -1 with errno. What is no regular file is not opened at all (a FIFO would
 * wait, opening a device may act) and fails with HW_OPEN_NOT_REGULAR. */
int hw_open_regular(const char *path) HW_CHECKED;

/* The same with the path, and the symlinks on it, taken in the directory root_fd as if it were "/". */
int hw_open_regular_under(int root_fd, const char *path) HW_CHECKED;

#define HW_OPEN_NOT_REGULAR EISDIR
/* errno of the two in words. */
const char *hw_open_error(int sys_errno);

uint32_t hw_stat_major(const struct stat *st);
uint32_t hw_stat_minor(const struct stat *st);

#endif
