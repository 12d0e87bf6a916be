#include "dso/elf.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define UNPACKED_LIMIT_BYTES (UINT64_C(1) << 30)
#define RATIO_MAX 1100 /* zlib packs at most 1,032 to 1 */
#define IMAGE_LIMIT_BYTES (UINT64_C(4) << 30)

/* Are these bytes of the file all there? */
static bool inside(const struct hw_elf *elf, uint64_t foff, uint64_t size)
{
	return foff <= elf->image_size && size <= elf->image_size - foff;
}

/* Section header `index` of a table at foff; its fields may be anything. */
static Elf64_Shdr section_header(const struct hw_elf *elf, uint64_t foff, uint64_t index)
{
	Elf64_Shdr shdr;

	memcpy(&shdr, elf->image + foff + index * sizeof shdr, sizeof shdr);
	return shdr;
}

/* A text in a string table, "" when it does not end inside it. */
static const char *text_at(const struct hw_elf *elf, const Elf64_Shdr *strings, uint64_t index)
{
	struct hw_bytes bytes;

	if (strings->sh_type == SHT_NOBITS || !inside(elf, strings->sh_offset, strings->sh_size) ||
	    index >= strings->sh_size)
		return "";
	bytes = hw_bytes_of(elf->image + strings->sh_offset + index, strings->sh_size - index);
	return hw_bytes_text(&bytes);
}

static void read_sections(struct hw_elf *elf, const Elf64_Ehdr *ehdr)
{
	uint64_t count = ehdr->e_shnum;
	uint64_t names_index = ehdr->e_shstrndx;
	Elf64_Shdr names = { .sh_type = SHT_NOBITS };
	Elf64_Shdr first;

	if (!ehdr->e_shoff || ehdr->e_shentsize != sizeof(Elf64_Shdr) ||
	    !inside(elf, ehdr->e_shoff, sizeof first))
		return;
	/* More than 0xff00 sections: the numbers are in the first header (gABI, "Sections", e_shnum). */
	first = section_header(elf, ehdr->e_shoff, 0);
	if (count == 0)
		count = first.sh_size;
	if (names_index == SHN_XINDEX)
		names_index = first.sh_link;
	if (count > elf->image_size / sizeof(Elf64_Shdr) ||
	    !inside(elf, ehdr->e_shoff, count * sizeof(Elf64_Shdr)))
		return;
	if (names_index < count)
		names = section_header(elf, ehdr->e_shoff, names_index);

	elf->sections = hw_alloc(count, sizeof *elf->sections);
	elf->section_count = count;
	for (uint64_t i = 0; i < count; i++) {
		const Elf64_Shdr shdr = section_header(elf, ehdr->e_shoff, i);

		elf->sections[i] = (struct hw_elf_section){
			.name = text_at(elf, &names, shdr.sh_name),
			.vaddr_svma = shdr.sh_addr,
			.file_foff = shdr.sh_offset,
			.size = shdr.sh_size,
			.type = shdr.sh_type,
			.link = shdr.sh_link,
			.flags = shdr.sh_flags,
			.entry_size = shdr.sh_entsize,
		};
	}
}

static void keep_segment(struct hw_elf *elf, const Elf64_Phdr *phdr)
{
	const struct hw_elf_segment segment = {
		.vaddr_svma = phdr->p_vaddr,
		.file_foff = phdr->p_offset,
		.file_size = phdr->p_filesz,
		.mem_size = phdr->p_memsz,
		.align = phdr->p_align,
		.flags = phdr->p_flags,
	};

	switch (phdr->p_type) {
	case PT_LOAD:
		elf->segments[elf->segment_count++] = segment;
		break;
	case PT_NOTE:
		elf->notes[elf->note_count++] = segment;
		break;
	case PT_GNU_EH_FRAME:
		elf->eh_frame_hdr_svma = phdr->p_vaddr;
		elf->eh_frame_hdr_size = phdr->p_memsz;
		break;
	case PT_DYNAMIC:
		elf->dynamic_svma = phdr->p_vaddr;
		elf->dynamic_size = phdr->p_filesz;
		break;
	default:
		break;
	}
}

