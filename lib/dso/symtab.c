#include "dso/symtab.h"

#include "dso/plt.h"

#include <elf.h>

/* Longer names are none: C++'s have some 100 KiB at most. */
#define NAME_MAX_BYTES ((size_t)128 << 10)

/* A symbol as found, before overlaps are settled. */
struct candidate {
	uint64_t start_svma;
	uint64_t size;
	uint64_t section_limit_svma;
	const char *name;
	uint8_t binding;
};

struct candidates {
	HW_VEC(struct candidate) list;
};

static size_t leading_underscores(const char *name)
{
	return strspn(name, "_");
}

int hw_symbol_name_compare(const char *a, unsigned a_binding, const char *b, unsigned b_binding)
{
	const bool a_local = a_binding == STB_LOCAL;
	const bool b_local = b_binding == STB_LOCAL;
	const size_t a_bars = leading_underscores(a);
	const size_t b_bars = leading_underscores(b);
	size_t a_length, b_length;

	if (a_local != b_local)
		return a_local ? 1 : -1;
	if (a_bars != b_bars)
		return a_bars < b_bars ? -1 : 1;
	if ((a_binding == STB_WEAK) != (b_binding == STB_WEAK))
		return a_binding == STB_WEAK ? 1 : -1;
	a_length = strlen(a);
	b_length = strlen(b);
	if (a_length != b_length)
		return a_length < b_length ? -1 : 1;
	return strcmp(a, b);
}

static int compare_candidates(const void *left, const void *right)
{
	const struct candidate *a = left;
	const struct candidate *b = right;

	if (a->start_svma != b->start_svma)
		return a->start_svma < b->start_svma ? -1 : 1;
	if (!a->size != !b->size)
		return a->size ? -1 : 1;
	return hw_symbol_name_compare(a->name, a->binding, b->name, b->binding);
}

/* Is it a name for people? Not local labels, nor the marks of code and data in ARM and RISC-V sections. */
static bool is_named(const char *name)
{
	if (name[0] == '\0' || (name[0] == '.' && name[1] == 'L'))
		return false;
	return !(name[0] == '$' && name[1] && strchr("adtx", name[1]) && (!name[2] || name[2] == '.'));
}

static bool is_function(const Elf64_Sym *sym)
{
	const unsigned type = ELF64_ST_TYPE(sym->st_info);

	/* Hand-written assembly often gives its functions no type. */
	return type == STT_FUNC || type == STT_GNU_IFUNC || type == STT_NOTYPE;
}

/* Does the symbol lie in a section of code, and where does that end? */
static bool code_limit(const struct hw_elf *elf, const Elf64_Sym *sym, uint32_t section_index,
		       uint64_t *limit)
{
	const struct hw_elf_section *section;

	if (section_index >= elf->section_count)
		return false;
	section = &elf->sections[section_index];
	if (!(section->flags & SHF_EXECINSTR) || sym->st_value < section->vaddr_svma ||
	    sym->st_value - section->vaddr_svma >= section->size ||
	    __builtin_add_overflow(section->vaddr_svma, section->size, limit))
		return false;
	return true;
}

/* SHT_SYMTAB_SHNDX that belongs to the symbol table: section numbers that do not fit 16 bits. */
static struct hw_bytes wide_indexes(const struct hw_elf *elf, size_t table_index)
{
	for (size_t i = 0; i < elf->section_count; i++)
		if (elf->sections[i].type == SHT_SYMTAB_SHNDX && elf->sections[i].link == table_index)
			return hw_elf_section_bytes(elf, &elf->sections[i]);
	return (struct hw_bytes){ .overrun = true };
}

static void add_symbol(struct candidates *found, const struct hw_elf *elf, const Elf64_Sym *sym,
		       uint32_t section_index, struct hw_bytes strings)
{
	struct candidate c = { .start_svma = sym->st_value, .size = sym->st_size };

	if (!is_function(sym) || !code_limit(elf, sym, section_index, &c.section_limit_svma))
		return;
	(void)hw_bytes_take(&strings, sym->st_name);
	if (hw_bytes_left(&strings) > NAME_MAX_BYTES)
		strings.end = strings.at + NAME_MAX_BYTES;
	c.name = hw_bytes_text(&strings);
	if (!is_named(c.name))
		return;
	/* A size past the section is a lie. */
	if (c.size > c.section_limit_svma - c.start_svma)
		c.size = c.section_limit_svma - c.start_svma;
	c.binding = ELF64_ST_BIND(sym->st_info);
	hw_vec_push(&found->list, c);
}

/* Add the functions of the file's first symbol table of that type; false when it has none. */
static bool add_table(struct candidates *found, const struct hw_elf *elf, uint32_t type)
{
	struct hw_bytes symbols, strings, wide;
	size_t index = 0;

	while (index < elf->section_count && elf->sections[index].type != type)
		index++;
	if (index == elf->section_count || elf->sections[index].link >= elf->section_count)
		return false;
	symbols = hw_elf_section_bytes(elf, &elf->sections[index]);
	strings = hw_elf_section_bytes(elf, &elf->sections[elf->sections[index].link]);
	wide = wide_indexes(elf, index);
	while (hw_bytes_left(&symbols) >= sizeof(Elf64_Sym)) {
		const uint32_t wide_index = hw_bytes_u32(&wide);
		Elf64_Sym sym;

		memcpy(&sym, hw_bytes_take(&symbols, sizeof sym), sizeof sym);
		if (sym.st_shndx == SHN_XINDEX)
			add_symbol(found, elf, &sym, wide_index, strings);
		else if (sym.st_shndx != SHN_UNDEF && sym.st_shndx < SHN_LORESERVE)
			add_symbol(found, elf, &sym, sym.st_shndx, strings);
	}
	return true;
}

