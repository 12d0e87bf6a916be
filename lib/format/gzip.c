#include "format/gzip.h"

#include <inttypes.h>
#include <libdeflate.h>
#include <zlib.h>

/* Measured on 14.7 MB of profile (gen_profile 100000): level 1 takes 90 ms for 7.88 MB, 6 takes 190 ms for 7.59 MB,
 * 9 takes 850 ms for 7.61 MB and 12 takes 1600 ms for 7.47 MB. */
#define LEVEL 6

/* Deflate stores at most 1032 bytes per byte; profiles reach 10 to 20. What the trailer claims is believed up to
 * this ratio, beyond it the memory grows with what comes out. */
#define BELIEVED_RATIO 32
#define OUT_MIN ((size_t)64 << 10)

bool hw_gzip_probe(const void *data, size_t size)
{
	const uint8_t *p = data;

	return size >= 2 && p[0] == 0x1f && p[1] == 0x8b;
}

/* Is a stream that libdeflate refuses cut short or damaged? zlib, which works bit by bit, can tell. */
static int explain_refusal(const uint8_t *data, size_t size, struct hw_err *err)
{
	HW_AUTO(hw_freep) uint8_t *scratch = hw_alloc(OUT_MIN, 1);
	z_stream stream = { 0 };
	size_t fed = 0;
	int status = inflateInit2(&stream, 15 + 16); /* + 16: gzip and nothing else */

	while (status == Z_OK && (stream.avail_in || fed < size)) {
		if (!stream.avail_in) {
			const size_t step = size - fed < OUT_MIN ? size - fed : OUT_MIN;

			stream.next_in = (z_const Bytef *)(data + fed);
			stream.avail_in = (uInt)step;
			fed += step;
		}
		stream.next_out = scratch;
		stream.avail_out = (uInt)OUT_MIN;
		status = inflate(&stream, Z_NO_FLUSH);
	}
	(void)inflateEnd(&stream);
	if (status == Z_OK || status == Z_BUF_ERROR)
		return hw_err_set(err, HW_ERR_FORMAT, "the gzip stream is truncated: it ends after %zu bytes",
				  size);
	return hw_err_set(err, HW_ERR_FORMAT, "the gzip stream is corrupt");
}

/* Room for a first attempt at what is left of the input. */
static size_t first_guess(const uint8_t *data, size_t size, uint64_t limit_bytes)
{
	uint64_t guess = OUT_MIN;
	uint32_t claimed = 0;

	if (size >= 4) /* the last member's size, modulo 2^32 */
		claimed = data[size - 4] | (uint32_t)data[size - 3] << 8 | (uint32_t)data[size - 2] << 16 |
			  (uint32_t)data[size - 1] << 24;
	if (claimed > guess)
		guess = claimed;
	if (guess > OUT_MIN + (uint64_t)size * BELIEVED_RATIO)
		guess = OUT_MIN + (uint64_t)size * BELIEVED_RATIO;
	return guess > limit_bytes ? (size_t)limit_bytes : (size_t)guess;
}

/* One member from the front of data; *used is its length there. */
static int decompress_member(struct hw_buf *out, const uint8_t *data, size_t size, size_t *used,
			     uint64_t left_bytes, struct libdeflate_decompressor *inflater,
			     struct hw_err *err)
{
	size_t room = first_guess(data, size, left_bytes);

	for (;;) {
		char *to = hw_buf_reserve(out, room);
		size_t got = 0;
		const enum libdeflate_result result =
			libdeflate_gzip_decompress_ex(inflater, data, size, to, room, used, &got);

		if (result == LIBDEFLATE_SUCCESS) {
			out->size += got;
			out->data[out->size] = '\0';
			return 0;
		}
		if (result != LIBDEFLATE_INSUFFICIENT_SPACE)
			return explain_refusal(data, size, err);
		if (room >= left_bytes)
			return hw_err_set(err, HW_ERR_LIMIT,
					  "the gzip stream holds more than %" PRIu64 " bytes",
					  out->size + left_bytes);
		room = room > left_bytes / 2 ? (size_t)left_bytes : room * 2;
	}
}

int hw_gzip_decompress(struct hw_buf *out, const void *data, size_t size, uint64_t limit_bytes,
		       struct hw_err *err)
{
	struct libdeflate_decompressor *inflater = libdeflate_alloc_decompressor();
	const uint8_t *at = data;
	const size_t before = out->size;
	int result = 0;

	if (!inflater)
		return hw_err_set(err, HW_ERR_SYSTEM, "cannot set up decompression: out of memory");
	do {
		size_t used = 0;

		if (at != data && !hw_gzip_probe(at, size))
			result = hw_err_set(err, HW_ERR_FORMAT, "%zu bytes follow the end of the gzip stream",
					    size);
		else
			result = decompress_member(out, at, size, &used, limit_bytes - (out->size - before),
						   inflater, err);
		at += used;
		size -= used;
	} while (result == 0 && size);
	libdeflate_free_decompressor(inflater);
	return result;
}

int hw_gzip_compress(struct hw_buf *out, const void *data, size_t size, struct hw_err *err)
{
	struct libdeflate_compressor *deflater = libdeflate_alloc_compressor(LEVEL);
	size_t bound;

	if (!deflater)
		return hw_err_set(err, HW_ERR_SYSTEM, "cannot set up compression: out of memory");
	bound = libdeflate_gzip_compress_bound(deflater, size);
	out->size += libdeflate_gzip_compress(deflater, data, size, hw_buf_reserve(out, bound), bound);
	out->data[out->size] = '\0';
	libdeflate_free_compressor(deflater);
	return 0;
}
