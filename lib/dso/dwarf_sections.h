/* The sections of one file that hold DWARF, as bounded cursors over their bytes, unpacked where they are compressed. */
#ifndef HW_DSO_DWARF_SECTIONS_H
#define HW_DSO_DWARF_SECTIONS_H

#include "base/bytes.h"
#include "dso/elf.h"

#define HW_DWARF_SECTIONS_MAX 10

/* What is missing or broken is empty. Cursors are copied to be read from: several threads may. */
struct hw_dwarf_sections {
	const struct hw_elf *elf; /* borrowed */
	struct hw_bytes info, abbrev, str, line_str, line, ranges, rnglists, addr, str_offsets;
	struct hw_bytes cu_index; /* of a .dwp: where the contributions of each split unit lie */
	/* Of the file that dwz(1) shares between debug files (DW_FORM_GNU_*_alt, DW_FORM_*_sup); borrowed, NULL = none. */
	const struct hw_dwarf_sections *alt;
	void *unpacked[HW_DWARF_SECTIONS_MAX]; /* owned */
};

/* Which names the sections have. */
enum hw_dwarf_kind {
	HW_DWARF_WHOLE, /* ".debug_info": in a program, in its separate debug file, in a dwz file */
	HW_DWARF_SPLIT, /* ".debug_info.dwo": in a .dwo or .dwp (DWARF 5 section 7.3.2) */
};

/* Give the sections of a file, which must stay open as long as they are used. Compressed ones (SHF_COMPRESSED with zlib or zstd,
 * or ".zdebug_*") are unpacked at once, into memory that hw_dwarf_sections_close frees; one that is not what
 * it says, or that would make more than 4 GiB, is empty. Returns whether there is a .debug_info with bytes in it. */
bool hw_dwarf_sections_open(struct hw_dwarf_sections *sections, const struct hw_elf *elf,
			    enum hw_dwarf_kind kind);
void hw_dwarf_sections_close(struct hw_dwarf_sections *sections);

/* Let go of the memory behind bytes that were read from the file and are not needed soon: they are read again when
 * they are. For bytes borrowed from one of the sections. */
void hw_dwarf_sections_release(const struct hw_dwarf_sections *sections, const uint8_t *start,
			       const uint8_t *end);

#endif
