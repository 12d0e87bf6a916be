#include "dso/dwarf_sections.h"

#include "config.h"

#include <libdeflate.h>
#include <sys/mman.h>
#include <unistd.h>
#ifdef HAVE_ZSTD
#include <zstd.h>
#endif

#ifndef ELFCOMPRESS_ZSTD /* older than its value in the gABI */
#define ELFCOMPRESS_ZSTD 2
#endif

#define UNPACKED_MAX_BYTES (UINT64_C(4) << 30)
/* DEFLATE packs at most 1,032 to 1; zstd could do more, with zeros that no DWARF has. */
#define RATIO_MAX 1100

/* The sections there are, named without their prefix. */
static const struct {
	const char *name;
	size_t offset;
} section_table[] = {
	{ "info", offsetof(struct hw_dwarf_sections, info) },
	{ "abbrev", offsetof(struct hw_dwarf_sections, abbrev) },
	{ "str", offsetof(struct hw_dwarf_sections, str) },
	{ "line_str", offsetof(struct hw_dwarf_sections, line_str) },
	{ "line", offsetof(struct hw_dwarf_sections, line) },
	{ "ranges", offsetof(struct hw_dwarf_sections, ranges) },
	{ "rnglists", offsetof(struct hw_dwarf_sections, rnglists) },
	{ "addr", offsetof(struct hw_dwarf_sections, addr) },
	{ "str_offsets", offsetof(struct hw_dwarf_sections, str_offsets) },
	{ "cu_index", offsetof(struct hw_dwarf_sections, cu_index) },
};

_Static_assert(HW_COUNT_OF(section_table) == HW_DWARF_SECTIONS_MAX, "each section can be unpacked");

/* A compressed section: the stream, and what it says its size is. */
struct packed {
	struct hw_bytes stream;
	uint64_t size_bytes;
	bool is_zstd; /* else zlib */
};

static struct hw_bytes *cursor_of(struct hw_dwarf_sections *sections, size_t index)
{
	return (struct hw_bytes *)(void *)((char *)sections + section_table[index].offset);
}

/* Which section a name means, or -1. The index of a .dwp has no suffix. */
static int section_index(const char *name, enum hw_dwarf_kind kind)
{
	if (strncmp(name, ".debug_", 7) == 0)
		name += 7;
	else if (strncmp(name, ".zdebug_", 8) == 0)
		name += 8;
	else
		return -1;
	for (size_t i = 0; i < HW_COUNT_OF(section_table); i++) {
		const char *want = section_table[i].name;
		const size_t length = strlen(want);
		const bool split = kind == HW_DWARF_SPLIT && strcmp(want, "cu_index") != 0;

		if (strncmp(name, want, length) == 0 && strcmp(name + length, split ? ".dwo" : "") == 0)
			return (int)i;
	}
	return -1;
}

/* gABI, "Section Compression". */
static bool read_chdr(struct packed *packed, struct hw_bytes bytes)
{
	const uint32_t type = hw_bytes_u32(&bytes);

	(void)hw_bytes_u32(&bytes); /* ch_reserved */
	packed->size_bytes = hw_bytes_u64(&bytes);
	(void)hw_bytes_u64(&bytes); /* ch_addralign */
	packed->stream = bytes;
	packed->is_zstd = type == ELFCOMPRESS_ZSTD;
	return !bytes.overrun && (type == ELFCOMPRESS_ZLIB || packed->is_zstd);
}

/* The way before SHF_COMPRESSED: "ZLIB", the size in big-endian, the stream. */
static bool read_zdebug(struct packed *packed, struct hw_bytes bytes)
{
	const uint8_t *magic = hw_bytes_take(&bytes, 4);

	packed->size_bytes = __builtin_bswap64(hw_bytes_u64(&bytes));
	packed->stream = bytes;
	packed->is_zstd = false;
	return !bytes.overrun && memcmp(magic, "ZLIB", 4) == 0;
}

