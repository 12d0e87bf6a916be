/* ELF files made of readable parts, for tests: a header, segments that each cover a section, the sections. */
#ifndef HW_TESTS_ELF_BUILDER_H
#define HW_TESTS_ELF_BUILDER_H

#include "base/buf.h"

#include <elf.h>
#include <stdint.h>

struct elf_section {
	const char *name;
	uint32_t type;
	uint64_t flags;
	uint64_t vaddr_svma;
	const void *data;
	uint64_t size;
	uint32_t link; /* index; the first section given is 1 */
	uint64_t entry_size;
};

struct elf_segment {
	uint32_t type;	  /* PT_* */
	uint32_t flags;	  /* PF_* */
	uint32_t section; /* the section it covers */
};

/* Replace image with an x86-64 ET_DYN file of these parts. Offsets in the file are not addresses. A .shstrtab is
 * added as the last section, and the section headers are the end of the file. */
void elf_build(struct hw_buf *image, const struct elf_section *sections, size_t section_count,
	       const struct elf_segment *segments, size_t segment_count);

/* Offset in the file of a section's bytes (index as above). */
uint64_t elf_section_foff(const struct hw_buf *image, size_t index);

/* A symbol table of entries added one by one, and its strings. */
struct elf_symbols {
	struct hw_buf entries;
	struct hw_buf strings;
};

void elf_symbol(struct elf_symbols *symbols, const char *name, unsigned binding, unsigned type,
		uint16_t section, uint64_t value, uint64_t size);
void elf_symbols_fini(struct elf_symbols *symbols);

#endif
