/* protobuf's wire format (protobuf.dev/programming-guides/encoding), read field by field from a bounded cursor:
 *
 *	while (hw_wire_next(&body, &field))
 *		switch (field.number) { ... }
 *	if (body.overrun) ... the message is cut short or no message
 */
#ifndef HW_FORMAT_WIRE_H
#define HW_FORMAT_WIRE_H

#include "base/bytes.h"

enum hw_wire_type { HW_WIRE_VARINT = 0, HW_WIRE_FIXED64 = 1, HW_WIRE_BYTES = 2, HW_WIRE_FIXED32 = 5 };

struct hw_wire_field {
	uint32_t number;
	enum hw_wire_type type;
	uint64_t value;	       /* of a varint, else 0 */
	struct hw_bytes bytes; /* of text, a message or packed numbers, else empty */
};

/* As hw_bytes_uleb, which goes byte by byte; numbers of up to four bytes, nearly all, take no branch that depends
 * on their length. */
static inline uint64_t hw_wire_varint(struct hw_bytes *b)
{
	if (hw_bytes_left(b) >= 4) {
		const uint8_t *p = b->at;
		const uint32_t word =
			p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
		const uint32_t ends = ~word & 0x80808080; /* the top bit of bytes that no other follows */

		if (ends) {
			const uint32_t last = ends & -ends; /* of the first such byte */
			const uint32_t bits = word & (last - 1);

			b->at += (unsigned)__builtin_ctz(ends) / 8 + 1;
			return (bits & 0x7f) | (bits >> 1 & 0x3f80) | (bits >> 2 & 0x1fc000) |
			       (bits >> 3 & 0xfe00000);
		}
	}
	return hw_bytes_uleb(b);
}

/* The next field, or false at the end. What cannot be a field sets overrun and ends too. */
static inline bool hw_wire_next(struct hw_bytes *b, struct hw_wire_field *field)
{
	uint64_t tag;

	if (b->overrun || b->at == b->end)
		return false;
	tag = hw_wire_varint(b);
	field->number = (uint32_t)(tag >> 3);
	field->type = (enum hw_wire_type)(tag & 7);
	field->value = 0;
	field->bytes = hw_bytes_of(NULL, 0);
	switch (field->type) {
	case HW_WIRE_VARINT:
		field->value = hw_wire_varint(b);
		break;
	case HW_WIRE_BYTES:
		field->bytes = hw_bytes_sub(b, hw_wire_varint(b));
		break;
	case HW_WIRE_FIXED64:
		(void)hw_bytes_take(b, 8);
		break;
	case HW_WIRE_FIXED32:
		(void)hw_bytes_take(b, 4);
		break;
	default: /* groups are gone from the language, 6 and 7 never were in it */
		b->overrun = true;
	}
	if (tag >> 3 == 0 || tag >> 32) /* field numbers are 1 .. 2^29 - 1 */
		b->overrun = true;
	return !b->overrun;
}

/* The next number of a repeated field: the single one of an unpacked occurrence, each of a packed one. False at
 * the end; field->bytes.overrun when the packed run ends within a number. */
static inline bool hw_wire_next_number(struct hw_wire_field *field, uint64_t *number)
{
	if (field->type == HW_WIRE_VARINT) {
		*number = field->value;
		field->type = HW_WIRE_BYTES; /* whose bytes are empty: given once */
		return true;
	}
	if (field->bytes.at == field->bytes.end || field->bytes.overrun)
		return false;
	*number = hw_wire_varint(&field->bytes);
	return !field->bytes.overrun;
}

#endif
