#include "dso/plt.h"

#include <elf.h>

/* A GOT slot and what the dynamic linker will put into it. */
struct slot {
	uint64_t svma;
	const char *name;
};

struct slots {
	HW_VEC(struct slot) by_index; /* of .rela.plt, in file order */
	HW_VEC(struct slot) sorted;   /* of all tables */
};

static int compare_slots(const void *left, const void *right)
{
	const struct slot *a = left;
	const struct slot *b = right;

	return a->svma < b->svma ? -1 : a->svma > b->svma;
}

static const struct slot *find_slot(const struct slots *slots, uint64_t svma)
{
	const struct slot key = { .svma = svma };

	if (!slots->sorted.count)
		return NULL;
	return bsearch(&key, slots->sorted.at, slots->sorted.count, sizeof key, compare_slots);
}

/* The dynamic symbol of a relocation; NULL when it has none. */
static const char *symbol_name(struct hw_bytes symbols, struct hw_bytes strings, uint64_t index)
{
	Elf64_Sym sym;
	const uint8_t *at;
	const char *name;

	if (index == 0 || index > UINT32_MAX)
		return NULL;
	(void)hw_bytes_take(&symbols, index * sizeof sym);
	at = hw_bytes_take(&symbols, sizeof sym);
	if (!at)
		return NULL;
	memcpy(&sym, at, sizeof sym);
	(void)hw_bytes_take(&strings, sym.st_name);
	name = hw_bytes_text(&strings);
	return *name ? name : NULL;
}

/* Relocations that fill a slot with a function's address. */
static bool is_function_slot(uint16_t machine, uint32_t type)
{
	if (machine == EM_X86_64)
		return type == R_X86_64_JUMP_SLOT || type == R_X86_64_GLOB_DAT || type == R_X86_64_IRELATIVE;
	if (machine == EM_AARCH64)
		return type == R_AARCH64_JUMP_SLOT || type == R_AARCH64_GLOB_DAT ||
		       type == R_AARCH64_IRELATIVE;
	return false;
}

static void read_relocations(struct slots *slots, const struct hw_elf *elf,
			     const struct hw_elf_section *table, hw_plt_local_name *local_name, void *user)
{
	const bool is_plt = strcmp(table->name, ".rela.plt") == 0;
	struct hw_bytes bytes = hw_elf_section_bytes(elf, table);
	struct hw_bytes symbols = hw_bytes_of(elf->image, 0);
	struct hw_bytes strings = symbols;

	if (table->link < elf->section_count && elf->sections[table->link].type == SHT_DYNSYM) {
		symbols = hw_elf_section_bytes(elf, &elf->sections[table->link]);
		if (elf->sections[table->link].link < elf->section_count)
			strings = hw_elf_section_bytes(elf, &elf->sections[elf->sections[table->link].link]);
	}
	while (hw_bytes_left(&bytes) >= sizeof(Elf64_Rela)) {
		struct slot slot = { 0 };
		Elf64_Rela rela;

		memcpy(&rela, hw_bytes_take(&bytes, sizeof rela), sizeof rela);
		slot.svma = rela.r_offset;
		slot.name = symbol_name(symbols, strings, ELF64_R_SYM(rela.r_info));
		if (!slot.name)
			slot.name = local_name(user, (uint64_t)rela.r_addend);
		if (is_plt)
			hw_vec_push(&slots->by_index, slot);
		if (slot.name && is_function_slot(elf->machine, ELF64_R_TYPE(rela.r_info)))
			hw_vec_push(&slots->sorted, slot);
	}
}

static uint32_t word_at(const uint8_t *at)
{
	uint32_t word;

	memcpy(&word, at, sizeof word);
	return word;
}

/* The target of one x86-64 stub; NULL for the first entry of a lazy table and for anything that is no stub.
 * "endbr64; bnd jmp *disp(%rip)" with both prefixes optional, or "endbr64; push $index". */
static const char *x86_64_target(const struct slots *slots, const uint8_t *at, size_t size, uint64_t svma)
{
	size_t i = 0;

	if (size >= 4 && word_at(at) == 0xfa1e0ff3)
		i = 4;
	if (size - i >= 5 && at[i] == 0x68) {
		const uint32_t index = word_at(at + i + 1);

		return index < slots->by_index.count ? slots->by_index.at[index].name : NULL;
	}
	if (i < size && at[i] == 0xf2)
		i++;
	if (size - i >= 6 && at[i] == 0xff && at[i + 1] == 0x25) {
		const struct slot *slot =
			find_slot(slots, svma + i + 6 + (uint64_t)(int32_t)word_at(at + i + 2));

		return slot ? slot->name : NULL;
	}
	return NULL;
}

