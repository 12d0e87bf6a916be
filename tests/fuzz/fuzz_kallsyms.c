/* Text that claims to be /proc/kallsyms. */
#include "dso/kallsyms.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hw_kallsyms kallsyms;
	struct hw_buf text = { 0 };

	hw_buf_add(&text, data, size);
	hw_kallsyms_parse(&kallsyms, &text);
	for (size_t i = 0; i < kallsyms.symbols.count; i++) {
		const struct hw_kernel_symbol *s = &kallsyms.symbols.at[i];
		const char *name = hw_kallsyms_text(&kallsyms, s->name);

		if (!*name || strlen(name) > size || (i && s->avma <= s[-1].avma) ||
		    hw_kallsyms_find(&kallsyms, s->avma) != s)
			abort();
		if (s->module != HW_KALLSYMS_NO_MODULE &&
		    strlen(hw_kallsyms_text(&kallsyms, s->module)) > size)
			abort();
	}
	hw_kallsyms_fini(&kallsyms);
	return 0;
}
