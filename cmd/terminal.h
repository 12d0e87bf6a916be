/* What people see: how output looks where it goes, and messages. */
#ifndef HW_CMD_TERMINAL_H
#define HW_CMD_TERMINAL_H

#include "base/err.h"
#include "report/style.h"

/* Columns of the terminal; 0 when the descriptor is none. */
size_t hw_terminal_width(int fd);

/* A message on stderr, "hwprof: KIND" ("note: ", "" for none) and the text, which may hold any bytes. */
void hw_terminal_say(const char *kind, const char *text);

/* The row of an option table for colours; `field` is a const char * of the options struct. */
#define COLOR_OPTION(type, field)                                                                         \
	{                                                                                                 \
		"color", 0, "WHEN", HW_OPT_TEXT, offsetof(type, field),                                   \
			"colours auto, always or never (default auto: on a terminal, unless NO_COLOR is " \
			"set)"                                                                            \
	}

/* Set colours by when ("auto", "always", "never"; NULL = auto), characters by the locale, and the width: the terminal's,
 * or 0 (as wide as the text) where stdout is none. -1 with HW_ERR_USAGE for any other word. */
int hw_terminal_style(struct hw_style *style, const char *when, struct hw_err *err) HW_CHECKED;

#endif
