#include "dso/names.h"

#include "dso/symtab.h"

struct hw_names {
	const struct hw_elf *elf; /* borrowed */
	struct hw_symtab symtab;
};

struct hw_names *hw_names_new(const struct hw_elf *elf, const char *path)
{
	struct hw_names *names = hw_alloc(1, sizeof *names);

	(void)path;
	names->elf = elf;
	hw_symtab_init(&names->symtab, elf, NULL, NULL);
	return names;
}

void hw_names_free(struct hw_names *names)
{
	if (!names)
		return;
	hw_symtab_fini(&names->symtab);
	free(names);
}

void hw_names_resolve(struct hw_names *names, const uint64_t *foffs, size_t count, struct hw_answer_writer *writer)
{
	const struct hw_symbol *last = NULL;
	struct hw_source_frame frame = { 0 };

	writer->answer->has_functions = names->symtab.symbols.count > 0;
	for (size_t i = 0; i < count; i++) {
		const struct hw_symbol *symbol = NULL;
		uint64_t svma;

		hw_answer_next(writer);
		if (hw_elf_svma_of_foff(names->elf, foffs[i], &svma))
			symbol = hw_symtab_find(&names->symtab, svma);
		if (!symbol)
			continue;
		if (!last || symbol->name != last->name)
			hw_answer_name(writer, &frame, symbol->name);
		last = symbol;
		hw_answer_frame(writer, &frame);
	}
}
