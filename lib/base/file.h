/* Files: read whole and bounded, written whole and safely. */
#ifndef HW_BASE_FILE_H
#define HW_BASE_FILE_H

#include "base/buf.h"
#include "base/err.h"

#include <stdint.h>

/* Append the file's bytes (of stdin for "-") to buf. More than limit_bytes is HW_ERR_LIMIT. Works on pipes and
 * on /proc, whose sizes are not known beforehand; restarts after EINTR. */
int hw_file_read(struct hw_buf *buf, const char *path, uint64_t limit_bytes, struct hw_err *err) HW_CHECKED;

/* The same from an open descriptor; name is what errors call it. */
int hw_file_read_fd(struct hw_buf *buf, int fd, const char *name, uint64_t limit_bytes, struct hw_err *err)
	HW_CHECKED;

/* The same of a regular file only: anything else (a FIFO, which would wait for a writer, a device, a folder) is
 * refused. There is no "-". */
int hw_file_read_regular(struct hw_buf *buf, const char *path, uint64_t limit_bytes, struct hw_err *err)
	HW_CHECKED;

/* First line of a small file (a /proc or /sys value) without its newline, into a fixed array.
 * Returns 0, or -1 when it cannot be read (errno says why). */
int hw_file_read_line(char *line, size_t size, const char *path) HW_CHECKED;

/* An output that replaces its path only when it is complete: bytes go to a new file with mode 0600 beside it
 * (created exclusively), which commit renames. Never follows or replaces a symlink. "-" is stdout. */
struct hw_output {
	int fd; /* -1 when closed */
	uint64_t written_bytes;
	char *path;	/* owned */
	char *tmp_path; /* owned; NULL for stdout or a path that is not a regular file (/dev/null, a pipe) */
};

/* Open early, so that a path that cannot be written is known before any work is done. Refused with
 * HW_ERR_OUTPUT: a directory, a symlink, a missing or unwritable folder. */
int hw_output_open(struct hw_output *output, const char *path, struct hw_err *err) HW_CHECKED;
int hw_output_write(struct hw_output *output, const void *data, size_t size, struct hw_err *err) HW_CHECKED;
/* Flush, close and rename into place. The output is closed whatever happens. */
int hw_output_commit(struct hw_output *output, struct hw_err *err) HW_CHECKED;
/* Close and remove what was not committed. Accepts a zeroed or committed output. */
void hw_output_fini(struct hw_output *output);

#endif
