/* Everything that names the addresses of one ELF file: its symbols, and its debug information wherever that is. */
#ifndef HW_DSO_NAMES_H
#define HW_DSO_NAMES_H

#include "dso/answer.h"
#include "dso/elf.h"

struct hw_names; /* lib/dso/names.c */

/* Find the file's debug information and read its symbols. elf is borrowed and must outlive the names; path is
 * where it was found, beside which separate files lie; NULL for an image without a file. */
struct hw_names *hw_names_new(const struct hw_elf *elf, const char *path);
void hw_names_free(struct hw_names *names);

/* Answer for offsets in the file, ascending, one after the other: hw_answer_next and frames for each. */
void hw_names_resolve(struct hw_names *names, const uint64_t *foffs, size_t count,
		      struct hw_answer_writer *writer);

#endif
