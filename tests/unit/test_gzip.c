#include "format/gzip.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>
#include <zlib.h>

/* What zlib, the oracle, makes of the bytes. */
static struct hw_buf zlib_gzip(const char *data, size_t size)
{
	struct hw_buf out = { 0 };
	z_stream stream = { 0 };

	assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	stream.next_in = (z_const Bytef *)data;
	stream.avail_in = (uInt)size;
	stream.avail_out = (uInt)(size + 1000);
	stream.next_out = (Bytef *)hw_buf_reserve(&out, size + 1000);
	assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
	out.size = stream.total_out;
	assert_int_equal(deflateEnd(&stream), Z_OK);
	return out;
}

static struct hw_buf text_of_size(size_t size)
{
	struct hw_buf text = { 0 };

	while (text.size < size)
		hw_buf_printf(&text, "line %zu;", text.size * 7919 % 1000);
	text.size = size;
	return text;
}

/* zlib reads what is written here, and it has neither time nor name. */
static void zlib_reads_ours(void **state)
{
	HW_AUTO(hw_buf_fini) struct hw_buf text = text_of_size(100000);
	HW_AUTO(hw_buf_fini) struct hw_buf file = { 0 };
	HW_AUTO(hw_freep) char *out = hw_alloc(text.size, 1);
	z_stream stream = { 0 };
	struct hw_err err = { 0 };
	(void)state;

	assert_int_equal(hw_gzip_compress(&file, text.data, text.size, &err), 0);
	assert_memory_equal(file.data, "\x1f\x8b\x08\0\0\0\0\0", 8);
	assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
	stream.next_in = (Bytef *)file.data;
	stream.avail_in = (uInt)file.size;
	stream.next_out = (Bytef *)out;
	stream.avail_out = (uInt)text.size;
	assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
	assert_int_equal(stream.total_out, text.size);
	assert_memory_equal(out, text.data, text.size);
	assert_int_equal(inflateEnd(&stream), Z_OK);
}

/* What zlib wrote is read, of any size, behind what the buffer already holds. */
static void sizes_of_all_kinds_are_read(void **state)
{
	static const size_t sizes[] = { 0, 1, 2, 65535, 65536, 65537, 300000 };
	(void)state;

	for (size_t i = 0; i < HW_COUNT_OF(sizes); i++) {
		HW_AUTO(hw_buf_fini) struct hw_buf text = text_of_size(sizes[i]);
		HW_AUTO(hw_buf_fini) struct hw_buf file = zlib_gzip(hw_buf_str(&text), sizes[i]);
		HW_AUTO(hw_buf_fini) struct hw_buf out = { 0 };
		struct hw_err err = { 0 };

		hw_buf_text(&out, "before");
		assert_int_equal(hw_gzip_decompress(&out, file.data, file.size, 1 << 20, &err), 0);
		assert_int_equal(out.size, 6 + sizes[i]);
		assert_memory_equal(out.data, "before", 6);
		assert_memory_equal(out.data + 6, hw_buf_str(&text), sizes[i]);
	}
}

/* Members one after the other are one content (RFC 1952 section 2.2). */
static void members_are_joined(void **state)
{
	HW_AUTO(hw_buf_fini) struct hw_buf file = zlib_gzip("abc", 3);
	HW_AUTO(hw_buf_fini) struct hw_buf second = zlib_gzip("defg", 4);
	HW_AUTO(hw_buf_fini) struct hw_buf out = { 0 };
	struct hw_err err = { 0 };
	(void)state;

	hw_buf_add(&file, second.data, second.size);
	assert_int_equal(hw_gzip_decompress(&out, file.data, file.size, 100, &err), 0);
	assert_string_equal(out.data, "abcdefg");
	hw_buf_add(&file, "junk", 4);
	assert_int_equal(hw_gzip_decompress(&out, file.data, file.size, 100, &err), -1);
	assert_non_null(strstr(err.message, "4 bytes follow the end"));
}