static bool inflate(const struct packed *packed, void *data)
{
	struct libdeflate_decompressor *inflater = libdeflate_alloc_decompressor();
	const bool done = inflater && libdeflate_zlib_decompress(
					      inflater, packed->stream.at, hw_bytes_left(&packed->stream),
					      data, packed->size_bytes, NULL) == LIBDEFLATE_SUCCESS;

	libdeflate_free_decompressor(inflater);
	return done;
}

static bool unpack_zstd(const struct packed *packed, void *data)
{
#ifdef HAVE_ZSTD
	return ZSTD_decompress(data, packed->size_bytes, packed->stream.at, hw_bytes_left(&packed->stream)) ==
	       packed->size_bytes;
#else
	(void)packed;
	(void)data;
	return false;
#endif
}

/* The unpacked bytes, or NULL when they are not exactly as many as were promised. */
static void *unpack(const struct packed *packed)
{
	void *data = packed->size_bytes ? malloc(packed->size_bytes) : NULL;

	if (data && !(packed->is_zstd ? unpack_zstd(packed, data) : inflate(packed, data))) {
		free(data);
		data = NULL;
	}
	return data;
}

static void open_section(struct hw_dwarf_sections *sections, int index, const struct hw_elf_section *section,
			 uint64_t *unpacked_bytes)
{
	const struct hw_bytes bytes = hw_elf_section_bytes(sections->elf, section);
	struct packed packed;

	if (section->flags & SHF_COMPRESSED) {
		if (!read_chdr(&packed, bytes))
			return;
	} else if (section->name[1] == 'z') {
		if (!read_zdebug(&packed, bytes))
			return;
	} else {
		*cursor_of(sections, (size_t)index) = bytes;
		return;
	}
	if (packed.size_bytes / RATIO_MAX > section->size ||
	    packed.size_bytes > UNPACKED_MAX_BYTES - *unpacked_bytes)
		return;
	sections->unpacked[index] = unpack(&packed);
	if (!sections->unpacked[index])
		return;
	*unpacked_bytes += packed.size_bytes;
	*cursor_of(sections, (size_t)index) = hw_bytes_of(sections->unpacked[index], packed.size_bytes);
}

bool hw_dwarf_sections_open(struct hw_dwarf_sections *sections, const struct hw_elf *elf,
			    enum hw_dwarf_kind kind)
{
	uint64_t unpacked_bytes = 0;

	*sections = (struct hw_dwarf_sections){ .elf = elf };
	for (size_t i = 0; i < HW_DWARF_SECTIONS_MAX; i++)
		*cursor_of(sections, i) = hw_bytes_of(NULL, 0);
	for (size_t i = 0; i < elf->section_count; i++) {
		const int index = section_index(elf->sections[i].name, kind);

		/* The first of a name counts, as everywhere. */
		if (index >= 0 && hw_bytes_left(cursor_of(sections, (size_t)index)) == 0)
			open_section(sections, index, &elf->sections[i], &unpacked_bytes);
	}
	return hw_bytes_left(&sections->info) > 0;
}

void hw_dwarf_sections_close(struct hw_dwarf_sections *sections)
{
	for (size_t i = 0; i < HW_DWARF_SECTIONS_MAX; i++)
		free(sections->unpacked[i]);
	*sections = (struct hw_dwarf_sections){ 0 };
}

void hw_dwarf_sections_release(const struct hw_dwarf_sections *sections, const uint8_t *start,
			       const uint8_t *end)
{
	const struct hw_elf *elf = sections->elf;
	const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t first = (uintptr_t)start, limit = (uintptr_t)end;

	if (!elf || !elf->owns_mapping || start < elf->image || end > elf->image + elf->image_size)
		return; /* unpacked, or a copy: the only one there is */
	first = (first + page - 1) & ~(page - 1);
	limit &= ~(page - 1);
	if (first < limit)
		(void)madvise((void *)first, limit - first, MADV_DONTNEED);
}
