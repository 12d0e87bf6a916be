#include "base/err.h"

#include <errno.h>
#include <stdarg.h>

int hw_err_set(struct hw_err *err, enum hw_err_kind kind, const char *format, ...)
{
	va_list args;

	if (!err)
		return -1;
	err->kind = kind;
	err->sys_errno = 0;
	err->hint[0] = '\0';
	va_start(args, format);
	(void)vsnprintf(err->message, sizeof err->message, format, args);
	va_end(args);
	return -1;
}

int hw_err_sys(struct hw_err *err, enum hw_err_kind kind, const char *format, ...)
{
	const int saved = errno;
	va_list args;
	size_t length;

	if (!err)
		return -1;
	err->kind = kind;
	err->sys_errno = saved;
	err->hint[0] = '\0';
	va_start(args, format);
	(void)vsnprintf(err->message, sizeof err->message, format, args);
	va_end(args);
	length = strlen(err->message);
	(void)snprintf(err->message + length, sizeof err->message - length, ": %s", strerror(saved));
	errno = saved;
	return -1;
}

int hw_err_hint(struct hw_err *err, const char *format, ...)
{
	va_list args;

	if (!err)
		return -1;
	va_start(args, format);
	(void)vsnprintf(err->hint, sizeof err->hint, format, args);
	va_end(args);
	return -1;
}

int hw_err_wrap(struct hw_err *err, const char *format, ...)
{
	char tail[sizeof err->message];
	va_list args;
	size_t length;

	if (!err)
		return -1;
	hw_copy_text(tail, sizeof tail, err->message);
	va_start(args, format);
	(void)vsnprintf(err->message, sizeof err->message, format, args);
	va_end(args);
	length = strlen(err->message);
	(void)snprintf(err->message + length, sizeof err->message - length, ": %s", tail);
	return -1;
}
