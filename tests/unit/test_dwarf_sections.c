#include "config.h"
#include "dso/dwarf_sections.h"
#include "tests/lib/elf_builder.h"

#include <libdeflate.h>
#ifdef HAVE_ZSTD
#include <zstd.h>
#endif

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>

static const char info_text[] = "the quick brown fox jumps over the lazy dog, the lazy dog, the lazy dog";

/* What the test asks of one section of an ELF file with nothing else in it. */
struct opened {
	struct hw_buf image;
	struct hw_elf *elf;
	struct hw_dwarf_sections sections;
	bool has_info;
};

static void open_with(struct opened *o, const char *name, uint64_t flags, const void *data, size_t size,
		      enum hw_dwarf_kind kind)
{
	const struct elf_section section = {
		.name = name, .type = SHT_PROGBITS, .flags = flags, .data = data, .size = size
	};

	*o = (struct opened){ 0 };
	elf_build(&o->image, &section, 1, NULL, 0);
	o->elf = hw_elf_open_bytes(o->image.data, o->image.size, "test", NULL);
	assert_non_null(o->elf);
	o->has_info = hw_dwarf_sections_open(&o->sections, o->elf, kind);
}

static void close_it(struct opened *o)
{
	hw_dwarf_sections_close(&o->sections);
	hw_elf_close(o->elf);
	hw_buf_fini(&o->image);
}

/* Is what was opened the text? */
static bool is_text(const struct opened *o)
{
	return o->has_info && hw_bytes_left(&o->sections.info) == sizeof info_text &&
	       memcmp(o->sections.info.at, info_text, sizeof info_text) == 0;
}

/* The text as an SHF_COMPRESSED section that claims a size, or as ".zdebug_info". */
static void pack(struct hw_buf *to, bool is_gnu, uint64_t size_bytes, uint32_t type)
{
	struct libdeflate_compressor *deflate = libdeflate_alloc_compressor(6);
	const Elf64_Chdr chdr = { .ch_type = type, .ch_size = size_bytes, .ch_addralign = 1 };
	const uint64_t swapped = __builtin_bswap64(size_bytes);

	if (is_gnu) {
		hw_buf_text(to, "ZLIB");
		hw_buf_add(to, &swapped, sizeof swapped);
	} else {
		hw_buf_add(to, &chdr, sizeof chdr);
	}
	to->size +=
		libdeflate_zlib_compress(deflate, info_text, sizeof info_text, hw_buf_reserve(to, 256), 256);
	libdeflate_free_compressor(deflate);
}

/* Is a compressed section given as the text? */
static bool unpacks(const struct hw_buf *packed, size_t size, bool is_gnu)
{
	struct opened o;
	bool same;

	open_with(&o, is_gnu ? ".zdebug_info" : ".debug_info", is_gnu ? 0 : SHF_COMPRESSED, packed->data,
		  size, HW_DWARF_WHOLE);
	same = is_text(&o);
	assert_true(same || (!o.has_info && hw_bytes_left(&o.sections.info) == 0));
	close_it(&o);
	return same;
}

/* Sections are found by their names, and those of split units only by theirs. */
static void names_decide(void **state)
{
	struct opened o;
	(void)state;

	open_with(&o, ".debug_info", 0, info_text, sizeof info_text, HW_DWARF_WHOLE);
	assert_true(is_text(&o));
	assert_int_equal(hw_bytes_left(&o.sections.str), 0);
	close_it(&o);
	open_with(&o, ".debug_info.dwo", 0, info_text, sizeof info_text, HW_DWARF_SPLIT);
	assert_true(is_text(&o));
	close_it(&o);
	open_with(&o, ".debug_info", 0, info_text, sizeof info_text, HW_DWARF_SPLIT);
	assert_false(o.has_info);
	close_it(&o);
	open_with(&o, ".debug_info.dwo", 0, info_text, sizeof info_text, HW_DWARF_WHOLE);
	assert_false(o.has_info);
	close_it(&o);
	open_with(&o, ".debug_cu_index", 0, info_text, sizeof info_text, HW_DWARF_SPLIT);
	assert_false(o.has_info);
	assert_int_equal(hw_bytes_left(&o.sections.cu_index), sizeof info_text);
	close_it(&o);
	/* A prefix of a name, or more than it, is another name. */
	open_with(&o, ".debug_inf", 0, info_text, sizeof info_text, HW_DWARF_WHOLE);
	assert_false(o.has_info);
	close_it(&o);
	open_with(&o, ".debug_infos", 0, info_text, sizeof info_text, HW_DWARF_WHOLE);
	assert_false(o.has_info);
	close_it(&o);
}