static int read_segments(struct hw_elf *elf, const Elf64_Ehdr *ehdr, const char *name, struct hw_err *err)
{
	uint64_t count = ehdr->e_phnum;

	/* 0xffff or more: the number is in the first section header (elf(5), PN_XNUM). */
	if (count == PN_XNUM && inside(elf, ehdr->e_shoff, sizeof(Elf64_Shdr)))
		count = section_header(elf, ehdr->e_shoff, 0).sh_info;
	if (count == 0)
		return 0; /* an object file, a kernel module */
	if (ehdr->e_phentsize != sizeof(Elf64_Phdr) || count > elf->image_size / sizeof(Elf64_Phdr) ||
	    !inside(elf, ehdr->e_phoff, count * sizeof(Elf64_Phdr)))
		return hw_err_set(err, HW_ERR_FORMAT, "'%s' ends before its program headers", name);

	elf->segments = hw_alloc(count, sizeof *elf->segments);
	elf->notes = hw_alloc(count, sizeof *elf->notes);
	for (uint64_t i = 0; i < count; i++) {
		Elf64_Phdr phdr;

		memcpy(&phdr, elf->image + ehdr->e_phoff + i * sizeof phdr, sizeof phdr);
		keep_segment(elf, &phdr);
	}
	return 0;
}

static int read_headers(struct hw_elf *elf, const char *name, struct hw_err *err)
{
	Elf64_Ehdr ehdr;

	if (elf->image_size < sizeof ehdr || memcmp(elf->image, ELFMAG, SELFMAG) != 0)
		return hw_err_set(err, HW_ERR_FORMAT, "'%s' is not an ELF file", name);
	memcpy(&ehdr, elf->image, sizeof ehdr);
	if (ehdr.e_ident[EI_CLASS] != ELFCLASS64 || ehdr.e_ident[EI_DATA] != ELFDATA2LSB)
		return hw_err_set(err, HW_ERR_FORMAT, "'%s' is not a 64-bit little-endian ELF file", name);
	elf->machine = ehdr.e_machine;
	elf->type = ehdr.e_type;
	if (read_segments(elf, &ehdr, name, err) < 0)
		return -1;
	read_sections(elf, &ehdr);
	return 0;
}

static bool has_compressed_sections(const struct hw_elf *elf)
{
	for (size_t i = 0; i < elf->section_count; i++)
		if ((elf->sections[i].flags & SHF_COMPRESSED) ||
		    strncmp(elf->sections[i].name, ".zdebug_", 8) == 0)
			return true;
	return false;
}

Elf *hw_elf_handle(const struct hw_elf *elf)
{
	(void)elf_version(EV_CURRENT);
	/* To unpack a section libelf changes its header: in the image itself with elf_memory(3), which cannot be
	 * written and must not change under other handles; in a copy with ELF_C_READ_MMAP. */
	if (elf->fd >= 0)
		return elf_begin(elf->fd, ELF_C_READ_MMAP, NULL);
	if (elf->owns_mapping && has_compressed_sections(elf))
		return NULL; /* no descriptor was left */
	return elf_memory((char *)(uintptr_t)elf->image, elf->image_size);
}

/* What a compressed section says its size is, when its bytes can give as many. */
static bool has_sane_size(const struct hw_elf *elf, const struct hw_elf_section *section)
{
	struct hw_bytes bytes = hw_elf_section_bytes(elf, section);
	uint64_t size;

	(void)hw_bytes_u64(&bytes); /* ch_type, ch_reserved */
	size = hw_bytes_u64(&bytes);
	return !bytes.overrun && size <= UNPACKED_LIMIT_BYTES && size / RATIO_MAX <= section->size;
}

void *hw_elf_unpack_section(const struct hw_elf *elf, const struct hw_elf_section *section, size_t *size)
{
	Elf *handle = has_sane_size(elf, section) ? hw_elf_handle(elf) : NULL;
	Elf_Scn *scn = handle ? elf_getscn(handle, (size_t)(section - elf->sections)) : NULL;
	Elf_Data *data = scn && elf_compress(scn, 0, 0) >= 0 ? elf_getdata(scn, NULL) : NULL;
	void *copy = NULL;

	if (data && data->d_size && data->d_buf) {
		*size = data->d_size;
		copy = hw_alloc(data->d_size, 1);
		memcpy(copy, data->d_buf, data->d_size);
	}
	if (handle)
		elf_end(handle);
	return copy;
}

struct hw_elf *hw_elf_open_fd(int fd, const char *name, struct hw_err *err)
{
	struct hw_elf *elf;
	struct stat st;
	void *image;

