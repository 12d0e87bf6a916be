/* How a report looks where it goes: colours, width, characters. And the small pieces every table is made of. */
#ifndef HW_REPORT_STYLE_H
#define HW_REPORT_STYLE_H

#include "base/buf.h"

#include <stdbool.h>

/* Columns of values and of shares in every table. */
#define HW_VALUE_WIDTH 9
#define HW_SHARE_WIDTH 8

struct hw_style {
	bool color;
	bool utf8;	/* box-drawing characters and the ellipsis may be used */
	unsigned width; /* columns; 0 = as wide as the text */
};

enum hw_ink {
	HW_INK_HEADING,
	HW_INK_DIM,
	HW_INK_HOT,
	HW_INK_WARM,
	HW_INK_KERNEL,
	HW_INK_WARNING,
	HW_INK_GOOD
};

/* Switch to an ink and back; nothing is added without colours (ECMA-48 SGR). */
void hw_style_begin(struct hw_buf *out, const struct hw_style *style, enum hw_ink ink);
void hw_style_end(struct hw_buf *out, const struct hw_style *style);

/* Columns a text takes: its characters. */
size_t hw_style_columns(const char *text);

/* A foreign text, escaped (hw_buf_printable), its middle cut out where it takes more than width columns (0 = all of
 * it): the ends of a C++ name say more. Returns the columns used. */
size_t hw_style_name(struct hw_buf *out, const struct hw_style *style, const char *text, size_t width);

/* Right-aligned in at least width columns: a value in its unit; a share of 1 as a percentage, coloured by size. */
void hw_style_value(struct hw_buf *out, int64_t value, const char *unit, int width);
void hw_style_share(struct hw_buf *out, const struct hw_style *style, double share, int width);

#endif
