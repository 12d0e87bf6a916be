#include "terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

/* The locale's encoding, by the rules of setlocale(3): LC_ALL, else LC_CTYPE, else LANG. */
static bool locale_is_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < HW_COUNT_OF(names); i++) {
		const char *value = getenv(names[i]);

		if (value && value[0])
			return strcasestr(value, "UTF-8") || strcasestr(value, "utf8");
	}
	return false;
}

size_t hw_terminal_width(int fd)
{
	struct winsize size = { 0 };

	return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

void hw_terminal_say(const char *kind, const char *text)
{
	HW_AUTO(hw_buf_fini) struct hw_buf line = { 0 };

	hw_buf_printf(&line, "hwprof: %s", kind);
	hw_buf_printable(&line, text);
	(void)fprintf(stderr, "%s\n", hw_buf_str(&line));
}

int hw_terminal_style(struct hw_style *style, const char *when, struct hw_err *err)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");
	const bool terminal = isatty(STDOUT_FILENO);

	if (!when)
		when = "auto";
	if (strcmp(when, "always") != 0 && strcmp(when, "never") != 0 && strcmp(when, "auto") != 0)
		return hw_err_set(err, HW_ERR_USAGE, "--color: '%s' is none of auto, always, never", when);
	style->color = strcmp(when, "always") == 0 ||
		       (strcmp(when, "auto") == 0 && terminal && !(no_color && no_color[0]) &&
			!(term && strcmp(term, "dumb") == 0));
	style->utf8 = locale_is_utf8();
	style->width = (unsigned)hw_terminal_width(STDOUT_FILENO);
	return 0;
}
