/* Debug information kept apart from the program: where it may be, and whether it is of the same build. */
#ifndef HW_DSO_DEBUG_FILE_H
#define HW_DSO_DEBUG_FILE_H

#include "base/bytes.h"
#include "dso/build_id.h"
#include "dso/elf.h"
#include "dso/root.h"

#include <stdbool.h>
#include <stdint.h>

/* Where a program or library lies, and in whose tree of files what belongs to it is looked for first, before ours
 * (NULL = only ours). All borrowed. */
struct hw_debug_place {
	const char *path; /* NULL for an image without a file: then only build-ids lead anywhere */
	const struct hw_root *root;
};

struct hw_debug_files {
	struct hw_elf *debug; /* the separate debug file, when the file itself has no DWARF */
	struct hw_elf *alt;   /* the supplementary file dwz shares between debug files */
	struct hw_elf
		*mini; /* "minidebuginfo": symbols in .gnu_debugdata, when there is no .symtab anywhere */
	struct hw_elf
		*dwp; /* split units packed together; NULL when there is none, or no unit can be split */
	char *debug_path, *alt_path, *dwp_path; /* where they were found; owned */
	char *path;				/* of the place; owned */
	const struct hw_root *root;		/* of the place; borrowed */
};

/* Does the file have a symbol table besides the one for dynamic linking? */
bool hw_debug_file_has_symtab(const struct hw_elf *elf);

/* Does the file hold DWARF, plain or compressed? */
bool hw_debug_file_has_dwarf(const struct hw_elf *elf);

/* Find what belongs to a file. A separate file is looked for as GDB does ("Debugging Information in Separate Files"):
 * /usr/lib/debug/.build-id/xx/yyyy.debug, then by .gnu_debuglink beside the file, in .debug/ there, and under
 * /usr/lib/debug; taken only with the same build-id or the CRC the link gives. The dwz file must have the
 * build-id .gnu_debugaltlink gives. A .dwp is FILE.dwp beside the file or its debug file, the same under
 * /usr/lib/debug, or .build-id/xx/yyyy.dwp there; it says itself which units it has. Only regular files are opened.
 * Finding none is no error. */
void hw_debug_files_find(struct hw_debug_files *files, const struct hw_elf *elf,
			 const struct hw_debug_place *place);
void hw_debug_files_fini(struct hw_debug_files *files);

/* The file with the DWARF: the file itself or its separate debug file; NULL when neither has any. */
const struct hw_elf *hw_debug_files_dwarf(const struct hw_debug_files *files, const struct hw_elf *elf);

/* Open the file of a split unit that is not in files->dwp, by the DW_AT_dwo_name (DW_AT_GNU_dwo_name) and DW_AT_comp_dir
 * (NULL = none) of its skeleton. Files of that name may be of another build: the caller compares the unit's dwo_id,
 * and calls again with the same *attempt, 0 at first, when it differs. Looked for as named; relative to comp_dir; beside
 * the program. The caller owns it (hw_elf_close); NULL when there is no further one. Threads may ask at the same time. */
struct hw_elf *hw_debug_files_open_dwo(const struct hw_debug_files *files, const char *dwo_name,
				       const char *comp_dir, unsigned *attempt) HW_CHECKED;

/* What is missing and could be had from a server by its build-id: the debug file, or the one dwz shares. False when nothing
 * is, or when no build-id tells. */
bool hw_debug_files_lack(const struct hw_debug_files *files, const struct hw_elf *elf,
			 struct hw_build_id *build_id);

/* Take a file that came from elsewhere in the place of what hw_debug_files_lack named, when it is that; fd stays the
 * caller's. False when it is another file. */
bool hw_debug_files_put(struct hw_debug_files *files, const struct hw_elf *elf, int fd, const char *path);

/* The ELF image in .gnu_debugdata (xz, at most 256 MiB unpacked); NULL when it is missing or broken. */
struct hw_elf *hw_debug_file_unpack(const struct hw_elf *elf, const char *name);

#endif
