/* An ELF file mapped read-only: segments, sections, and the conversions between file offsets and addresses. */
#ifndef HW_DSO_ELF_H
#define HW_DSO_ELF_H

#include "base/bytes.h"
#include "base/err.h"

#include <libelf.h>
#include <stdbool.h>
#include <stdint.h>

struct hw_elf_segment { /* a PT_LOAD or PT_NOTE */
	uint64_t vaddr_svma;
	uint64_t file_foff;
	uint64_t file_size;
	uint64_t mem_size;
	uint64_t align;
	uint32_t flags; /* PF_* */
};

struct hw_elf_section {
	const char *name; /* borrowed from the image */
	uint64_t vaddr_svma;
	uint64_t file_foff;
	uint64_t size;
	uint32_t type;	/* SHT_* */
	uint32_t link;	/* index of a related section: the strings of a symbol table, ... */
	uint64_t flags; /* SHF_* */
	uint64_t entry_size;
};

struct hw_elf {
	const uint8_t *image;
	size_t image_size;
	uint16_t machine;		 /* EM_* */
	uint16_t type;			 /* ET_* */
	struct hw_elf_segment *segments; /* PT_LOAD */
	size_t segment_count;
	struct hw_elf_segment *notes; /* PT_NOTE */
	size_t note_count;
	struct hw_elf_section
		*sections; /* by index; none when the headers are stripped or lie outside the file */
	size_t section_count;
	uint64_t eh_frame_hdr_svma; /* PT_GNU_EH_FRAME; 0 when absent */
	uint64_t eh_frame_hdr_size;
	uint64_t dynamic_svma; /* PT_DYNAMIC; 0 when absent */
	uint64_t dynamic_size;
	int fd; /* kept open for handles of files with compressed sections; else -1 */
	bool owns_mapping;
	bool owns_copy;
};

/* Map the open file; fd may be closed afterwards. NULL with err when it is not a 64-bit little-endian ELF file
 * of at most 4 GiB whose program headers lie inside it. Section headers are not needed to run and so may be
 * missing or wrong in a file that runs: it then has no sections. Format: elf(5). */
struct hw_elf *hw_elf_open_fd(int fd, const char *name, struct hw_err *err) HW_CHECKED;
/* Over a copy of these bytes. */
struct hw_elf *hw_elf_open_bytes(const void *image, size_t size, const char *name, struct hw_err *err)
	HW_CHECKED;
void hw_elf_close(struct hw_elf *elf);
void hw_elf_closep(struct hw_elf **elf);

/* A libelf handle of the caller's own, for libdw; ended with elf_end(3) before the file is closed. Handles share no
 * state, so that threads may each have one. NULL when libelf refuses the file. */
Elf *hw_elf_handle(const struct hw_elf *elf);

/* The section of that name, or NULL. */
const struct hw_elf_section *hw_elf_find_section(const struct hw_elf *elf, const char *name);
/* Its bytes as they stand in the file (not decompressed); empty for SHT_NOBITS. */
struct hw_bytes hw_elf_section_bytes(const struct hw_elf *elf, const struct hw_elf_section *section);

/* Its bytes decompressed (SHF_COMPRESSED: gABI, "Section Compression"), in memory of the caller's own; NULL when they are
 * not what they say, or too many. */
void *hw_elf_unpack_section(const struct hw_elf *elf, const struct hw_elf_section *section, size_t *size)
	HW_CHECKED;

/* Address as written in the file <-> offset in the file, through the PT_LOAD that covers it; false when none does. */
bool hw_elf_svma_of_foff(const struct hw_elf *elf, uint64_t foff, uint64_t *svma);
bool hw_elf_foff_of_svma(const struct hw_elf *elf, uint64_t svma, uint64_t *foff);

/* size bytes at an address as loaded, borrowed from the image; NULL when they are not all in the file. */
const uint8_t *hw_elf_at_svma(const struct hw_elf *elf, uint64_t svma, uint64_t size);

#endif
