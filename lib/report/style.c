#include "report/style.h"

#include "base/units.h"

#include <math.h>

static const char *const inks[] = {
	[HW_INK_HEADING] = "\033[1m", [HW_INK_DIM] = "\033[2m",	    [HW_INK_HOT] = "\033[1;31m",
	[HW_INK_WARM] = "\033[33m",   [HW_INK_KERNEL] = "\033[35m", [HW_INK_WARNING] = "\033[1;33m",
	[HW_INK_GOOD] = "\033[32m",
};

void hw_style_begin(struct hw_buf *out, const struct hw_style *style, enum hw_ink ink)
{
	if (style->color)
		hw_buf_text(out, inks[ink]);
}

void hw_style_end(struct hw_buf *out, const struct hw_style *style)
{
	if (style->color)
		hw_buf_text(out, "\033[0m");
}

/* Does a character begin here? UTF-8 continues with 10xxxxxx. */
static bool begins_character(char c)
{
	return ((unsigned char)c & 0xc0) != 0x80;
}

size_t hw_style_columns(const char *text)
{
	size_t columns = 0;

	for (; *text; text++)
		columns += begins_character(*text);
	return columns;
}

/* Where the character number `column` of a text begins. */
static const char *character_at(const char *text, size_t column)
{
	for (; *text; text++)
		if (begins_character(*text) && column-- == 0)
			break;
	return text;
}

size_t hw_style_name(struct hw_buf *out, const struct hw_style *style, const char *text, size_t width)
{
	const char *ellipsis = style->utf8 ? "\xe2\x80\xa6" : "..";
	const size_t ellipsis_columns = style->utf8 ? 1 : 2;
	struct hw_buf name = { 0 };
	size_t columns;

	hw_buf_printable(&name, text);
	columns = hw_style_columns(hw_buf_str(&name));
	if (!width || columns <= width || width <= ellipsis_columns) {
		hw_buf_add(out, hw_buf_str(&name), name.size);
	} else {
		const size_t kept = width - ellipsis_columns;
		const size_t front = kept - kept / 2;

		hw_buf_add(out, name.data, (size_t)(character_at(name.data, front) - name.data));
		hw_buf_text(out, ellipsis);
		hw_buf_text(out, character_at(name.data, columns - kept / 2));
		columns = width;
	}
	hw_buf_fini(&name);
	return columns;
}

void hw_style_value(struct hw_buf *out, int64_t value, const char *unit, int width)
{
	struct hw_buf text = { 0 };

	/* Zero needs no unit; tables have many. */
	if (value)
		hw_print_value(&text, value, unit);
	else
		hw_buf_text(&text, "0");
	hw_buf_printf(out, "%*s", width, hw_buf_str(&text));
	hw_buf_fini(&text);
}

void hw_style_share(struct hw_buf *out, const struct hw_style *style, double share, int width)
{
	const bool hot = fabs(share) >= 0.10;
	const bool warm = fabs(share) >= 0.01;

	hw_style_begin(out, style, hot ? HW_INK_HOT : warm ? HW_INK_WARM : HW_INK_DIM);
	hw_buf_printf(out, "%*.2f%%", width - 1, share * 100);
	hw_style_end(out, style);
}
