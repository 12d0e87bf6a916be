/* Debug information kept apart from the program: where it may be, and whether it is of the same build. */
#ifndef HW_DSO_DEBUG_FILE_H
#define HW_DSO_DEBUG_FILE_H

#include "base/bytes.h"
#include "dso/elf.h"

#include <stdbool.h>
#include <stdint.h>

struct hw_debug_files {
	struct hw_elf *debug; /* the separate debug file, when the file itself has no DWARF */
	struct hw_elf *alt;   /* the supplementary file dwz shares between debug files */
	struct hw_elf
		*mini; /* "minidebuginfo": symbols in .gnu_debugdata, when there is no .symtab anywhere */
	char *debug_path, *alt_path; /* where they were found; owned */
};

/* Does the file have a symbol table besides the one for dynamic linking? */
bool hw_debug_file_has_symtab(const struct hw_elf *elf);

/* Does the file hold DWARF, plain or compressed? */
bool hw_debug_file_has_dwarf(const struct hw_elf *elf);

/* Find what belongs to a file that lies at path (NULL for an image without a file). A separate file is looked for
 * as GDB does ("Debugging Information in Separate Files"): /usr/lib/debug/.build-id/xx/yyyy.debug, then by
 * .gnu_debuglink beside the file, in .debug/ there, and under /usr/lib/debug; taken only with the same build-id or
 * the CRC the link gives. The dwz file must have the build-id .gnu_debugaltlink gives. Finding none is no error. */
void hw_debug_files_find(struct hw_debug_files *files, const struct hw_elf *elf, const char *path);
void hw_debug_files_fini(struct hw_debug_files *files);

/* The ELF image in .gnu_debugdata (xz, at most 256 MiB unpacked); NULL when it is missing or broken. */
struct hw_elf *hw_debug_file_unpack(const struct hw_elf *elf, const char *name);

#endif
