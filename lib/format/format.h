/* File formats: one table of name, endings, reader, writer. */
#ifndef HW_FORMAT_FORMAT_H
#define HW_FORMAT_FORMAT_H

#include "base/file.h"
#include "profile/profile.h"

struct hw_format {
	const char *name;	    /* as in --format */
	const char *const *endings; /* file name endings that choose it, NULL-terminated */
	/* Could these bytes be this format? Looks at the start only. */
	bool (*probe)(const void *data, size_t size);
	/* NULL where a format can only be written. The result has passed hw_profile_check. */
	struct hw_profile *(*decode)(const void *data, size_t size, struct hw_err *err);
	/* NULL where a format can only be read. Appends to out; deterministic. */
	int (*encode)(struct hw_buf *out, const struct hw_profile *profile, struct hw_err *err);
};

/* All formats, NULL-terminated, in the order they are probed. */
extern const struct hw_format *const hw_formats[];

/* By name, or NULL. */
const struct hw_format *hw_format_find(const char *name);
/* By the ending of a file name, or NULL. */
const struct hw_format *hw_format_of_path(const char *path);

/* Read any known profile, gzip'd or not; "-" is stdin. NULL with err: HW_ERR_INPUT when it cannot be read,
 * HW_ERR_FORMAT naming what is wrong with it (empty, truncated, corrupt, of no known format). Bounds: 4 GiB of
 * input or of decompressed data. */
struct hw_profile *hw_format_read(const char *path, struct hw_err *err) HW_CHECKED;

/* Encode into an output opened by the caller, who commits it. */
int hw_format_write(struct hw_output *output, const struct hw_format *format,
		    const struct hw_profile *profile, struct hw_err *err) HW_CHECKED;

#endif