/* The limit counts all members; just as much as the limit is fine. */
static void limit_is_kept(void **state)
{
	HW_AUTO(hw_buf_fini) struct hw_buf text = text_of_size(200000);
	HW_AUTO(hw_buf_fini) struct hw_buf file = zlib_gzip(text.data, text.size);
	HW_AUTO(hw_buf_fini) struct hw_buf out = { 0 };
	const size_t one = file.size;
	struct hw_err err = { 0 };
	(void)state;

	assert_int_equal(hw_gzip_decompress(&out, file.data, one, 200000, &err), 0);
	assert_int_equal(hw_gzip_decompress(&out, file.data, one, 199999, &err), -1);
	assert_int_equal(err.kind, HW_ERR_LIMIT);
	hw_buf_reserve(&file, one);
	hw_buf_add(&file, file.data, one);
	assert_int_equal(hw_gzip_decompress(&out, file.data, file.size, 400000, &err), 0);
	assert_int_equal(hw_gzip_decompress(&out, file.data, file.size, 399999, &err), -1);
	assert_int_equal(err.kind, HW_ERR_LIMIT);
}

/* A bomb is stopped by the limit; memory follows what comes out, not the 4 GiB the trailer claims. */
static void claims_are_not_believed(void **state)
{
	HW_AUTO(hw_buf_fini) struct hw_buf zeros = { 0 };
	HW_AUTO(hw_buf_fini) struct hw_buf file = { 0 };
	HW_AUTO(hw_buf_fini) struct hw_buf out = { 0 };
	struct hw_err err = { 0 };
	(void)state;

	memset(hw_buf_reserve(&zeros, 8 << 20), 0, 8 << 20);
	zeros.size = 8 << 20;
	file = zlib_gzip(zeros.data, zeros.size);
	assert_int_equal(hw_gzip_decompress(&out, file.data, file.size, 1 << 20, &err), -1);
	assert_int_equal(err.kind, HW_ERR_LIMIT);
	memset(file.data + file.size - 4, 0xff, 4);
	assert_int_equal(hw_gzip_decompress(&out, file.data, file.size, UINT64_C(1) << 32, &err), -1);
	assert_non_null(strstr(err.message, "corrupt"));
	assert_true(out.capacity < 64 << 20);
}

/* Cut anywhere: truncated. Any bit of content, checksum or size changed: corrupt (or truncated, when the change makes
 * the stream want more). */
static void damage_is_named(void **state)
{
	HW_AUTO(hw_buf_fini) struct hw_buf file = zlib_gzip("some text, some more text", 25);
	HW_AUTO(hw_buf_fini) struct hw_buf out = { 0 };
	(void)state;

	for (size_t size = 0; size < file.size; size++) {
		struct hw_err err = { 0 };

		assert_int_equal(hw_gzip_decompress(&out, file.data, size, 1000, &err), -1);
		assert_int_equal(err.kind, HW_ERR_FORMAT);
		assert_non_null(strstr(err.message, "truncated"));
	}
	for (size_t i = 10; i < file.size; i++) {
		struct hw_err err = { 0 };

		file.data[i] ^= 1;
		assert_int_equal(hw_gzip_decompress(&out, file.data, file.size, 1000, &err), -1);
		assert_int_equal(err.kind, HW_ERR_FORMAT);
		file.data[i] ^= 1;
	}
	assert_int_equal(out.size, 0);
	file.data[file.size - 6] ^= 1;
	{
		struct hw_err err = { 0 };

		assert_int_equal(hw_gzip_decompress(&out, file.data, file.size, 1000, &err), -1);
		assert_string_equal(err.message, "the gzip stream is corrupt");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zlib_reads_ours),	   cmocka_unit_test(sizes_of_all_kinds_are_read),
		cmocka_unit_test(members_are_joined),	   cmocka_unit_test(limit_is_kept),
		cmocka_unit_test(claims_are_not_believed), cmocka_unit_test(damage_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
