#include "dso/symtab.h"
#include "tests/lib/elf_builder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>

#define TEXT 0x401000
#define TEXT_SIZE 0x100

static const uint8_t code[TEXT_SIZE];

/* A file with .text at TEXT and this symbol table. */
static struct hw_elf *file_of(const struct elf_symbols *symbols, uint32_t type)
{
	const struct elf_section sections[] = {
		{ .name = ".text",
		  .type = SHT_PROGBITS,
		  .flags = SHF_ALLOC | SHF_EXECINSTR,
		  .vaddr_svma = TEXT,
		  .data = code,
		  .size = sizeof code },
		{ .name = "symbols",
		  .type = type,
		  .data = symbols->entries.data,
		  .size = symbols->entries.size,
		  .link = 3,
		  .entry_size = sizeof(Elf64_Sym) },
		{ .name = "strings",
		  .type = SHT_STRTAB,
		  .data = symbols->strings.data,
		  .size = symbols->strings.size },
		{ .name = ".data",
		  .type = SHT_PROGBITS,
		  .flags = SHF_ALLOC,
		  .vaddr_svma = 0x600000,
		  .data = code,
		  .size = sizeof code },
	};
	const struct elf_segment segment = { PT_LOAD, PF_R | PF_X, 1 };
	struct hw_buf image = { 0 };
	struct hw_elf *elf;

	elf_build(&image, sections, 4, &segment, 1);
	elf = hw_elf_open_bytes(image.data, image.size, "test", NULL);
	assert_non_null(elf);
	hw_buf_fini(&image);
	return elf;
}

static const char *name_at(const struct hw_symtab *symtab, uint64_t svma)
{
	const struct hw_symbol *symbol = hw_symtab_find(symtab, svma);

	return symbol ? symbol->name : "";
}

/* Resolve offsets in .text with this table: names separated by spaces, "-" for none. */
static void assert_names(struct elf_symbols *symbols, const uint64_t *offsets, size_t count,
			 const char *expected)
{
	struct hw_elf *elf = file_of(symbols, SHT_SYMTAB);
	struct hw_buf names = { 0 };
	struct hw_symtab symtab;

	hw_symtab_init(&symtab, elf, NULL, NULL);
	for (size_t i = 0; i < count; i++) {
		const char *name = name_at(&symtab, TEXT + offsets[i]);

		hw_buf_printf(&names, "%s%s", i ? " " : "", *name ? name : "-");
	}
	assert_string_equal(hw_buf_str(&names), expected);
	for (size_t i = 1; i < symtab.symbols.count; i++)
		assert_true(symtab.symbols.at[i - 1].limit_svma <= symtab.symbols.at[i].start_svma);
	hw_symtab_fini(&symtab);
	hw_elf_close(elf);
	hw_buf_fini(&names);
	elf_symbols_fini(symbols);
}

/* A sized function covers its bytes and no more. */
static void sized_functions_end(void **state)
{
	const uint64_t offsets[] = { 0x0f, 0x10, 0x1f, 0x20, 0x30 };
	struct elf_symbols s = { 0 };
	(void)state;

	elf_symbol(&s, "f", STB_GLOBAL, STT_FUNC, 1, TEXT + 0x10, 0x10);
	elf_symbol(&s, "ifunc", STB_GLOBAL, STT_GNU_IFUNC, 1, TEXT + 0x30, 1);
	assert_names(&s, offsets, 5, "- f f - ifunc");
}

/* Without a size a function reaches to the next symbol, the last to the end of its section. */
static void unsized_functions_reach_to_the_next(void **state)
{
	const uint64_t offsets[] = { 0x10, 0x1f, 0x20, 0x2f, 0x30, 0xff };
	struct elf_symbols s = { 0 };
	(void)state;

	elf_symbol(&s, "b", STB_GLOBAL, STT_FUNC, 1, TEXT + 0x20, 0x10);
	elf_symbol(&s, "a", STB_LOCAL, STT_NOTYPE, 1, TEXT + 0x10, 0);
	elf_symbol(&s, "c", STB_LOCAL, STT_FUNC, 1, TEXT + 0x30, 0);
	assert_names(&s, offsets, 6, "a a b b c c");
}

/* A function inside another takes its bytes out of it; a label inside one does not. */
static void inner_functions_cut_the_outer(void **state)
{
	const uint64_t offsets[] = { 0x10, 0x20, 0x27, 0x28, 0x34, 0x4f, 0x50 };
	struct elf_symbols s = { 0 };
	(void)state;

	elf_symbol(&s, "outer", STB_GLOBAL, STT_FUNC, 1, TEXT + 0x10, 0x40);
	elf_symbol(&s, "inner", STB_LOCAL, STT_FUNC, 1, TEXT + 0x20, 8);
	elf_symbol(&s, "label", STB_LOCAL, STT_NOTYPE, 1, TEXT + 0x34, 0);
	assert_names(&s, offsets, 7, "outer inner inner outer outer outer -");
}

/* A piece behind an inner function still knows where its function begins. */
static void pieces_know_their_entry(void **state)
{
	struct elf_symbols s = { 0 };
	struct hw_symtab symtab;
	struct hw_elf *elf;
	(void)state;

	elf_symbol(&s, "outer", STB_GLOBAL, STT_FUNC, 1, TEXT + 0x10, 0x40);
	elf_symbol(&s, "inner", STB_LOCAL, STT_FUNC, 1, TEXT + 0x20, 8);
	elf = file_of(&s, SHT_SYMTAB);
	hw_symtab_init(&symtab, elf, NULL, NULL);
	assert_int_equal(hw_symtab_find(&symtab, TEXT + 0x30)->entry_svma, TEXT + 0x10);
	assert_int_equal(hw_symtab_find(&symtab, TEXT + 0x30)->start_svma, TEXT + 0x28);
	hw_symtab_fini(&symtab);
	hw_elf_close(elf);
	elf_symbols_fini(&s);
}

