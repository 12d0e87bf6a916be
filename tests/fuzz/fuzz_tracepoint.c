/* tracefs's format files, whatever the bytes. */
#include "event/tracepoint.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = hw_strndup(size ? (const char *)data : "", size);
	struct hw_buf fields = { 0 };

	hw_tracepoint_fields_parse(&fields, text);
	/* Nothing but parts of the text, and a comma and a blank for what is left out between them. */
	if (fields.size > strlen(text) || strchr(hw_buf_str(&fields), ';') ||
	    strchr(hw_buf_str(&fields), '\n'))
		abort();
	hw_buf_fini(&fields);
	free(text);
	return 0;
}
