/* gzip (RFC 1952), whole buffers at a time. */
#ifndef HW_FORMAT_GZIP_H
#define HW_FORMAT_GZIP_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>

/* Do these bytes start like a gzip stream? */
bool hw_gzip_probe(const void *data, size_t size);

/* Append the content of all members to out. More than limit_bytes of it is HW_ERR_LIMIT; a stream that ends
 * early, is damaged, or is followed by other bytes is HW_ERR_FORMAT, each saying so. Memory follows what really
 * comes out, not what the stream claims. */
int hw_gzip_decompress(struct hw_buf *out, const void *data, size_t size, uint64_t limit_bytes,
		       struct hw_err *err) HW_CHECKED;

/* Append one member with these bytes: no name, no time, so that the same bytes give the same bytes. Fails only
 * for want of memory. */
int hw_gzip_compress(struct hw_buf *out, const void *data, size_t size, struct hw_err *err) HW_CHECKED;

#endif
