#include "dso/build_id.h"

#include "base/file.h"

#include <elf.h>

#define NOTES_LIMIT_BYTES ((uint64_t)1 << 20)

static void skip_padding(struct hw_bytes *notes, uint64_t size, unsigned align)
{
	const uint64_t padding = (align - size % align) % align;

	/* The last note's padding may be missing. */
	(void)hw_bytes_take(notes, padding < hw_bytes_left(notes) ? padding : hw_bytes_left(notes));
}

bool hw_build_id_of_notes(struct hw_build_id *id, struct hw_bytes notes, unsigned align)
{
	*id = (struct hw_build_id){ 0 };
	while (!notes.overrun && hw_bytes_left(&notes) > 0) {
		const uint32_t name_size = hw_bytes_u32(&notes);
		const uint32_t desc_size = hw_bytes_u32(&notes);
		const uint32_t type = hw_bytes_u32(&notes);
		const uint8_t *name = hw_bytes_take(&notes, name_size);
		const uint8_t *desc;

		skip_padding(&notes, name_size, align);
		desc = hw_bytes_take(&notes, desc_size);
		skip_padding(&notes, desc_size, align);
		if (!name || !desc)
			return false;
		if (type != NT_GNU_BUILD_ID || name_size != sizeof ELF_NOTE_GNU ||
		    memcmp(name, ELF_NOTE_GNU, sizeof ELF_NOTE_GNU) != 0)
			continue;
		if (desc_size == 0 || desc_size > sizeof id->bytes)
			return false;
		memcpy(id->bytes, desc, desc_size);
		id->size = (uint8_t)desc_size;
		return true;
	}
	return false;
}

bool hw_build_id_of_elf(struct hw_build_id *id, const struct hw_elf *elf)
{
	for (size_t i = 0; i < elf->section_count; i++)
		if (elf->sections[i].type == SHT_NOTE &&
		    hw_build_id_of_notes(id, hw_elf_section_bytes(elf, &elf->sections[i]), 4))
			return true;
	for (size_t i = 0; i < elf->note_count; i++) {
		const struct hw_elf_segment *note = &elf->notes[i];

		if (note->file_foff > elf->image_size || note->file_size > elf->image_size - note->file_foff)
			continue;
		if (hw_build_id_of_notes(id, hw_bytes_of(elf->image + note->file_foff, note->file_size),
					 note->align == 8 ? 8 : 4))
			return true;
	}
	*id = (struct hw_build_id){ 0 };
	return false;
}

static bool id_of_file(struct hw_build_id *id, const char *path)
{
	struct hw_buf buf = { 0 };
	bool found = false;

	*id = (struct hw_build_id){ 0 };
	if (hw_file_read(&buf, path, NOTES_LIMIT_BYTES, NULL) == 0)
		found = hw_build_id_of_notes(id, hw_bytes_of(buf.data, buf.size), 4);
	hw_buf_fini(&buf);
	return found;
}

bool hw_build_id_of_kernel(struct hw_build_id *id)
{
	return id_of_file(id, "/sys/kernel/notes");
}

bool hw_build_id_of_module(struct hw_build_id *id, const char *name)
{
	char path[256];

	*id = (struct hw_build_id){ 0 };
	if (strchr(name, '/') || name[0] == '.')
		return false;
	(void)snprintf(path, sizeof path, "/sys/module/%s/notes/.note.gnu.build-id", name);
	return id_of_file(id, path);
}

bool hw_build_id_same(const struct hw_build_id *a, const struct hw_build_id *b)
{
	return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

void hw_build_id_hex(char hex[HW_BUILD_ID_HEX_SIZE], const struct hw_build_id *id)
{
	static const char digits[] = "0123456789abcdef";
	size_t size = 0;

	for (size_t i = 0; i < id->size; i++) {
		hex[size++] = digits[id->bytes[i] >> 4];
		hex[size++] = digits[id->bytes[i] & 15];
	}
	hex[size] = '\0';
}
