#include "base/log.h"

#include <stdarg.h>

bool hw_log_on(const char *domain)
{
	const char *list = getenv("HWPROF_DEBUG");
	const size_t length = strlen(domain);

	while (list && *list) {
		const size_t word = strcspn(list, ",");

		if ((word == length && strncmp(list, domain, length) == 0) ||
		    (word == 3 && strncmp(list, "all", 3) == 0))
			return true;
		list += word + (list[word] == ',');
	}
	return false;
}

void hw_log(const char *domain, const char *format, ...)
{
	va_list args;

	if (!hw_log_on(domain))
		return;
	fprintf(stderr, "hwprof[%s]: ", domain);
	va_start(args, format);
	(void)vfprintf(stderr, format, args);
	va_end(args);
	(void)fputc('\n', stderr);
}
