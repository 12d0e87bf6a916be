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

int hw_terminal_style(struct hw_style *style, const char *when, struct hw_err *err)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");
	const bool terminal = isatty(STDOUT_FILENO);
	struct winsize size = { 0 };

	if (!when)
		when = "auto";
	if (strcmp(when, "always") != 0 && strcmp(when, "never") != 0 && strcmp(when, "auto") != 0)
		return hw_err_set(err, HW_ERR_USAGE, "--color: '%s' is none of auto, always, never", when);
	style->color = strcmp(when, "always") == 0 ||
		       (strcmp(when, "auto") == 0 && terminal && !(no_color && no_color[0]) &&
			!(term && strcmp(term, "dumb") == 0));
	style->utf8 = locale_is_utf8();
	style->width = 0;
	if (terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
		style->width = size.ws_col;
	return 0;
}