static void add_entry(struct hw_plt *plt, struct hw_arena *texts, uint64_t svma, uint64_t size,
		      const char *target)
{
	const size_t length = strlen(target);
	char *name;

	if (texts->total_bytes > HW_PLT_TEXTS_MAX_BYTES)
		return;
	name = hw_arena_alloc(texts, length + sizeof "@plt");

	memcpy(name, target, length);
	memcpy(name + length, "@plt", sizeof "@plt");
	hw_vec_push(&plt->entries, (struct hw_plt_entry){ .start_svma = svma, .size = size, .name = name });
}

static void read_x86_64(struct hw_plt *plt, const struct hw_elf_section *section, struct hw_bytes code,
			const struct slots *slots, struct hw_arena *texts)
{
	const size_t step = section->entry_size == 8 ? 8 : 16;
	uint64_t svma = section->vaddr_svma;

	for (; hw_bytes_left(&code) >= step; svma += step) {
		const uint8_t *at = hw_bytes_take(&code, step);
		const char *target = x86_64_target(slots, at, step, svma);

		if (target)
			add_entry(plt, texts, svma, step, target);
	}
}

#define A64_BTI_C 0xd503245fU
#define A64_BR_X17 0xd61f0220U

/* "adrp x16, page; ldr x17, [x16, #offset]": the slot, or 0. Arm ARM C6.2.13 (ADRP) and C6.2.166 (LDR). */
static uint64_t aarch64_slot(uint32_t adrp, uint32_t ldr, uint64_t svma)
{
	uint64_t pages;

	if ((adrp & 0x9f00001fU) != 0x90000010U || (ldr & 0xffc003ffU) != 0xf9400211U)
		return 0;
	pages = (uint64_t)((adrp >> 5) & 0x7ffff) << 2 | ((adrp >> 29) & 3);
	if (pages & 0x100000)
		pages |= ~UINT64_C(0x1fffff);
	return (svma & ~UINT64_C(0xfff)) + (pages << 12) + ((uint64_t)((ldr >> 10) & 0xfff) << 3);
}

static void read_aarch64(struct hw_plt *plt, const struct hw_elf_section *section, struct hw_bytes code,
			 const struct slots *slots, struct hw_arena *texts)
{
	const uint8_t *base = code.at;
	const size_t size = hw_bytes_left(&code) & ~(size_t)3;

	for (size_t i = 0; i + 8 <= size; i += 4) {
		const uint64_t slot_svma =
			aarch64_slot(word_at(base + i), word_at(base + i + 4), section->vaddr_svma + i);
		const struct slot *slot = slot_svma ? find_slot(slots, slot_svma) : NULL;
		size_t start = i, limit = i + 8;

		if (!slot)
			continue;
		if (start >= 4 && word_at(base + start - 4) == A64_BTI_C)
			start -= 4;
		while (limit + 4 <= size && limit < i + 20 && word_at(base + limit - 4) != A64_BR_X17)
			limit += 4;
		add_entry(plt, texts, section->vaddr_svma + start, limit - start, slot->name);
	}
}

void hw_plt_read(struct hw_plt *plt, const struct hw_elf *elf, struct hw_arena *texts,
		 hw_plt_local_name *local_name, void *user)
{
	struct slots slots = { 0 };

	if (elf->machine != EM_X86_64 && elf->machine != EM_AARCH64)
		return;
	for (size_t i = 0; i < elf->section_count; i++)
		if (elf->sections[i].type == SHT_RELA && (elf->sections[i].flags & SHF_ALLOC))
			read_relocations(&slots, elf, &elf->sections[i], local_name, user);
	if (slots.sorted.count)
		qsort(slots.sorted.at, slots.sorted.count, sizeof *slots.sorted.at, compare_slots);
	for (size_t i = 0; i < elf->section_count; i++) {
		const struct hw_elf_section *s = &elf->sections[i];
		const struct hw_bytes code = hw_elf_section_bytes(elf, s);

		if (!(s->flags & SHF_EXECINSTR) ||
		    (strncmp(s->name, ".plt", 4) != 0 && strcmp(s->name, ".iplt") != 0))
			continue;
		if (elf->machine == EM_X86_64)
			read_x86_64(plt, s, code, &slots, texts);
		else
			read_aarch64(plt, s, code, &slots, texts);
	}
	hw_vec_fini(&slots.by_index);
	hw_vec_fini(&slots.sorted);
}

void hw_plt_fini(struct hw_plt *plt)
{
	hw_vec_fini(&plt->entries);
}
