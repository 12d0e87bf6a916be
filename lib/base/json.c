#include "base/json.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>

static void new_line(struct hw_json *json)
{
	if (json->inline_depth)
		return;
	hw_buf_text(json->out, "\n");
	for (unsigned i = 0; i < json->depth; i++)
		hw_buf_text(json->out, "  ");
}

/* What goes between the item before and the next one. */
static void before_item(struct hw_json *json)
{
	if (json->after_key) {
		json->after_key = false;
		return;
	}
	if (!json->depth)
		return;
	if (json->has_items[json->depth - 1])
		hw_buf_text(json->out, json->inline_depth ? ", " : ",");
	json->has_items[json->depth - 1] = true;
	new_line(json);
}

void hw_json_begin(struct hw_json *json, char bracket)
{
	assert(json->depth < HW_JSON_DEPTH_MAX);
	before_item(json);
	hw_buf_add(json->out, &bracket, 1);
	json->has_items[json->depth++] = false;
}

void hw_json_begin_line(struct hw_json *json, char bracket)
{
	hw_json_begin(json, bracket);
	if (!json->inline_depth)
		json->inline_depth = json->depth;
}

void hw_json_end(struct hw_json *json, char bracket)
{
	const bool had_items = json->has_items[json->depth - 1];
	const bool was_inline = json->inline_depth;

	if (json->inline_depth == json->depth)
		json->inline_depth = 0;
	json->depth--;
	if (had_items && !was_inline)
		new_line(json);
	hw_buf_add(json->out, &bracket, 1);
	if (!json->depth)
		hw_buf_text(json->out, "\n");
}

/* The text as a JSON string. */
static void add_string(struct hw_buf *out, const char *text)
{
	const char *p = text;

	hw_buf_text(out, "\"");
	while (*p) {
		const unsigned char c = (unsigned char)*p;
		const size_t length = hw_utf8_length(p);

		if (c == '"' || c == '\\') {
			const char escaped[2] = { '\\', (char)c };

			hw_buf_add(out, escaped, sizeof escaped);
		} else if (length) {
			hw_buf_add(out, p, length);
		} else if (c < 0x20 || c == 0x7f) {
			hw_buf_printf(out, "\\u%04x", c);
		} else {
			hw_buf_text(out, "\xef\xbf\xbd"); /* U+FFFD */
		}
		p += length ? length : 1;
	}
	hw_buf_text(out, "\"");
}

void hw_json_key(struct hw_json *json, const char *key)
{
	before_item(json);
	add_string(json->out, key);
	hw_buf_text(json->out, ": ");
	json->after_key = true;
}

void hw_json_text(struct hw_json *json, const char *text)
{
	if (!text) {
		hw_json_null(json);
		return;
	}
	before_item(json);
	add_string(json->out, text);
}

void hw_json_i64(struct hw_json *json, int64_t value)
{
	before_item(json);
	hw_buf_printf(json->out, "%" PRId64, value);
}

void hw_json_u64(struct hw_json *json, uint64_t value)
{
	before_item(json);
	hw_buf_printf(json->out, "%" PRIu64, value);
}

void hw_json_double(struct hw_json *json, double value, int decimals)
{
	if (!isfinite(value)) {
		hw_json_null(json);
		return;
	}
	before_item(json);
	hw_buf_printf(json->out, "%.*f", decimals, value);
	if (decimals > 0) {
		while (json->out->data[json->out->size - 1] == '0')
			json->out->size--;
		if (json->out->data[json->out->size - 1] == '.')
			json->out->size--;
		json->out->data[json->out->size] = '\0';
	}
}

void hw_json_bool(struct hw_json *json, bool value)
{
	before_item(json);
	hw_buf_text(json->out, value ? "true" : "false");
}

void hw_json_null(struct hw_json *json)
{
	before_item(json);
	hw_buf_text(json->out, "null");
}
