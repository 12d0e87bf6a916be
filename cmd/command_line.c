#include "command_line.h"

#include "base/buf.h"

#include <stdbool.h>
#include <string.h>

char *command_line_join(char **words)
{
	struct hw_buf text = { 0 };

	for (size_t i = 0; words[i]; i++) {
		const bool plain = words[i][0] && !words[i][strcspn(words[i], " \t\n\"'\\$`*?[]{}()<>|&;#~")];

		hw_buf_text(&text, i ? " " : "");
		if (plain) {
			hw_buf_text(&text, words[i]);
			continue;
		}
		hw_buf_text(&text, "'");
		for (const char *p = words[i]; *p; p++)
			hw_buf_add(&text, *p == '\'' ? "'\\''" : p, *p == '\'' ? 4 : 1);
		hw_buf_text(&text, "'");
	}
	return text.data;
}