	if (fstat(fd, &st) < 0) {
		(void)hw_err_sys(err, HW_ERR_INPUT, "cannot read '%s'", name);
		return NULL;
	}
	if (!S_ISREG(st.st_mode) || st.st_size < (off_t)sizeof(Elf64_Ehdr)) {
		(void)hw_err_set(err, HW_ERR_FORMAT, "'%s' is not an ELF file", name);
		return NULL;
	}
	if ((uint64_t)st.st_size > IMAGE_LIMIT_BYTES) {
		(void)hw_err_set(err, HW_ERR_LIMIT, "'%s' is larger than 4 GiB", name);
		return NULL;
	}
	/* Writable, but private: libelf notes in a section's header, in place, that it has decompressed it. */
	image = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, fd, 0);
	if (image == MAP_FAILED) {
		(void)hw_err_sys(err, HW_ERR_INPUT, "cannot map '%s'", name);
		return NULL;
	}
	elf = hw_alloc(1, sizeof *elf);
	elf->image = image;
	elf->image_size = (size_t)st.st_size;
	elf->owns_mapping = true;
	elf->fd = -1;
	if (read_headers(elf, name, err) < 0)
		hw_elf_closep(&elf);
	else if (has_compressed_sections(elf))
		elf->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	return elf;
}

struct hw_elf *hw_elf_open_bytes(const void *image, size_t size, const char *name, struct hw_err *err)
{
	struct hw_elf *elf = hw_alloc(1, sizeof *elf);
	uint8_t *copy = hw_realloc(NULL, size, 1);

	if (size)
		memcpy(copy, image, size);
	elf->image = copy;
	elf->image_size = size;
	elf->owns_copy = true;
	elf->fd = -1;
	if (read_headers(elf, name, err) < 0)
		hw_elf_closep(&elf);
	return elf;
}

void hw_elf_close(struct hw_elf *elf)
{
	if (!elf)
		return;
	if (elf->fd >= 0)
		(void)close(elf->fd);
	if (elf->owns_mapping)
		(void)munmap((void *)(uintptr_t)elf->image, elf->image_size);
	if (elf->owns_copy)
		free((void *)(uintptr_t)elf->image);
	free(elf->segments);
	free(elf->notes);
	free(elf->sections);
	free(elf);
}

void hw_elf_closep(struct hw_elf **elf)
{
	hw_elf_close(*elf);
	*elf = NULL;
}

const struct hw_elf_section *hw_elf_find_section(const struct hw_elf *elf, const char *name)
{
	for (size_t i = 0; i < elf->section_count; i++)
		if (strcmp(elf->sections[i].name, name) == 0)
			return &elf->sections[i];
	return NULL;
}

struct hw_bytes hw_elf_section_bytes(const struct hw_elf *elf, const struct hw_elf_section *section)
{
	if (section->type == SHT_NOBITS || !inside(elf, section->file_foff, section->size))
		return hw_bytes_of(elf->image, 0);
	return hw_bytes_of(elf->image + section->file_foff, section->size);
}

/* Segments share no bytes in the files linkers make. Where a strange one does, code wins. */
static const struct hw_elf_segment *segment_of_foff(const struct hw_elf *elf, uint64_t foff)
{
	const struct hw_elf_segment *found = NULL;

	for (size_t i = 0; i < elf->segment_count; i++) {
		const struct hw_elf_segment *s = &elf->segments[i];

		if (foff < s->file_foff || foff - s->file_foff >= s->file_size)
			continue;
		if (s->flags & PF_X)
			return s;
		if (!found)
			found = s;
	}
	return found;
}

bool hw_elf_svma_of_foff(const struct hw_elf *elf, uint64_t foff, uint64_t *svma)
{
	const struct hw_elf_segment *s = segment_of_foff(elf, foff);

	if (!s)
		return false;
	*svma = foff - s->file_foff + s->vaddr_svma;
	return true;
}

bool hw_elf_foff_of_svma(const struct hw_elf *elf, uint64_t svma, uint64_t *foff)
{
	for (size_t i = 0; i < elf->segment_count; i++) {
		const struct hw_elf_segment *s = &elf->segments[i];

		if (svma >= s->vaddr_svma && svma - s->vaddr_svma < s->file_size) {
			*foff = svma - s->vaddr_svma + s->file_foff;
			return true;
		}
	}
	return false;
}

const uint8_t *hw_elf_at_svma(const struct hw_elf *elf, uint64_t svma, uint64_t size)
{
	for (size_t i = 0; i < elf->segment_count; i++) {
		const struct hw_elf_segment *s = &elf->segments[i];
		const uint64_t within = svma - s->vaddr_svma;
		uint64_t foff;

		if (svma < s->vaddr_svma || within >= s->file_size || size > s->file_size - within)
			continue;
		if (__builtin_add_overflow(within, s->file_foff, &foff) || !inside(elf, foff, size))
			continue;
		return elf->image + foff;
	}
	return NULL;
}
