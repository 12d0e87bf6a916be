#include "dso/build_id.h"
#include "tests/lib/elf_builder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>

#define NOTE(namesz, descsz, type, name, desc) namesz, 0, 0, 0, descsz, 0, 0, 0, type, 0, 0, 0, name, desc
#define GNU 'G', 'N', 'U', 0
#define ID4 0xde, 0xad, 0xbe, 0xef

static const uint8_t id_note[] = { NOTE(4, 4, NT_GNU_BUILD_ID, GNU, ID4) };

/* The id stands in its note, here behind another one with a padded name and contents. */
static void id_is_found_behind_other_notes(void **state)
{
	/* clang-format off */
	static const uint8_t notes[] = {
		5, 0, 0, 0, 3, 0, 0, 0, 3, 0, 0, 0, 'X', 'e', 'n', 'o', 0, 0, 0, 0, 1, 2, 3, 0,
		NOTE(4, 4, NT_GNU_BUILD_ID, GNU, ID4),
	};
	/* clang-format on */
	char hex[HW_BUILD_ID_HEX_SIZE];
	struct hw_build_id id;
	(void)state;

	assert_true(hw_build_id_of_notes(&id, hw_bytes_of(notes, sizeof notes), 4));
	hw_build_id_hex(hex, &id);
	assert_string_equal(hex, "deadbeef");
}

/* One byte short there is no id. */
static void short_note_has_no_id(void **state)
{
	struct hw_build_id id;
	(void)state;

	for (size_t size = 0; size < sizeof id_note; size++) {
		assert_false(hw_build_id_of_notes(&id, hw_bytes_of(id_note, size), 4));
		assert_int_equal(id.size, 0);
	}
	assert_true(hw_build_id_of_notes(&id, hw_bytes_of(id_note, sizeof id_note), 4));
}

/* Ids longer than the kernel takes, empty ones, and sizes that overflow are none. */
static void odd_sizes_are_no_id(void **state)
{
	uint8_t notes[12 + 4 + 24] = { NOTE(4, 21, NT_GNU_BUILD_ID, GNU, 1) };
	struct hw_build_id id;
	(void)state;

	assert_false(hw_build_id_of_notes(&id, hw_bytes_of(notes, sizeof notes), 4));
	notes[4] = 20;
	assert_true(hw_build_id_of_notes(&id, hw_bytes_of(notes, sizeof notes), 4));
	assert_int_equal(id.size, 20);
	notes[4] = 0;
	assert_false(hw_build_id_of_notes(&id, hw_bytes_of(notes, sizeof notes), 4));
	memset(notes, 0xff, 8);
	assert_false(hw_build_id_of_notes(&id, hw_bytes_of(notes, sizeof notes), 4));
}

/* In segments aligned to 8 bytes name and contents are too (.note.gnu.property). */
static void wide_alignment_is_followed(void **state)
{
	/* clang-format off */
	static const uint8_t notes[] = {
		4, 0, 0, 0, 4, 0, 0, 0, 5, 0, 0, 0, GNU, 0, 0, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0,
		4, 0, 0, 0, 4, 0, 0, 0, 3, 0, 0, 0, GNU, 0, 0, 0, 0, ID4,
	};
	/* clang-format on */
	struct hw_build_id id;
	(void)state;

	assert_true(hw_build_id_of_notes(&id, hw_bytes_of(notes, sizeof notes), 8));
	assert_int_equal(id.bytes[0], 0xde);
}

/* A file has its id from a section, and from a segment when the section headers are gone. */
static void files_have_ids_with_and_without_sections(void **state)
{
	const struct elf_section section = {
		.name = ".note.gnu.build-id", .type = SHT_NOTE, .data = id_note, .size = sizeof id_note
	};
	const struct elf_segment segment = { PT_NOTE, PF_R, 1 };
	struct hw_buf image = { 0 };
	struct hw_build_id id;
	struct hw_elf *elf;
	(void)state;

	elf_build(&image, &section, 1, NULL, 0);
	elf = hw_elf_open_bytes(image.data, image.size, "test", NULL);
	assert_true(hw_build_id_of_elf(&id, elf));
	hw_elf_close(elf);

	elf_build(&image, &section, 1, &segment, 1);
	((Elf64_Ehdr *)(void *)image.data)->e_shoff = 0;
	elf = hw_elf_open_bytes(image.data, image.size, "test", NULL);
	assert_int_equal(elf->section_count, 0);
	assert_true(hw_build_id_of_elf(&id, elf));
	assert_int_equal(id.size, 4);
	hw_elf_close(elf);

	elf_build(&image, NULL, 0, NULL, 0);
	elf = hw_elf_open_bytes(image.data, image.size, "test", NULL);
	assert_false(hw_build_id_of_elf(&id, elf));
	assert_int_equal(id.size, 0);
	hw_elf_close(elf);
	hw_buf_fini(&image);
}

/* A module's name leads nowhere outside /sys/module. */
static void module_names_cannot_climb(void **state)
{
	struct hw_build_id id;
	(void)state;

	assert_false(hw_build_id_of_module(&id, "../kernel"));
	assert_false(hw_build_id_of_module(&id, ".."));
	assert_false(hw_build_id_of_module(&id, "no such module"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(id_is_found_behind_other_notes),
		cmocka_unit_test(short_note_has_no_id),
		cmocka_unit_test(odd_sizes_are_no_id),
		cmocka_unit_test(wide_alignment_is_followed),
		cmocka_unit_test(module_names_cannot_climb),
		cmocka_unit_test(files_have_ids_with_and_without_sections),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
