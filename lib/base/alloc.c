#include "base/alloc.h"

#include <stdarg.h>
#include <stdint.h>
#include <unistd.h>

static void out_of_memory(size_t count, size_t size)
{
	fprintf(stderr, "hwprof: out of memory (%zu x %zu bytes)\n", count, size);
	exit(125);
}

void *hw_alloc(size_t count, size_t size)
{
	void *block = calloc(count ? count : 1, size ? size : 1);

	if (!block)
		out_of_memory(count, size);
	return block;
}

void *hw_realloc(void *block, size_t count, size_t size)
{
	size_t bytes = 0;
	void *grown = NULL;

	if (!__builtin_mul_overflow(count, size, &bytes))
		grown = realloc(block, bytes ? bytes : 1);
	if (!grown)
		out_of_memory(count, size);
	return grown;
}

char *hw_strdup(const char *text)
{
	return hw_strndup(text, strlen(text));
}

char *hw_strndup(const char *text, size_t length)
{
	char *copy = hw_alloc(length + 1, 1);

	memcpy(copy, text, length);
	return copy;
}

char *hw_asprintf(const char *format, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		out_of_memory(1, strlen(format));
	va_end(args);
	return text;
}

void hw_copy_text(char *to, size_t size, const char *text)
{
	size_t length = strnlen(text, size - 1);

	memcpy(to, text, length);
	to[length] = '\0';
}

void hw_freep(void *pointer_to_block)
{
	void **block = pointer_to_block;

	free(*block);
	*block = NULL;
}

void hw_closep(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}
