/* The build-id: the linker's fingerprint of a file, the best identity a binary has. */
#ifndef HW_DSO_BUILD_ID_H
#define HW_DSO_BUILD_ID_H

#include "base/bytes.h"
#include "dso/elf.h"

#include <stdbool.h>
#include <stdint.h>

/* As long as the kernel allows (BUILD_ID_SIZE_MAX in include/linux/buildid.h); longer ones count as none. */
#define HW_BUILD_ID_SIZE_MAX 20
#define HW_BUILD_ID_HEX_SIZE (2 * HW_BUILD_ID_SIZE_MAX + 1)

struct hw_build_id {
	uint8_t bytes[HW_BUILD_ID_SIZE_MAX];
	uint8_t size; /* 0 = none */
};

/* The first NT_GNU_BUILD_ID in a run of ELF notes with their names and contents aligned to `align` (4 or 8)
 * bytes. Returns false, and an id of size 0, when there is none or the notes are broken before it. Format: gABI
 * "Note Section", GNU extensions. */
bool hw_build_id_of_notes(struct hw_build_id *id, struct hw_bytes notes, unsigned align);

/* Of a file: from its SHT_NOTE sections, or its PT_NOTE segments where the section headers are stripped. */
bool hw_build_id_of_elf(struct hw_build_id *id, const struct hw_elf *elf);

/* Of the running kernel, from /sys/kernel/notes. */
bool hw_build_id_of_kernel(struct hw_build_id *id);
/* Of a loaded module, by its name without brackets, from /sys/module/NAME/notes/.note.gnu.build-id. */
bool hw_build_id_of_module(struct hw_build_id *id, const char *name);

bool hw_build_id_same(const struct hw_build_id *a, const struct hw_build_id *b);
/* Lower-case hex; "" for none. */
void hw_build_id_hex(char hex[HW_BUILD_ID_HEX_SIZE], const struct hw_build_id *id);

#endif
