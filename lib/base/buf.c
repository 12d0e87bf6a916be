#include "base/buf.h"

#include <stdarg.h>
#include <stdbool.h>

void hw_buf_fini(struct hw_buf *buf)
{
	free(buf->data);
	*buf = (struct hw_buf){ 0 };
}

char *hw_buf_reserve(struct hw_buf *buf, size_t more)
{
	if (buf->size + more + 1 > buf->capacity) {
		size_t capacity = buf->capacity ? buf->capacity * 2 : 256;

		while (capacity < buf->size + more + 1)
			capacity *= 2;
		buf->data = hw_realloc(buf->data, capacity, 1);
		buf->capacity = capacity;
	}
	return buf->data + buf->size;
}

void hw_buf_add(struct hw_buf *buf, const void *data, size_t size)
{
	char *to = hw_buf_reserve(buf, size);

	if (size)
		memcpy(to, data, size);
	buf->size += size;
	buf->data[buf->size] = '\0';
}

void hw_buf_text(struct hw_buf *buf, const char *text)
{
	hw_buf_add(buf, text, strlen(text));
}

void hw_buf_printf(struct hw_buf *buf, const char *format, ...)
{
	va_list args;
	va_list again;
	int length;

	va_start(args, format);
	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (length > 0) {
		char *to = hw_buf_reserve(buf, (size_t)length);

		(void)vsnprintf(to, (size_t)length + 1, format, again);
		buf->size += (size_t)length;
	}
	va_end(again);
}

/* RFC 3629 section 4. */
size_t hw_utf8_length(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	const unsigned char first = p[0];
	size_t length;

	if (first < 0x80)
		return first >= 0x20 && first != 0x7f;
	if (first >= 0xc2 && first <= 0xdf)
		length = 2;
	else if ((first & 0xf0) == 0xe0)
		length = 3;
	else if (first >= 0xf0 && first <= 0xf4)
		length = 4;
	else
		return 0;
	for (size_t i = 1; i < length; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((first == 0xc2 && p[1] < 0xa0) || (first == 0xe0 && p[1] < 0xa0) ||
	    (first == 0xed && p[1] > 0x9f) || (first == 0xf0 && p[1] < 0x90) ||
	    (first == 0xf4 && p[1] > 0x8f))
		return 0;
	return length;
}

void hw_buf_printable(struct hw_buf *buf, const char *text)
{
	const char *p = text;

	while (*p) {
		const size_t length = hw_utf8_length(p);

		if (length)
			hw_buf_add(buf, p, length);
		else
			hw_buf_printf(buf, "\\x%02x", (unsigned char)*p);
		p += length ? length : 1;
	}
}
