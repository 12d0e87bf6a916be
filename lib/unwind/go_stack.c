#include "unwind/go_stack.h"

#include <elf.h>

#define ROOTS_MAX 32

/* rt0_go to clone: nobody called them. mcall, systemstack, morestack, asmcgocall: called on a goroutine's stack, they
 * call on the thread's. The signal trampoline: handlers run on a stack of their own. */
static const char *const roots[] = {
	"runtime.rt0_go",    "runtime.mstart",	   "runtime.goexit",
	"runtime.clone",     "runtime.mcall",	   "runtime.systemstack",
	"runtime.morestack", "runtime.asmcgocall", "runtime.sigreturn__sigaction",
};

static bool is_root_name(const char *name)
{
	for (size_t i = 0; i < HW_COUNT_OF(roots); i++) {
		const size_t length = strlen(roots[i]);

		/* Functions in assembler have their calling convention behind the name. */
		if (strncmp(name, roots[i], length) == 0 &&
		    (!name[length] || strcmp(name + length, ".abi0") == 0))
			return true;
	}
	return false;
}

static const char *text_at(struct hw_bytes strings, uint32_t offset)
{
	hw_bytes_take(&strings, offset);
	return hw_bytes_text(&strings);
}

static void keep(struct hw_go_stack *go, const Elf64_Sym *symbol, struct hw_bytes strings)
{
	struct hw_go_function function = { .start_svma = symbol->st_value };

	if (ELF64_ST_TYPE(symbol->st_info) != STT_FUNC || go->roots.count == ROOTS_MAX ||
	    __builtin_add_overflow(symbol->st_value, symbol->st_size, &function.limit_svma))
		return;
	if (is_root_name(text_at(strings, symbol->st_name)))
		hw_vec_push(&go->roots, function);
}

void hw_go_stack_init(struct hw_go_stack *go, const struct hw_elf *elf)
{
	const struct hw_elf_section *table = hw_elf_find_section(elf, ".symtab");
	struct hw_bytes symbols;
	struct hw_bytes strings;

	*go = (struct hw_go_stack){ 0 };
	if (!hw_elf_find_section(elf, ".gopclntab") || !table || table->link >= elf->section_count)
		return;
	symbols = hw_elf_section_bytes(elf, table);
	strings = hw_elf_section_bytes(elf, &elf->sections[table->link]);
	while (hw_bytes_left(&symbols) >= sizeof(Elf64_Sym)) {
		Elf64_Sym symbol;

		memcpy(&symbol, hw_bytes_take(&symbols, sizeof symbol), sizeof symbol);
		keep(go, &symbol, strings);
	}
}

void hw_go_stack_fini(struct hw_go_stack *go)
{
	hw_vec_fini(&go->roots);
}

bool hw_go_stack_is_root(const struct hw_go_stack *go, uint64_t svma)
{
	for (size_t i = 0; i < go->roots.count; i++) {
		const struct hw_go_function *function = &go->roots.at[i];

		/* A signal's trampoline was never called: the handler returns to its first byte. */
		if (svma + 1 >= function->start_svma && svma + 1 < function->limit_svma)
			return true;
	}
	return false;
}
