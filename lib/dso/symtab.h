/* Function symbols of a file: which one an address lies in. */
#ifndef HW_DSO_SYMTAB_H
#define HW_DSO_SYMTAB_H

#include "base/arena.h"
#include "base/vec.h"
#include "dso/elf.h"

#include <stdbool.h>
#include <stdint.h>

/* Code [start, limit) belongs to one function. Ranges are ascending and never overlap. */
struct hw_symbol {
	uint64_t start_svma;
	uint64_t limit_svma;
	uint64_t
		entry_svma; /* the symbol's own value: below start when a nested symbol cuts the function in two */
	const char *name; /* as in the symbol table, without "@VERSION" */
};

struct hw_symtab {
	HW_VEC(struct hw_symbol) symbols;
	struct hw_arena texts;
};

/* How good a name is for people, when several symbols have the same address: < 0 when a is better. Exported
 * (global or weak) before local; fewer leading underscores; global before weak; shorter; alphabetical. So libc's
 * write is "write", not "__write" or "__GI___libc_write". Bindings are STB_*. */
int hw_symbol_name_compare(const char *a, unsigned a_binding, const char *b, unsigned b_binding);

/* Read the functions of the files, any of which may be NULL: .symtab of the debug file or else of the file itself,
 * or else .dynsym with the .symtab of the minidebuginfo; and the PLT entries, named "malloc@plt". Sized functions
 * and IFUNCs come before symbols without size, which reach to the next symbol or the end of their section; a symbol
 * inside another takes its part out of it. Sections, mapping symbols ($x, $d), local labels and data are left out.
 * Names are borrowed from the files' images. Format: gABI "Symbol Table". Broken parts are skipped. */
void hw_symtab_init(struct hw_symtab *symtab, const struct hw_elf *file, const struct hw_elf *debug,
		    const struct hw_elf *minidebug);
void hw_symtab_fini(struct hw_symtab *symtab);

/* The symbol an address lies in, or NULL. */
const struct hw_symbol *hw_symtab_find(const struct hw_symtab *symtab, uint64_t svma);

#endif
