/* Text in lines. */
#ifndef HW_CMD_WRAP_H
#define HW_CMD_WRAP_H

#include "base/buf.h"

/* Append the words of text in lines of at most width columns, from column `at`; later lines start at column indent. A
 * word longer than a line gets one of its own. Ends with a newline. A byte counts as a column. */
void hw_wrap_print(struct hw_buf *out, const char *text, size_t at, size_t indent, size_t width);

#endif
