/* How DWARF writes the values of attributes: DWARF 5 section 7.5.5, with the GNU extensions for split units and dwz(1). */
#ifndef HW_DSO_DWARF_FORM_H
#define HW_DSO_DWARF_FORM_H

#include "base/bytes.h"

#include <stdbool.h>
#include <stdint.h>

/* What a form's size depends on besides itself. */
struct hw_dwarf_encoding {
	uint8_t version;      /* 2 to 5 */
	uint8_t address_size; /* 4 or 8 bytes */
	uint8_t offset_size;  /* 4 or 8 bytes: 32-bit or 64-bit DWARF */
};

enum hw_dwarf_class {
	HW_DWARF_NONE, /* no value */
	HW_DWARF_NUMBER,
	HW_DWARF_ADDRESS,
	HW_DWARF_ADDRESS_INDEX,	 /* into .debug_addr */
	HW_DWARF_TEXT,		 /* in place */
	HW_DWARF_TEXT_STR,	 /* offset in .debug_str */
	HW_DWARF_TEXT_LINE_STR,	 /* offset in .debug_line_str */
	HW_DWARF_TEXT_ALT,	 /* offset in .debug_str of the dwz file */
	HW_DWARF_TEXT_INDEX,	 /* into .debug_str_offsets */
	HW_DWARF_REFERENCE,	 /* offset in the unit */
	HW_DWARF_REFERENCE_INFO, /* offset in .debug_info */
	HW_DWARF_REFERENCE_ALT,	 /* offset in .debug_info of the dwz file */
	HW_DWARF_SECTION_OFFSET, /* in the section the attribute means */
	HW_DWARF_LIST_INDEX,	 /* into the offsets before .debug_rnglists' lists */
	HW_DWARF_OTHER,		 /* blocks, expressions, references to type units: skipped */
};

struct hw_dwarf_value {
	enum hw_dwarf_class kind;
	uint64_t number;
	const char *text; /* HW_DWARF_TEXT: borrowed from the section */
};

#define HW_DWARF_SIZE_VARIES (-1)
#define HW_DWARF_SIZE_UNKNOWN (-2)

/* Bytes a value of that form (DW_FORM_*) takes; one of the two above when they are not always as many, or when nothing
 * is known about the form, so that nothing behind it can be read. */
int hw_dwarf_form_size(uint64_t form, struct hw_dwarf_encoding encoding);

/* An offset in a section, of the unit's offset size. */
static inline uint64_t hw_dwarf_offset(struct hw_bytes *bytes, struct hw_dwarf_encoding encoding)
{
	return encoding.offset_size == 8 ? hw_bytes_u64(bytes) : hw_bytes_u32(bytes);
}

static inline uint64_t hw_dwarf_address(struct hw_bytes *bytes, struct hw_dwarf_encoding encoding)
{
	return encoding.address_size == 8 ? hw_bytes_u64(bytes) : hw_bytes_u32(bytes);
}

/* hw_bytes_uleb, for where most values are below 128. */
static inline uint64_t hw_dwarf_uleb(struct hw_bytes *bytes)
{
	if (bytes->at < bytes->end && *bytes->at < 0x80 && !bytes->overrun)
		return *bytes->at++;
	return hw_bytes_uleb(bytes);
}

/* Read a value; implicit is that of DW_FORM_implicit_const, which stands in the abbreviation. An unknown form is an
 * overrun of the cursor. */
void hw_dwarf_value_read(struct hw_dwarf_value *value, struct hw_bytes *bytes, uint64_t form,
			 int64_t implicit, struct hw_dwarf_encoding encoding);

#endif
