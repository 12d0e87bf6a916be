/* What hwprof says in a pprof file, hostile beneath base64 and gzip, where mutations of a file do not get: the bytes are
 * the message of hwprof.proto. What is read is written and read again the same, and can be told in words. */
#include "format/gzip.h"
#include "format/hwprof_block.h"

#include <stdlib.h>

#define SIZE_MAX_BYTES ((size_t)1 << 16)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void wrap(struct hw_buf *text, const uint8_t *data, size_t size)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	HW_AUTO(hw_buf_fini) struct hw_buf gz = { 0 };
	struct hw_err err = { 0 };

	if (hw_gzip_compress(&gz, (const char *)data, size, &err) < 0)
		abort();
	hw_buf_text(text, "hwprof:1:");
	for (size_t i = 0; i < gz.size; i += 3) {
		const size_t left = gz.size - i;
		const uint32_t word = (uint32_t)(uint8_t)gz.data[i] << 16 |
				      (left > 1 ? (uint32_t)(uint8_t)gz.data[i + 1] << 8 : 0) |
				      (left > 2 ? (uint32_t)(uint8_t)gz.data[i + 2] : 0);
		const char four[4] = { digits[word >> 18], digits[word >> 12 & 63],
				       left > 1 ? digits[word >> 6 & 63] : '=',
				       left > 2 ? digits[word & 63] : '=' };

		hw_buf_add(text, four, sizeof four);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	HW_AUTO(hw_profile_freep) struct hw_profile *profile = hw_profile_new();
	HW_AUTO(hw_profile_freep) struct hw_profile *again = hw_profile_new();
	HW_AUTO(hw_buf_fini) struct hw_buf text = { 0 };
	HW_AUTO(hw_buf_fini) struct hw_buf words = { 0 };
	struct hw_err err = { 0 };

	if (!size || size > SIZE_MAX_BYTES)
		return 0;
	wrap(&text, data, size);
	if (hw_block_decode(profile, hw_buf_str(&text), &err) < 0) {
		if (!err.message[0])
			abort();
		return 0;
	}
	hw_block_print(&words, &profile->recording, &profile->quality);
	text.size = 0;
	if (hw_block_encode(&text, profile, &err) < 0)
		abort();
	if (text.size && (hw_block_decode(again, hw_buf_str(&text), &err) < 0 ||
			  again->metrics.count != profile->metrics.count ||
			  again->quality.events.count != profile->quality.events.count ||
			  again->quality.notes.count != profile->quality.notes.count))
		abort();
	return 0;
}
