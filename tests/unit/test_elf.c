#include "dso/elf.h"
#include "tests/lib/elf_builder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>

static const uint8_t code[64] = { 0xc3 };
static const uint8_t data[32] = { 7 };
static const struct elf_section sections[] = {
	{ .name = ".text",
	  .type = SHT_PROGBITS,
	  .flags = SHF_ALLOC | SHF_EXECINSTR,
	  .vaddr_svma = 0x401000,
	  .data = code,
	  .size = sizeof code },
	{ .name = ".data",
	  .type = SHT_PROGBITS,
	  .flags = SHF_ALLOC,
	  .vaddr_svma = 0x605000,
	  .data = data,
	  .size = sizeof data },
};
static const struct elf_segment segments[] = { { PT_LOAD, PF_R | PF_X, 1 }, { PT_LOAD, PF_R, 2 } };

static struct hw_elf *open_image(const struct hw_buf *image, size_t size)
{
	return hw_elf_open_bytes(image->data, size, "test", NULL);
}

/* An offset in the file and an address lead to each other, where the two differ. */
static void offsets_and_addresses_convert(void **state)
{
	struct hw_buf image = { 0 };
	struct hw_elf *elf;
	uint64_t foff, svma;
	(void)state;

	elf_build(&image, sections, 2, segments, 2);
	elf = open_image(&image, image.size);
	assert_non_null(elf);
	assert_int_equal(elf->segment_count, 2);
	assert_true(hw_elf_foff_of_svma(elf, 0x605004, &foff));
	assert_int_equal(foff, elf_section_foff(&image, 2) + 4);
	assert_true(hw_elf_svma_of_foff(elf, foff, &svma));
	assert_int_equal(svma, 0x605004);
	/* The last byte belongs to the segment, the one after it to none. */
	assert_true(hw_elf_foff_of_svma(elf, 0x60501f, &foff));
	assert_false(hw_elf_foff_of_svma(elf, 0x605020, &foff));
	assert_false(hw_elf_foff_of_svma(elf, 0x400fff, &foff));
	assert_false(hw_elf_svma_of_foff(elf, 0, &svma));
	hw_elf_close(elf);
	hw_buf_fini(&image);
}

/* Bytes at an address are given only when all of them are in the file. */
static void bytes_at_an_address_are_bounded(void **state)
{
	struct hw_buf image = { 0 };
	struct hw_elf *elf;
	(void)state;

	elf_build(&image, sections, 2, segments, 2);
	elf = open_image(&image, image.size);
	assert_memory_equal(hw_elf_at_svma(elf, 0x605000, sizeof data), data, sizeof data);
	assert_null(hw_elf_at_svma(elf, 0x605000, sizeof data + 1));
	assert_null(hw_elf_at_svma(elf, 0x605000, UINT64_MAX));
	assert_non_null(hw_elf_at_svma(elf, 0x60501f, 1));
	assert_null(hw_elf_at_svma(elf, 0x605020, 1));
	hw_elf_close(elf);
	hw_buf_fini(&image);
}

/* Where segments share bytes of the file, the one with code gives the address. */
static void code_wins_over_data(void **state)
{
	const struct elf_segment both[] = { { PT_LOAD, PF_R, 1 }, { PT_LOAD, PF_R | PF_X, 1 } };
	struct hw_buf image = { 0 };
	struct hw_elf *elf;
	uint64_t svma;
	(void)state;

	elf_build(&image, sections, 2, both, 2);
	((Elf64_Phdr *)(void *)(image.data + sizeof(Elf64_Ehdr)))[0].p_vaddr = 0x1000;
	elf = open_image(&image, image.size);
	assert_true(hw_elf_svma_of_foff(elf, elf_section_foff(&image, 1), &svma));
	assert_int_equal(svma, 0x401000);
	hw_elf_close(elf);
	hw_buf_fini(&image);
}

/* Cut anywhere, a file either opens without section headers or is refused; the program headers must be whole. */
static void every_truncation_is_survived(void **state)
{
	const size_t headers = sizeof(Elf64_Ehdr) + 2 * sizeof(Elf64_Phdr);
	struct hw_buf image = { 0 };
	(void)state;

	elf_build(&image, sections, 2, segments, 2);
	for (size_t size = 0; size < image.size; size++) {
		struct hw_elf *elf = open_image(&image, size);

		if (size < headers) {
			assert_null(elf);
		} else {
			assert_non_null(elf);
			assert_int_equal(elf->section_count, 0);
		}
		hw_elf_close(elf);
	}
	hw_buf_fini(&image);
}

/* 32-bit, big-endian and foreign files are refused as what they are. */
static void foreign_files_are_refused(void **state)
{
	struct hw_buf image = { 0 };
	struct hw_err err = { 0 };
	(void)state;

	elf_build(&image, sections, 2, segments, 2);
	image.data[EI_CLASS] = ELFCLASS32;
	assert_null(hw_elf_open_bytes(image.data, image.size, "prog", &err));
	assert_int_equal(err.kind, HW_ERR_FORMAT);
	assert_non_null(strstr(err.message, "'prog' is not a 64-bit"));
	image.data[EI_CLASS] = ELFCLASS64;
	image.data[EI_DATA] = ELFDATA2MSB;
	assert_null(open_image(&image, image.size));
	image.data[0] = 'x';
	assert_null(hw_elf_open_bytes(image.data, image.size, "prog", &err));
	assert_string_equal(err.message, "'prog' is not an ELF file");
	hw_buf_fini(&image);
}

/* Sections that claim bytes past the end have none; names past the string table are empty. */
static void lying_sections_are_empty(void **state)
{
	struct hw_buf image = { 0 };
	Elf64_Shdr *shdrs;
	struct hw_bytes bytes;
	struct hw_elf *elf;
	(void)state;

	elf_build(&image, sections, 2, segments, 2);
	shdrs = (void *)(image.data + ((Elf64_Ehdr *)(void *)image.data)->e_shoff);
	shdrs[1].sh_size = image.size;
	shdrs[2].sh_name = 4000;
	elf = open_image(&image, image.size);
	assert_int_equal(elf->section_count, 4);
	assert_non_null(hw_elf_find_section(elf, ".text"));
	assert_null(hw_elf_find_section(elf, ".data"));
	bytes = hw_elf_section_bytes(elf, &elf->sections[1]);
	assert_int_equal(hw_bytes_left(&bytes), 0);
	assert_string_equal(elf->sections[2].name, "");
	hw_elf_close(elf);
	hw_buf_fini(&image);
}

/* More headers than the file could hold are not allocated for. */
static void impossible_counts_are_refused(void **state)
{
	struct hw_buf image = { 0 };
	Elf64_Ehdr *ehdr;
	(void)state;

	elf_build(&image, sections, 2, segments, 2);
	ehdr = (void *)image.data;
	ehdr->e_phnum = 60000;
	assert_null(open_image(&image, image.size));
	ehdr->e_phnum = 2;
	ehdr->e_phoff = UINT64_MAX - 8;
	assert_null(open_image(&image, image.size));
	hw_buf_fini(&image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(offsets_and_addresses_convert),
		cmocka_unit_test(bytes_at_an_address_are_bounded),
		cmocka_unit_test(code_wins_over_data),
		cmocka_unit_test(every_truncation_is_survived),
		cmocka_unit_test(foreign_files_are_refused),
		cmocka_unit_test(lying_sections_are_empty),
		cmocka_unit_test(impossible_counts_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