/* Of several names for one address people get the one they call: as libc's write, which has all of these. */
static void best_alias_is_taken(void **state)
{
	const uint64_t offsets[] = { 0, 0x10 };
	struct elf_symbols s = { 0 };
	(void)state;

	elf_symbol(&s, "__GI___libc_write", STB_LOCAL, STT_FUNC, 1, TEXT, 8);
	elf_symbol(&s, "__write", STB_GLOBAL, STT_FUNC, 1, TEXT, 8);
	elf_symbol(&s, "write@@GLIBC_2.2.5", STB_WEAK, STT_FUNC, 1, TEXT, 8);
	elf_symbol(&s, "unsized", STB_GLOBAL, STT_NOTYPE, 1, TEXT + 0x10, 0);
	elf_symbol(&s, "local_but_sized", STB_LOCAL, STT_FUNC, 1, TEXT + 0x10, 4);
	assert_names(&s, offsets, 2, "write local_but_sized");
}

/* Data, sections, undefined symbols, mapping symbols, local labels and nameless ones name no code. */
static void what_is_no_function_is_left_out(void **state)
{
	const uint64_t offsets[] = { 0 };
	struct elf_symbols s = { 0 };
	(void)state;

	elf_symbol(&s, "object", STB_GLOBAL, STT_OBJECT, 1, TEXT, 8);
	elf_symbol(&s, "section", STB_LOCAL, STT_SECTION, 1, TEXT, 8);
	elf_symbol(&s, "undefined", STB_GLOBAL, STT_FUNC, SHN_UNDEF, TEXT, 8);
	elf_symbol(&s, "absolute", STB_GLOBAL, STT_FUNC, SHN_ABS, TEXT, 8);
	elf_symbol(&s, "in_data", STB_GLOBAL, STT_FUNC, 4, 0x600000, 8);
	elf_symbol(&s, "elsewhere", STB_GLOBAL, STT_FUNC, 1, TEXT + TEXT_SIZE, 8);
	elf_symbol(&s, "no_section", STB_GLOBAL, STT_FUNC, 77, TEXT, 8);
	elf_symbol(&s, "$x", STB_LOCAL, STT_NOTYPE, 1, TEXT, 0);
	elf_symbol(&s, "$d.7", STB_LOCAL, STT_NOTYPE, 1, TEXT, 0);
	elf_symbol(&s, ".Llabel", STB_LOCAL, STT_NOTYPE, 1, TEXT, 0);
	elf_symbol(&s, "", STB_GLOBAL, STT_FUNC, 1, TEXT, 8);
	assert_names(&s, offsets, 1, "-");
}

/* A size past the end of the section, or past the end of everything, ends with the section. */
static void huge_sizes_are_cut(void **state)
{
	const uint64_t offsets[] = { 0xff };
	struct elf_symbols s = { 0 };
	(void)state;

	elf_symbol(&s, "huge", STB_GLOBAL, STT_FUNC, 1, TEXT + 8, UINT64_MAX);
	assert_names(&s, offsets, 1, "huge");
}

/* A name that does not end, or lies outside the strings, is no name. */
static void broken_names_are_left_out(void **state)
{
	const uint64_t offsets[] = { 0, 0x10 };
	struct elf_symbols s = { 0 };
	(void)state;

	elf_symbol(&s, "good", STB_GLOBAL, STT_FUNC, 1, TEXT, 8);
	elf_symbol(&s, "endless", STB_GLOBAL, STT_FUNC, 1, TEXT + 0x10, 8);
	s.strings.size--;
	assert_names(&s, offsets, 2, "good -");
}

/* The debug file's table goes before the file's own, and .dynsym with minidebuginfo fills in for none. */
static void tables_have_their_order(void **state)
{
	struct elf_symbols own = { 0 }, other = { 0 };
	struct hw_elf *file, *debug, *stripped;
	struct hw_symtab symtab;
	(void)state;

	elf_symbol(&own, "own", STB_GLOBAL, STT_FUNC, 1, TEXT, 8);
	elf_symbol(&other, "other", STB_GLOBAL, STT_FUNC, 1, TEXT + 0x10, 8);
	file = file_of(&own, SHT_SYMTAB);
	stripped = file_of(&own, SHT_DYNSYM);
	debug = file_of(&other, SHT_SYMTAB);

	hw_symtab_init(&symtab, file, debug, NULL);
	assert_string_equal(name_at(&symtab, TEXT), "");
	assert_string_equal(name_at(&symtab, TEXT + 0x10), "other");
	hw_symtab_fini(&symtab);

	hw_symtab_init(&symtab, stripped, NULL, debug);
	assert_string_equal(name_at(&symtab, TEXT), "own");
	assert_string_equal(name_at(&symtab, TEXT + 0x10), "other");
	hw_symtab_fini(&symtab);

	hw_elf_close(file);
	hw_elf_close(stripped);
	hw_elf_close(debug);
	elf_symbols_fini(&own);
	elf_symbols_fini(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sized_functions_end),
		cmocka_unit_test(unsized_functions_reach_to_the_next),
		cmocka_unit_test(inner_functions_cut_the_outer),
		cmocka_unit_test(pieces_know_their_entry),
		cmocka_unit_test(best_alias_is_taken),
		cmocka_unit_test(what_is_no_function_is_left_out),
		cmocka_unit_test(huge_sizes_are_cut),
		cmocka_unit_test(broken_names_are_left_out),
		cmocka_unit_test(tables_have_their_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
