/* DWARF written byte by byte, for tests that know every byte. */
#ifndef HW_TESTS_DWARF_BYTES_H
#define HW_TESTS_DWARF_BYTES_H

#include "base/buf.h"
#include "base/bytes.h"

#include <stdint.h>
#include <string.h>

static inline void put_u8(struct hw_buf *buf, unsigned value)
{
	const uint8_t byte = (uint8_t)value;

	hw_buf_add(buf, &byte, sizeof byte);
}

static inline void put_u16(struct hw_buf *buf, uint16_t value)
{
	hw_buf_add(buf, &value, sizeof value);
}

static inline void put_u32(struct hw_buf *buf, uint32_t value)
{
	hw_buf_add(buf, &value, sizeof value);
}

static inline void put_u64(struct hw_buf *buf, uint64_t value)
{
	hw_buf_add(buf, &value, sizeof value);
}

static inline void put_uleb(struct hw_buf *buf, uint64_t value)
{
	for (; value >= 0x80; value >>= 7)
		put_u8(buf, (value & 0x7f) | 0x80);
	put_u8(buf, (unsigned)value);
}

static inline void put_text(struct hw_buf *buf, const char *text)
{
	hw_buf_add(buf, text, strlen(text) + 1);
}

/* An abbreviation without its attributes: code, tag, whether it has children. */
static inline void put_abbrev(struct hw_buf *buf, uint64_t code, uint64_t tag, bool has_children)
{
	put_uleb(buf, code);
	put_uleb(buf, tag);
	put_u8(buf, has_children);
}

/* One of its attributes; 0, 0 ends them. */
static inline void put_spec(struct hw_buf *buf, uint64_t name, uint64_t form)
{
	put_uleb(buf, name);
	put_uleb(buf, form);
}

static inline struct hw_bytes bytes_of(const struct hw_buf *buf)
{
	return hw_bytes_of(buf->data, buf->size);
}

/* Start a unit of 32-bit DWARF with 8-byte addresses and the abbreviations at 0; returns what put_unit_end wants. */
static inline size_t put_unit(struct hw_buf *buf, uint16_t version)
{
	const size_t start = buf->size;

	put_u32(buf, 0);
	put_u16(buf, version);
	if (version >= 5) {
		put_u8(buf, 1); /* DW_UT_compile */
		put_u8(buf, 8);
		put_u32(buf, 0);
	} else {
		put_u32(buf, 0);
		put_u8(buf, 8);
	}
	return start;
}

static inline void put_unit_end(struct hw_buf *buf, size_t start)
{
	const uint32_t length = (uint32_t)(buf->size - start - 4);

	memcpy(buf->data + start, &length, sizeof length);
}

#endif