/* Turns candidates, which may overlap, into ranges, which do not. Candidates come in ascending order; those open
 * at the cursor form a stack whose top, the one that started last, owns the code. */
struct sweep {
	struct hw_symtab *symtab;
	HW_VEC(struct candidate) open;
	uint64_t cursor_svma;
};

static uint64_t candidate_limit(const struct candidate *c)
{
	return c->start_svma + c->size; /* inside its section: cannot overflow */
}

/* Linkers write the version of a dynamic symbol into its .symtab name too: "memcpy@@GLIBC_2.14". */
static const char *bare_name(struct hw_symtab *symtab, const char *name)
{
	const char *at = strchr(name, '@');

	if (!at || at == name || strcmp(at, "@plt") == 0)
		return name;
	if (symtab->texts.total_bytes > HW_PLT_TEXTS_MAX_BYTES)
		return name;
	return hw_arena_text(&symtab->texts, name, (size_t)(at - name));
}

static void emit_until(struct sweep *sweep, uint64_t until_svma)
{
	while (sweep->open.count && sweep->cursor_svma < until_svma) {
		const struct candidate *top = &sweep->open.at[sweep->open.count - 1];
		const uint64_t limit = candidate_limit(top);
		const uint64_t end = limit < until_svma ? limit : until_svma;

		if (end > sweep->cursor_svma) {
			hw_vec_push(&sweep->symtab->symbols,
				    (struct hw_symbol){
					    .start_svma = sweep->cursor_svma,
					    .limit_svma = end,
					    .entry_svma = top->start_svma,
					    .name = bare_name(sweep->symtab, top->name),
				    });
			sweep->cursor_svma = end;
		}
		if (limit <= sweep->cursor_svma)
			sweep->open.count--;
	}
	sweep->cursor_svma = until_svma;
}

static bool is_covered(struct sweep *sweep, uint64_t svma)
{
	while (sweep->open.count && candidate_limit(&sweep->open.at[sweep->open.count - 1]) <= svma)
		sweep->open.count--;
	return sweep->open.count > 0;
}

static void flatten(struct hw_symtab *symtab, struct candidates *found)
{
	struct sweep sweep = { .symtab = symtab };

	if (found->list.count)
		qsort(found->list.at, found->list.count, sizeof *found->list.at, compare_candidates);
	for (size_t i = 0; i < found->list.count; i++) {
		struct candidate c = found->list.at[i];
		size_t next = i + 1;

		while (next < found->list.count && found->list.at[next].start_svma == c.start_svma)
			next++;
		emit_until(&sweep, c.start_svma);
		if (c.size == 0 && !is_covered(&sweep, c.start_svma)) {
			c.size = c.section_limit_svma - c.start_svma;
			if (next < found->list.count &&
			    found->list.at[next].start_svma < c.section_limit_svma)
				c.size = found->list.at[next].start_svma - c.start_svma;
		}
		if (c.size)
			hw_vec_push(&sweep.open, c);
		i = next - 1;
	}
	emit_until(&sweep, UINT64_MAX);
	hw_vec_fini(&sweep.open);
}

/* The function that starts exactly there, for stubs of local IFUNCs. */
static const char *local_name(void *user, uint64_t svma)
{
	const struct candidates *sorted = user;
	size_t low = 0, high = sorted->list.count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (sorted->list.at[middle].start_svma < svma)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == sorted->list.count || sorted->list.at[low].start_svma != svma)
		return NULL;
	return sorted->list.at[low].name;
}

static void add_plt(struct candidates *found, struct hw_symtab *symtab, const struct hw_elf *file)
{
	struct hw_plt plt = { 0 };

	if (found->list.count)
		qsort(found->list.at, found->list.count, sizeof *found->list.at, compare_candidates);
	hw_plt_read(&plt, file, &symtab->texts, local_name, found);
	for (size_t i = 0; i < plt.entries.count; i++) {
		const struct hw_plt_entry *e = &plt.entries.at[i];

		hw_vec_push(&found->list, (struct candidate){
						  .start_svma = e->start_svma,
						  .size = e->size,
						  .section_limit_svma = e->start_svma + e->size,
						  .name = e->name,
						  .binding = STB_LOCAL,
					  });
	}
	hw_plt_fini(&plt);
}

void hw_symtab_init(struct hw_symtab *symtab, const struct hw_elf *file, const struct hw_elf *debug,
		    const struct hw_elf *minidebug)
{
	struct candidates found = { 0 };

	*symtab = (struct hw_symtab){ 0 };
	if (!(debug && add_table(&found, debug, SHT_SYMTAB)) &&
	    !(file && add_table(&found, file, SHT_SYMTAB))) {
		if (file)
			(void)add_table(&found, file, SHT_DYNSYM);
		if (minidebug)
			(void)add_table(&found, minidebug, SHT_SYMTAB);
	}
	if (file)
		add_plt(&found, symtab, file);
	flatten(symtab, &found);
	hw_vec_fini(&found.list);
}

void hw_symtab_fini(struct hw_symtab *symtab)
{
	hw_vec_fini(&symtab->symbols);
	hw_arena_fini(&symtab->texts);
}

const struct hw_symbol *hw_symtab_find(const struct hw_symtab *symtab, uint64_t svma)
{
	size_t low = 0, high = symtab->symbols.count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (symtab->symbols.at[middle].start_svma <= svma)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0 || svma >= symtab->symbols.at[low - 1].limit_svma)
		return NULL;
	return &symtab->symbols.at[low - 1];
}
