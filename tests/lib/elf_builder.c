#include "tests/lib/elf_builder.h"

static void align(struct hw_buf *buf)
{
	while (buf->size % 16)
		hw_buf_add(buf, "", 1);
}

static Elf64_Shdr *header_of(const struct hw_buf *image, size_t index)
{
	const Elf64_Ehdr *ehdr = (const void *)image->data;

	return (Elf64_Shdr *)(void *)(image->data + ehdr->e_shoff) + index;
}

uint64_t elf_section_foff(const struct hw_buf *image, size_t index)
{
	return header_of(image, index)->sh_offset;
}

void elf_build(struct hw_buf *image, const struct elf_section *sections, size_t section_count,
	       const struct elf_segment *segments, size_t segment_count)
{
	Elf64_Shdr *shdrs = hw_alloc(section_count + 2, sizeof *shdrs);
	struct hw_buf names = { 0 };
	Elf64_Ehdr ehdr = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_DYN,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_phoff = sizeof ehdr,
		.e_ehsize = sizeof ehdr,
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = (uint16_t)segment_count,
		.e_shentsize = sizeof(Elf64_Shdr),
		.e_shnum = (uint16_t)(section_count + 2),
		.e_shstrndx = (uint16_t)(section_count + 1),
	};
	const Elf64_Phdr no_phdr = { 0 };

	image->size = 0;
	hw_buf_add(image, &ehdr, sizeof ehdr);
	for (size_t i = 0; i < segment_count; i++)
		hw_buf_add(image, &no_phdr, sizeof no_phdr);
	hw_buf_add(&names, "", 1);
	for (size_t i = 0; i < section_count; i++) {
		const struct elf_section *s = &sections[i];

		align(image);
		shdrs[i + 1] = (Elf64_Shdr){
			.sh_name = (uint32_t)names.size,
			.sh_type = s->type,
			.sh_flags = s->flags,
			.sh_addr = s->vaddr_svma,
			.sh_offset = image->size,
			.sh_size = s->size,
			.sh_link = s->link,
			.sh_entsize = s->entry_size,
			.sh_addralign = 1,
		};
		if (s->data)
			hw_buf_add(image, s->data, s->size);
		hw_buf_add(&names, s->name, strlen(s->name) + 1);
	}
	align(image);
	shdrs[section_count + 1] =
		(Elf64_Shdr){ .sh_type = SHT_STRTAB, .sh_offset = image->size, .sh_size = names.size };
	hw_buf_add(image, names.data, names.size);
	align(image);
	((Elf64_Ehdr *)(void *)image->data)->e_shoff = image->size;
	hw_buf_add(image, shdrs, (section_count + 2) * sizeof *shdrs);
	for (size_t i = 0; i < segment_count; i++) {
		const Elf64_Shdr *s = header_of(image, segments[i].section);

		((Elf64_Phdr *)(void *)(image->data + sizeof ehdr))[i] = (Elf64_Phdr){
			.p_type = segments[i].type,
			.p_flags = segments[i].flags,
			.p_offset = s->sh_offset,
			.p_vaddr = s->sh_addr,
			.p_filesz = s->sh_size,
			.p_memsz = s->sh_size,
			.p_align = 4,
		};
	}
	hw_buf_fini(&names);
	free(shdrs);
}

void elf_symbol(struct elf_symbols *symbols, const char *name, unsigned binding, unsigned type,
		uint16_t section, uint64_t value, uint64_t size)
{
	const Elf64_Sym sym = {
		.st_name = (uint32_t)symbols->strings.size,
		.st_info = (uint8_t)ELF64_ST_INFO(binding, type),
		.st_shndx = section,
		.st_value = value,
		.st_size = size,
	};

	hw_buf_add(&symbols->entries, &sym, sizeof sym);
	hw_buf_add(&symbols->strings, name, strlen(name) + 1);
}

void elf_symbols_fini(struct elf_symbols *symbols)
{
	hw_buf_fini(&symbols->entries);
	hw_buf_fini(&symbols->strings);
}
