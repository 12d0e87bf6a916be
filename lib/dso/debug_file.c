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

/* What a candidate must be: of this build-id, or, where that is not known, with this checksum; or anything. And where
 * it is looked for. */
struct wanted {
	struct hw_build_id id;
	bool has_crc;
	uint32_t crc;
	bool is_any;
	const struct hw_root *root; /* before ours; NULL = ours alone */
	char **path;		    /* set to where it was found */
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

static bool is_wanted(const struct hw_elf *elf, const struct wanted *wanted)
{
	struct hw_build_id id;

	if (wanted->is_any)
		return true;
	if (hw_build_id_of_elf(&id, elf) && wanted->id.size)
		return hw_build_id_same(&id, &wanted->id);
	/* The CRC of the link is the one of IEEE 802.3, as is xz's. */
	return wanted->has_crc && lzma_crc32(elf->image, elf->image_size, 0) == wanted->crc;
}

/* The file at path in a tree when it is the wanted one, else NULL. */
static struct hw_elf *take_in(const struct hw_root *root, const char *path, const struct wanted *wanted)
{
	HW_AUTO(hw_closep) int fd = hw_root_open(root, path);
	struct hw_elf *elf = fd < 0 ? NULL : hw_elf_open_fd(fd, path, NULL);

	if (!elf)
		return NULL;
	if (!is_wanted(elf, wanted)) {
		hw_elf_close(elf);
		return NULL;
	}
	if (wanted->path) {
		free(*wanted->path);
		*wanted->path = hw_strdup(path);
	}
	return elf;
}

static struct hw_elf *take(const char *path, const struct wanted *wanted)
{
	struct hw_elf *elf = wanted->root ? take_in(wanted->root, path, wanted) : NULL;

	return elf ? elf : take_in(NULL, path, wanted);
}

static struct hw_elf *take_formatted(const struct wanted *wanted, const char *format, ...) HW_PRINTF(2, 3);
static struct hw_elf *take_formatted(const struct wanted *wanted, const char *format, ...)
{
	char path[PATH_MAX];
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(path, sizeof path, format, args);
	va_end(args);
	if (length < 0 || (size_t)length >= sizeof path)
		return NULL;
	return take(path, wanted);
}

static struct hw_elf *find_by_build_id(const struct wanted *wanted, const char *ending)
{
	char hex[HW_BUILD_ID_HEX_SIZE];

	if (wanted->id.size < 2)
		return NULL;
	hw_build_id_hex(hex, &wanted->id);
	return take_formatted(wanted, DEBUG_ROOT "/.build-id/%.2s/%s%s", hex, hex + 2, ending);
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

/* .gnu_debugaltlink: a path, absolute or relative to the file it stands in, and the build-id (the rest). "" when there is
 * none. */
static const char *alt_link(const struct hw_elf *elf, struct hw_build_id *id)
{
	const struct hw_elf_section *section = hw_elf_find_section(elf, ".gnu_debugaltlink");
	struct hw_bytes bytes = section ? hw_elf_section_bytes(elf, section) : hw_bytes_of(elf->image, 0);
	const char *name = hw_bytes_text(&bytes);
	const size_t size = hw_bytes_left(&bytes);

	*id = (struct hw_build_id){ 0 };
	if (bytes.overrun || size == 0 || size > sizeof id->bytes)
		return "";
	id->size = (uint8_t)size;
	memcpy(id->bytes, bytes.at, size);
	return name;
}

static struct hw_elf *find_alt(const struct hw_elf *elf, struct hw_debug_files *files)
{
	struct wanted wanted = { .path = &files->alt_path, .root = files->root };
	const char *name = alt_link(elf, &wanted.id);
	const char *slash = files->path ? strrchr(files->path, '/') : NULL;
	const char *base = strrchr(name, '/');
	struct hw_elf *found;

	if (!wanted.id.size)
		return NULL;
	found = find_by_build_id(&wanted, ".debug");
	if (!found && name[0] == '/')
		found = take(name, &wanted);
	else if (!found && slash)
		found = take_formatted(&wanted, "%.*s/%s", (int)(slash - files->path), files->path, name);
	if (!found)
		found = take_formatted(&wanted, DEBUG_ROOT "/.dwz/%s", base ? base + 1 : name);
	return found;
}

/* --- Split units --------------------------------------------------------------------------------------- */

/* Skeletons keep the addresses of their units in .debug_addr, in GNU's form of DWARF 4 too. */
static bool has_split_units(const struct hw_elf *elf)
{
	return hw_elf_find_section(elf, ".debug_addr") != NULL;
}

static struct hw_elf *find_dwp(const struct hw_elf *elf, struct hw_debug_files *files)
{
	struct wanted wanted = { .path = &files->dwp_path, .root = files->root, .is_any = true };
	const struct hw_elf *dwarf = hw_debug_files_dwarf(files, elf);
	struct hw_elf *found;