/* Both ways of compressing are read; a byte less, another type or another size than promised gives nothing. */
static void compressed_sections_are_unpacked(void **state)
{
	(void)state;

	for (int is_gnu = 0; is_gnu < 2; is_gnu++) {
		struct hw_buf packed = { 0 };

		pack(&packed, is_gnu, sizeof info_text, ELFCOMPRESS_ZLIB);
		assert_true(unpacks(&packed, packed.size, is_gnu));
		for (size_t size = 0; size < packed.size; size++)
			assert_false(unpacks(&packed, size, is_gnu));
		packed.size = 0;
		pack(&packed, is_gnu, sizeof info_text - 1, ELFCOMPRESS_ZLIB);
		assert_false(unpacks(&packed, packed.size, is_gnu));
		packed.size = 0;
		pack(&packed, is_gnu, sizeof info_text + 1, ELFCOMPRESS_ZLIB);
		assert_false(unpacks(&packed, packed.size, is_gnu));
		packed.size = 0;
		pack(&packed, is_gnu, UINT64_MAX, ELFCOMPRESS_ZLIB);
		assert_false(unpacks(&packed, packed.size, is_gnu));
		hw_buf_fini(&packed);
	}
	{
		struct hw_buf packed = { 0 };

		pack(&packed, false, sizeof info_text, 77);
		assert_false(unpacks(&packed, packed.size, false));
		hw_buf_fini(&packed);
	}
}

/* Bytes let go of are read from the file again; those that are nowhere else are kept. */
static void released_bytes_come_back(void **state)
{
	struct hw_buf packed = { 0 };
	struct opened o;
	(void)state;

	pack(&packed, false, sizeof info_text, ELFCOMPRESS_ZLIB);
	open_with(&o, ".debug_info", SHF_COMPRESSED, packed.data, packed.size, HW_DWARF_WHOLE);
	hw_dwarf_sections_release(&o.sections, o.sections.info.at, o.sections.info.end);
	assert_true(is_text(&o));
	close_it(&o);
	open_with(&o, ".debug_info", 0, info_text, sizeof info_text, HW_DWARF_WHOLE);
	hw_dwarf_sections_release(&o.sections, o.sections.info.at, o.sections.info.end);
	assert_true(is_text(&o));
	close_it(&o);
	hw_buf_fini(&packed);
}

#ifdef HAVE_ZSTD
/* zstd's stream, with the number the gABI has for it: likewise, and not with zlib's number. */
static void sections_compressed_with_zstd_are_unpacked(void **state)
{
	for (unsigned wrong = 0; wrong < 4; wrong++) {
		const Elf64_Chdr chdr = { .ch_type = wrong == 1 ? ELFCOMPRESS_ZLIB : 2,
					  .ch_size = sizeof info_text + (wrong == 2),
					  .ch_addralign = 1 };
		struct hw_buf packed = { 0 };

		(void)state;
		hw_buf_add(&packed, &chdr, sizeof chdr);
		packed.size +=
			ZSTD_compress(hw_buf_reserve(&packed, 256), 256, info_text, sizeof info_text, 3);
		assert_int_equal(unpacks(&packed, packed.size - (wrong == 3), false), wrong == 0);
		hw_buf_fini(&packed);
	}
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_decide),
		cmocka_unit_test(compressed_sections_are_unpacked),
#ifdef HAVE_ZSTD
		cmocka_unit_test(sections_compressed_with_zstd_are_unpacked),
#endif
		cmocka_unit_test(released_bytes_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
