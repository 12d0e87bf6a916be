/* A growing run of bytes or text. Zeroed is empty; data stays NUL-terminated once something was added. */
#ifndef HW_BASE_BUF_H
#define HW_BASE_BUF_H

#include "base/alloc.h"

#include <stdint.h>

struct hw_buf {
	char *data;
	size_t size;
	size_t capacity;
};

void hw_buf_fini(struct hw_buf *buf);

/* Room for `more` further bytes; returns where they go. The caller adds to size what it used. */
char *hw_buf_reserve(struct hw_buf *buf, size_t more);

void hw_buf_add(struct hw_buf *buf, const void *data, size_t size);
void hw_buf_text(struct hw_buf *buf, const char *text);
void hw_buf_printf(struct hw_buf *buf, const char *format, ...) HW_PRINTF(2, 3);

/* The text, or "" when nothing was added. */
static inline const char *hw_buf_str(const struct hw_buf *buf)
{
	return buf->data ? buf->data : "";
}

/* Bytes of the well-formed UTF-8 character at text (RFC 3629), 0 when there is none or it is a control character
 * (C0, DEL, C1). */
size_t hw_utf8_length(const char *text);

/* Append text so that a terminal may show it: control characters, DEL and broken UTF-8 become \xNN. */
void hw_buf_printable(struct hw_buf *buf, const char *text);

#endif
