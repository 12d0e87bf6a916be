#include "dso/debug_file.h"
#include "tests/lib/elf_builder.h"

#include <lzma.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>

/* A file whose .gnu_debugdata holds these bytes, compressed. */
static struct hw_elf *file_with_debugdata(const void *bytes, size_t size, size_t cut)
{
	uint8_t *packed = hw_alloc(lzma_stream_buffer_bound(size), 1);
	struct elf_section section = { .name = ".gnu_debugdata", .type = SHT_PROGBITS, .data = packed };
	struct hw_buf image = { 0 };
	size_t packed_size = 0;
	struct hw_elf *elf;

	assert_int_equal(lzma_easy_buffer_encode(0, LZMA_CHECK_CRC32, NULL, bytes, size, packed, &packed_size,
						 lzma_stream_buffer_bound(size)),
			 LZMA_OK);
	section.size = packed_size - cut;
	elf_build(&image, &section, 1, NULL, 0);
	elf = hw_elf_open_bytes(image.data, image.size, "test", NULL);
	assert_non_null(elf);
	hw_buf_fini(&image);
	free(packed);
	return elf;
}

/* What was packed comes out; a byte short, nothing does. */
static void minidebuginfo_is_unpacked_whole_or_not(void **state)
{
	const struct elf_section inner = { .name = "inner", .type = SHT_PROGBITS, .data = "x", .size = 1 };
	struct hw_buf image = { 0 };
	struct hw_elf *elf, *mini;
	(void)state;

	elf_build(&image, &inner, 1, NULL, 0);
	elf = file_with_debugdata(image.data, image.size, 0);
	mini = hw_debug_file_unpack(elf, "mini");
	assert_non_null(mini);
	assert_int_equal(mini->image_size, image.size);
	assert_non_null(hw_elf_find_section(mini, "inner"));
	hw_elf_close(mini);
	hw_elf_close(elf);

	elf = file_with_debugdata(image.data, image.size, 1);
	assert_null(hw_debug_file_unpack(elf, "mini"));
	hw_elf_close(elf);
	hw_buf_fini(&image);
}

/* Some 40 KiB that unpack to more than 256 MiB are refused. */
static void bombs_are_not_unpacked(void **state)
{
	const size_t size = ((size_t)256 << 20) + ((size_t)1 << 20);
	uint8_t *zeros = hw_alloc(size, 1);
	struct hw_elf *elf;
	(void)state;

	memcpy(zeros, ELFMAG, SELFMAG);
	elf = file_with_debugdata(zeros, size, 0);
	free(zeros);
	assert_true(elf->image_size < (size_t)1 << 20);
	assert_null(hw_debug_file_unpack(elf, "bomb"));
	hw_elf_close(elf);
}

/* DWARF counts only where it is: sections without bytes, as in a stripped program's twin, hold none. */
static void only_real_dwarf_counts(void **state)
{
	struct elf_section section = { .name = ".debug_info", .type = SHT_PROGBITS, .data = "x", .size = 1 };
	struct hw_buf image = { 0 };
	struct hw_elf *elf;
	(void)state;

	elf_build(&image, &section, 1, NULL, 0);
	elf = hw_elf_open_bytes(image.data, image.size, "test", NULL);
	assert_true(hw_debug_file_has_dwarf(elf));
	hw_elf_close(elf);
	section.type = SHT_NOBITS;
	elf_build(&image, &section, 1, NULL, 0);
	elf = hw_elf_open_bytes(image.data, image.size, "test", NULL);
	assert_false(hw_debug_file_has_dwarf(elf));
	hw_elf_close(elf);
	hw_buf_fini(&image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(minidebuginfo_is_unpacked_whole_or_not),
		cmocka_unit_test(bombs_are_not_unpacked),
		cmocka_unit_test(only_real_dwarf_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
