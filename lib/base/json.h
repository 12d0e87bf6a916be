/* A JSON writer (RFC 8259) that appends to a buffer as it goes: memory does not grow with depth or size. Commas and
 * indentation are its own business. Objects and arrays nest as deep as HW_JSON_DEPTH_MAX. */
#ifndef HW_BASE_JSON_H
#define HW_BASE_JSON_H

#include "base/buf.h"

#include <stdbool.h>

#define HW_JSON_DEPTH_MAX 32

struct hw_json {
	struct hw_buf *out; /* borrowed */
	unsigned depth;
	unsigned inline_depth; /* from this depth on everything stays on one line; 0 = not in a line */
	bool has_items[HW_JSON_DEPTH_MAX]; /* of the object or array open at each depth */
	bool after_key;
};

/* Start of an object or array; of a value in an object, hw_json_key comes before. */
void hw_json_begin(struct hw_json *json, char bracket); /* '{' or '[' */
void hw_json_end(struct hw_json *json, char bracket);	/* '}' or ']' */

/* The same, with everything inside on one line: for many small objects. */
void hw_json_begin_line(struct hw_json *json, char bracket);

void hw_json_key(struct hw_json *json, const char *key);

/* Any bytes: control characters are escaped, and what is no UTF-8 becomes U+FFFD. NULL is null. */
void hw_json_text(struct hw_json *json, const char *text);
void hw_json_i64(struct hw_json *json, int64_t value);
void hw_json_u64(struct hw_json *json, uint64_t value);
/* decimals digits behind the point, trailing zeros taken off; null when not finite. */
void hw_json_double(struct hw_json *json, double value, int decimals);
void hw_json_bool(struct hw_json *json, bool value);
void hw_json_null(struct hw_json *json);

#endif
