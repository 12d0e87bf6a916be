#include "dso/debug_file.h"

#include "base/buf.h"
#include "dso/build_id.h"
#include "dso/open_file.h"

#include <elf.h>
#include <limits.h>
#include <lzma.h>
#include <stdarg.h>

#define DEBUG_ROOT "/usr/lib/debug"
#define UNPACKED_MAX_BYTES ((size_t)256 << 20)
#define UNPACKER_MAX_BYTES ((uint64_t)128 << 20)

/* What a candidate must be: of this build-id, or, where that is not known, with this checksum. */
struct wanted {
	struct hw_build_id id;
	bool has_crc;
	uint32_t crc;
	char **path; /* set to where it was found */
};

bool hw_debug_file_has_dwarf(const struct hw_elf *elf)
{
	for (size_t i = 0; i < elf->section_count; i++) {
		const struct hw_elf_section *s = &elf->sections[i];

		if (s->type != SHT_NOBITS && s->size &&
		    (strcmp(s->name, ".debug_info") == 0 || strcmp(s->name, ".zdebug_info") == 0))
			return true;
	}
	return false;
}

bool hw_debug_file_has_symtab(const struct hw_elf *elf)
{
	for (size_t i = 0; i < elf->section_count; i++)
		if (elf->sections[i].type == SHT_SYMTAB)
			return true;
	return false;
}

static bool is_wanted(const struct hw_elf *elf, const struct hw_build_id *id, const struct wanted *wanted)
{
	if (wanted->id.size && id->size)
		return hw_build_id_same(id, &wanted->id);
	/* The CRC of the link is the one of IEEE 802.3, as is xz's. */
	return wanted->has_crc && lzma_crc32(elf->image, elf->image_size, 0) == wanted->crc;
}

/* The file at path when it is the wanted one, else NULL. */
static struct hw_elf *take(const char *path, const struct wanted *wanted)
{
	HW_AUTO(hw_closep) int fd = hw_open_regular(path);
	struct hw_elf *elf = fd < 0 ? NULL : hw_elf_open_fd(fd, path, NULL);
	struct hw_build_id id;

	if (!elf)
		return NULL;
	(void)hw_build_id_of_elf(&id, elf);
	if (!is_wanted(elf, &id, wanted)) {
		hw_elf_close(elf);
		return NULL;
	}
	free(*wanted->path);
	*wanted->path = hw_strdup(path);
	return elf;
}

static struct hw_elf *take_formatted(const struct wanted *wanted, const char *format, ...) HW_PRINTF(2, 3);
static struct hw_elf *take_formatted(const struct wanted *wanted, const char *format, ...)
{
	struct hw_elf *elf;
	char path[PATH_MAX];
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(path, sizeof path, format, args);
	va_end(args);
	if (length < 0 || (size_t)length >= sizeof path)
		return NULL;
	elf = take(path, wanted);
	return elf;
}

static struct hw_elf *find_by_build_id(const struct wanted *wanted)
{
	char hex[HW_BUILD_ID_HEX_SIZE];

	if (wanted->id.size < 2)
		return NULL;
	hw_build_id_hex(hex, &wanted->id);
	return take_formatted(wanted, DEBUG_ROOT "/.build-id/%.2s/%s.debug", hex, hex + 2);
}

/* .gnu_debuglink: a file name, padding to 4 bytes, the CRC of that file. */
static struct hw_elf *find_by_link(const struct hw_elf *elf, const char *path, struct wanted *wanted)
{
	const struct hw_elf_section *section = hw_elf_find_section(elf, ".gnu_debuglink");
	struct hw_bytes bytes = section ? hw_elf_section_bytes(elf, section) : hw_bytes_of(elf->image, 0);
	const char *name = hw_bytes_text(&bytes);
	const size_t padding = (4 - (strlen(name) + 1) % 4) % 4;
	const char *slash = strrchr(path, '/');
	const int folder = slash ? (int)(slash - path) : 0;
	struct hw_elf *found;

	(void)hw_bytes_take(&bytes, padding);
	wanted->crc = hw_bytes_u32(&bytes);
	wanted->has_crc = !bytes.overrun;
	if (!wanted->has_crc || !*name || strchr(name, '/') || !slash || slash - path >= PATH_MAX)
		return NULL;
	/* A file may name itself: then it is tried, has no DWARF, and the next place is looked at. */
	found = take_formatted(wanted, "%.*s/%s", folder, path, name);
	if (found && !hw_debug_file_has_dwarf(found))
		hw_elf_closep(&found);
	if (!found)
		found = take_formatted(wanted, "%.*s/.debug/%s", folder, path, name);
	if (!found)
		found = take_formatted(wanted, DEBUG_ROOT "%.*s/%s", folder, path, name);
	return found;
}

