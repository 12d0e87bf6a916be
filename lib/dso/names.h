/* Everything that names the addresses of one ELF file: its symbols, and its debug information wherever that is. */
#ifndef HW_DSO_NAMES_H
#define HW_DSO_NAMES_H

#include "dso/answer.h"
#include "dso/debug_file.h"
#include "dso/elf.h"

struct hw_names; /* lib/dso/names.c */

/* Read a file's symbols, which may be in one of the files that belong to it. Both are borrowed and must outlive the
 * names. */
struct hw_names *hw_names_new(const struct hw_elf *elf, const struct hw_debug_files *files);
void hw_names_free(struct hw_names *names);

/* Answer for offsets in the file, ascending, one after the other: hw_answer_next and frames for each. The work on their
 * units is done by the workers (NULL = in this thread), which are told of each address that is done; the answer does
 * not depend on how they run. */
void hw_names_resolve(struct hw_names *names, const uint64_t *foffs, size_t count, struct hw_workers *workers,
		      struct hw_answer_writer *writer);

#endif