	if (!dwarf || !has_split_units(dwarf))
		return NULL;
	(void)hw_build_id_of_elf(&wanted.id, elf);
	found = files->path ? take_formatted(&wanted, "%s.dwp", files->path) : NULL;
	if (!found && files->debug_path)
		found = take_formatted(&wanted, "%s.dwp", files->debug_path);
	if (!found && files->path)
		found = take_formatted(&wanted, DEBUG_ROOT "%s.dwp", files->path);
	return found ? found : find_by_build_id(&wanted, ".dwp");
}

/* Where a split unit may lie, best first; false when this place makes no sense for it. */
enum dwo_place {
	DWO_NAMED,  /* as the skeleton says */
	DWO_BESIDE, /* the same path, from where the program lies: both were moved together */
	DWO_FLAT,   /* or all in one folder */
	DWO_PLACES,
};

static bool dwo_path(char *path, size_t size, enum dwo_place place, const struct hw_debug_files *files,
		     const char *name, const char *comp_dir)
{
	const char *slash = files->path ? strrchr(files->path, '/') : NULL;
	const int folder = slash ? (int)(slash - files->path) : 0;
	const char *base = strrchr(name, '/');
	int length = -1;

	comp_dir = comp_dir ? comp_dir : "";
	if (place == DWO_NAMED && name[0] == '/')
		length = snprintf(path, size, "%s", name);
	else if (place == DWO_NAMED && comp_dir[0] == '/')
		length = snprintf(path, size, "%s/%s", comp_dir, name);
	else if (place == DWO_NAMED && slash) /* -fdebug-compilation-dir=. */
		length = snprintf(path, size, "%.*s/%s/%s", folder, files->path, comp_dir, name);
	else if (place == DWO_BESIDE && slash && name[0] != '/')
		length = snprintf(path, size, "%.*s/%s", folder, files->path, name);
	else if (place == DWO_FLAT && slash && base && base[1])
		length = snprintf(path, size, "%.*s/%s", folder, files->path, base + 1);
	return length > 0 && (size_t)length < size;
}

struct hw_elf *hw_debug_files_open_dwo(const struct hw_debug_files *files, const char *dwo_name,
				       const char *comp_dir, unsigned *attempt)
{
	const struct hw_root *roots[2] = { files->root, NULL };
	const struct wanted wanted = { .is_any = true };
	struct hw_elf *found = NULL;
	char path[PATH_MAX];

	for (; !found && dwo_name[0] && *attempt < 2 * DWO_PLACES; (*attempt)++) {
		const struct hw_root *root = roots[*attempt % 2];

		if (*attempt % 2 == 0 && !root) /* ours comes next */
			continue;
		if (dwo_path(path, sizeof path, *attempt / 2, files, dwo_name, comp_dir))
			found = take_in(root, path, &wanted);
	}
	return found;
}

/* --- Minidebuginfo ------------------------------------------------------------------------------------- */

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

/* --- All of it ----------------------------------------------------------------------------------------- */

static struct hw_elf *find_debug(const struct hw_elf *elf, struct hw_debug_files *files)
{
	struct wanted wanted = { .path = &files->debug_path, .root = files->root };
	struct hw_elf *found;

	(void)hw_build_id_of_elf(&wanted.id, elf);
	found = find_by_build_id(&wanted, ".debug");
	if (!found && files->path)
		found = find_by_link(elf, files->path, &wanted);
	if (!found) { /* one may have been there, without DWARF */
		free(files->debug_path);
		files->debug_path = NULL;
	}
	return found;
}

const struct hw_elf *hw_debug_files_dwarf(const struct hw_debug_files *files, const struct hw_elf *elf)
{
	if (hw_debug_file_has_dwarf(elf))
		return elf;
	return files->debug && hw_debug_file_has_dwarf(files->debug) ? files->debug : NULL;
}

/* What belongs to the debug file rather than to the program. */
static void find_companions(struct hw_debug_files *files, const struct hw_elf *elf)
{
	files->alt = find_alt(files->debug ? files->debug : elf, files);
	files->dwp = find_dwp(elf, files);
}

void hw_debug_files_find(struct hw_debug_files *files, const struct hw_elf *elf,
			 const struct hw_debug_place *place)
{
	*files = (struct hw_debug_files){ .path = place->path ? hw_strdup(place->path) : NULL,
					  .root = place->root };
	if (!hw_debug_file_has_dwarf(elf))
		files->debug = find_debug(elf, files);
	find_companions(files, elf);
	if (!hw_debug_file_has_symtab(elf) && !(files->debug && hw_debug_file_has_symtab(files->debug)))
		files->mini = hw_debug_file_unpack(elf, place->path ? place->path : "");
}

bool hw_debug_files_lack(const struct hw_debug_files *files, const struct hw_elf *elf,
			 struct hw_build_id *build_id)
{
	const struct hw_elf *dwarf = hw_debug_files_dwarf(files, elf);

	if (!dwarf)
		return hw_build_id_of_elf(build_id, elf);
	(void)alt_link(dwarf, build_id);
	return !files->alt && build_id->size;
}

bool hw_debug_files_put(struct hw_debug_files *files, const struct hw_elf *elf, int fd, const char *path)
{
	struct wanted wanted = { 0 };
	const bool lacks_dwarf = !hw_debug_files_dwarf(files, elf);
	char **path_kept = lacks_dwarf ? &files->debug_path : &files->alt_path;
	struct hw_elf **kept = lacks_dwarf ? &files->debug : &files->alt;
	struct hw_elf *got;

	if (!hw_debug_files_lack(files, elf, &wanted.id))
		return false;
	got = hw_elf_open_fd(fd, path, NULL);
	if (got && (!is_wanted(got, &wanted) || (lacks_dwarf && !hw_debug_file_has_dwarf(got))))
		hw_elf_closep(&got);
	if (!got)
		return false;
	hw_elf_close(*kept);
	*kept = got;
	free(*path_kept);
	*path_kept = hw_strdup(path);
	if (lacks_dwarf)
		find_companions(files, elf);
	return true;
}

void hw_debug_files_fini(struct hw_debug_files *files)
{
	hw_elf_close(files->debug);
	hw_elf_close(files->alt);
	hw_elf_close(files->mini);
	hw_elf_close(files->dwp);
	free(files->debug_path);
	free(files->alt_path);
	free(files->dwp_path);
	free(files->path);
	*files = (struct hw_debug_files){ 0 };
}