/* .gnu_debugaltlink: a path, absolute or relative to the file it stands in, and the build-id (the rest). */
static struct hw_elf *find_alt(const struct hw_elf *elf, const char *path, char **alt_path)
{
	const struct hw_elf_section *section = hw_elf_find_section(elf, ".gnu_debugaltlink");
	struct hw_bytes bytes = section ? hw_elf_section_bytes(elf, section) : hw_bytes_of(elf->image, 0);
	const char *name = hw_bytes_text(&bytes);
	const char *slash = path ? strrchr(path, '/') : NULL;
	struct wanted wanted = { .path = alt_path };
	struct hw_elf *found;
	size_t size;

	if (bytes.overrun)
		return NULL;
	size = hw_bytes_left(&bytes);
	if (size == 0 || size > sizeof wanted.id.bytes)
		return NULL;
	wanted.id.size = (uint8_t)size;
	memcpy(wanted.id.bytes, bytes.at, size);
	found = find_by_build_id(&wanted);
	if (!found && name[0] == '/')
		found = take(name, &wanted);
	else if (!found && slash && slash - path < PATH_MAX)
		found = take_formatted(&wanted, "%.*s/%s", (int)(slash - path), path, name);
	if (!found) {
		const char *base = strrchr(name, '/');

		found = take_formatted(&wanted, DEBUG_ROOT "/.dwz/%s", base ? base + 1 : name);
	}
	return found;
}

/* Unpack a whole xz stream; false when it is broken or too large. */
static bool unpack(struct hw_buf *to, struct hw_bytes from)
{
	lzma_stream stream = LZMA_STREAM_INIT;
	lzma_ret status = lzma_stream_decoder(&stream, UNPACKER_MAX_BYTES, 0);

	stream.next_in = from.at;
	stream.avail_in = hw_bytes_left(&from);
	while (status == LZMA_OK && to->size < UNPACKED_MAX_BYTES) {
		const size_t step = to->size < ((size_t)1 << 16) ? (size_t)1 << 16 : to->size;

		stream.next_out = (uint8_t *)hw_buf_reserve(to, step);
		stream.avail_out = step;
		status = lzma_code(&stream, LZMA_FINISH);
		to->size += step - stream.avail_out;
	}
	lzma_end(&stream);
	return status == LZMA_STREAM_END;
}

struct hw_elf *hw_debug_file_unpack(const struct hw_elf *elf, const char *name)
{
	const struct hw_elf_section *section = hw_elf_find_section(elf, ".gnu_debugdata");
	struct hw_elf *mini = NULL;
	struct hw_buf image = { 0 };

	if (!section)
		return NULL;
	if (unpack(&image, hw_elf_section_bytes(elf, section)))
		mini = hw_elf_open_bytes(image.data, image.size, name, NULL);
	hw_buf_fini(&image);
	return mini;
}

void hw_debug_files_find(struct hw_debug_files *files, const struct hw_elf *elf, const char *path)
{
	struct wanted wanted = { .path = &files->debug_path };

	*files = (struct hw_debug_files){ 0 };
	if (path && !hw_debug_file_has_dwarf(elf)) {
		(void)hw_build_id_of_elf(&wanted.id, elf);
		files->debug = find_by_build_id(&wanted);
		if (!files->debug)
			files->debug = find_by_link(elf, path, &wanted);
		if (!files->debug) { /* one may have been there, without DWARF */
			free(files->debug_path);
			files->debug_path = NULL;
		}
	}
	files->alt = find_alt(files->debug ? files->debug : elf, path, &files->alt_path);
	if (!hw_debug_file_has_symtab(elf) && !(files->debug && hw_debug_file_has_symtab(files->debug)))
		files->mini = hw_debug_file_unpack(elf, path ? path : "");
}

void hw_debug_files_fini(struct hw_debug_files *files)
{
	hw_elf_close(files->debug);
	hw_elf_close(files->alt);
	hw_elf_close(files->mini);
	free(files->debug_path);
	free(files->alt_path);
	*files = (struct hw_debug_files){ 0 };
}
