/* A bounded cursor over untrusted bytes. The first read past the end sets `overrun`, which stays set, and
 * reads then give 0: a decoder reads like its format's own page and checks once at the end. */
#ifndef HW_BASE_BYTES_H
#define HW_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct hw_bytes {
	const uint8_t *at;
	const uint8_t *end;
	bool overrun;
};

/* A cursor over size bytes; data may be NULL when there are none (C has no arithmetic on NULL, not even + 0). */
static inline struct hw_bytes hw_bytes_of(const void *data, size_t size)
{
	const uint8_t *at = data ? data : (const uint8_t *)"";

	return (struct hw_bytes){ .at = at, .end = at + size };
}

static inline size_t hw_bytes_left(const struct hw_bytes *b)
{
	return (size_t)(b->end - b->at);
}

/* The next size bytes, borrowed from the buffer, or NULL (and overrun) when there are not as many. */
static inline const uint8_t *hw_bytes_take(struct hw_bytes *b, uint64_t size)
{
	const uint8_t *p = b->at;

	if (b->overrun || size > hw_bytes_left(b)) {
		b->overrun = true;
		return NULL;
	}
	b->at += size;
	return p;
}

/* A cursor over the next size bytes, which are skipped; empty and overrun when there are not as many. */
static inline struct hw_bytes hw_bytes_sub(struct hw_bytes *b, uint64_t size)
{
	const uint8_t *p = hw_bytes_take(b, size);

	return (struct hw_bytes){ .at = p, .end = p ? p + size : NULL, .overrun = !p };
}

/* Fixed-width integers in the machine's own byte order, at any alignment. */
#define HW_BYTES_FIXED(name, type)                                 \
	static inline type hw_bytes_##name(struct hw_bytes *b)     \
	{                                                          \
		type value = 0;                                    \
		const uint8_t *p = hw_bytes_take(b, sizeof value); \
		if (p)                                             \
			memcpy(&value, p, sizeof value);           \
		return value;                                      \
	}
HW_BYTES_FIXED(u8, uint8_t)
HW_BYTES_FIXED(u16, uint16_t)
HW_BYTES_FIXED(u32, uint32_t)
HW_BYTES_FIXED(u64, uint64_t)

/* LEB128 and protobuf's varint (DWARF 5 section 7.6). More than 64 bits is an overrun. */
static inline uint64_t hw_bytes_uleb(struct hw_bytes *b)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 70; shift += 7) {
		const uint8_t byte = hw_bytes_u8(b);

		if (b->overrun)
			return 0;
		if (shift < 64)
			value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return value;
	}
	b->overrun = true;
	return 0;
}

static inline int64_t hw_bytes_sleb(struct hw_bytes *b)
{
	uint64_t value = 0;
	unsigned shift = 0;
	uint8_t byte;

	do {
		byte = hw_bytes_u8(b);
		if (b->overrun || shift >= 70) {
			b->overrun = true;
			return 0;
		}
		if (shift < 64)
			value |= (uint64_t)(byte & 0x7f) << shift;
		shift += 7;
	} while (byte & 0x80);
	if (shift < 64 && (byte & 0x40))
		value |= ~UINT64_C(0) << shift;
	return (int64_t)value;
}

/* A NUL-terminated text, borrowed; overrun when no NUL is left. Never NULL. */
static inline const char *hw_bytes_text(struct hw_bytes *b)
{
	const uint8_t *nul = b->overrun ? NULL : memchr(b->at, '\0', hw_bytes_left(b));
	const char *text = (const char *)b->at;

	if (!nul) {
		b->overrun = true;
		return "";
	}
	b->at = nul + 1;
	return text;
}

#endif
