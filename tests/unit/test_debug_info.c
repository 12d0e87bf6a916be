#include "dso/debug_info.h"
#include "tests/lib/elf_builder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>

#define LINE_BYTES 1000
#define SPARE_BYTES (UINT64_C(64) << 20)

/* All line tables can be read several times over, but one that very many units name cannot be read for each: when a table
 * is too much, nothing further is read. */
static void line_tables_that_units_share_are_read_a_bounded_number_of_times(void **state)
{
	static const uint8_t bytes[LINE_BYTES];
	const struct elf_section sections[] = {
		{ .name = ".debug_info", .type = SHT_PROGBITS, .data = bytes, .size = 1 },
		{ .name = ".debug_line", .type = SHT_PROGBITS, .data = bytes, .size = LINE_BYTES },
	};
	struct hw_buf image = { 0 };
	struct hw_debug_info info;
	struct hw_elf *elf;

	(void)state;
	elf_build(&image, sections, 2, NULL, 0);
	elf = hw_elf_open_bytes(image.data, image.size, "test", NULL);
	assert_non_null(elf);
	assert_true(hw_debug_info_open(&info, elf, NULL, NULL));
	for (unsigned i = 0; i < 4; i++)
		assert_true(hw_debug_info_afford_lines(&info, LINE_BYTES));
	assert_true(hw_debug_info_afford_lines(&info, SPARE_BYTES - 10));
	assert_true(hw_debug_info_afford_lines(&info, 9));
	assert_false(hw_debug_info_afford_lines(&info, 2));
	assert_false(hw_debug_info_afford_lines(&info, 1));
	/* Copies have a budget of their own. */
	assert_true(hw_debug_info_afford_copy(&info, UINT64_C(256) << 20));
	assert_false(hw_debug_info_afford_copy(&info, 1));
	hw_debug_info_close(&info);
	hw_elf_close(elf);
	hw_buf_fini(&image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(line_tables_that_units_share_are_read_a_bounded_number_of_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
