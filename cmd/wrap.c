#include "wrap.h"

#include <stdbool.h>

void hw_wrap_print(struct hw_buf *out, const char *text, size_t at, size_t indent, size_t width)
{
	bool line_empty = true;

	while (*text) {
		const size_t length = strcspn(text, " ");

		if (!line_empty && at + 1 + length > width) {
			hw_buf_printf(out, "\n%*s", (int)indent, "");
			at = indent;
			line_empty = true;
		}
		if (!line_empty) {
			hw_buf_text(out, " ");
			at++;
		}
		hw_buf_add(out, text, length);
		at += length;
		line_empty = false;
		text += length;
		text += strspn(text, " ");
	}
	hw_buf_text(out, "\n");
}
