#include "dso/fde_range.h"

#include <dwarf.h>
#include <elf.h>
#include <fcntl.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>

/* This program itself, opened. */
static struct hw_elf *open_self(void)
{
	const int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	struct hw_elf *elf;

	assert_true(fd >= 0);
	elf = hw_elf_open_fd(fd, "self", NULL);
	assert_non_null(elf);
	close(fd);
	return elf;
}

static Elf64_Sym symbol_at(struct hw_bytes *table)
{
	Elf64_Sym sym;

	memcpy(&sym, hw_bytes_take(table, sizeof sym), sizeof sym);
	return sym;
}

/* Every function of this project in this program has the start and the end its symbol says, from its first byte to its last. */
static void ranges_are_those_of_the_symbols(void **state)
{
	struct hw_elf *elf = open_self();
	const struct hw_elf_section *section = hw_elf_find_section(elf, ".symtab");
	struct hw_bytes table, strings;
	size_t compared = 0;
	(void)state;

	if (!section || !elf->eh_frame_hdr_size) {
		hw_elf_close(elf);
		skip();
	}
	table = hw_elf_section_bytes(elf, section);
	strings = hw_elf_section_bytes(elf, &elf->sections[section->link]);
	while (hw_bytes_left(&table) >= sizeof(Elf64_Sym)) {
		const Elf64_Sym sym = symbol_at(&table);
		uint64_t start_svma = 0, limit_svma = 0;

		struct hw_bytes name = strings;

		/* Our own: what compilers, libc and sanitizers add in assembly has no FDE, or another size. */
		(void)hw_bytes_take(&name, sym.st_name);
		if (ELF64_ST_TYPE(sym.st_info) != STT_FUNC || strncmp(hw_bytes_text(&name), "hw_", 3) != 0)
			continue;
		assert_true(hw_fde_range(elf, sym.st_value, &start_svma, &limit_svma));
		assert_int_equal(start_svma, sym.st_value);
		assert_int_equal(limit_svma, sym.st_value + sym.st_size);
		assert_true(hw_fde_range(elf, sym.st_value + sym.st_size - 1, &start_svma, &limit_svma));
		assert_int_equal(start_svma, sym.st_value);
		compared++;
	}
	assert_true(compared > 3);
	hw_elf_close(elf);
}

/* Outside the table, and without one, nothing is known. */
static void other_addresses_have_no_range(void **state)
{
	struct hw_elf *elf = open_self();
	uint64_t start_svma, limit_svma;
	(void)state;

	assert_false(hw_fde_range(elf, 0, &start_svma, &limit_svma));
	assert_false(hw_fde_range(elf, UINT64_MAX, &start_svma, &limit_svma));
	elf->eh_frame_hdr_size = 0;
	assert_false(hw_fde_range(elf, (uint64_t)elf->segments[0].vaddr_svma, &start_svma, &limit_svma));
	hw_elf_close(elf);
}

/* A table that is cut, or of another encoding, is not read. */
static void broken_tables_are_refused(void **state)
{
	struct hw_elf *elf = open_self();
	const uint64_t size = elf->eh_frame_hdr_size;
	uint64_t start_svma, limit_svma, foff;
	struct hw_elf *other;
	uint8_t *copy;
	(void)state;

	if (!size || !hw_elf_foff_of_svma(elf, elf->eh_frame_hdr_svma, &foff)) {
		hw_elf_close(elf);
		skip();
	}
	for (elf->eh_frame_hdr_size = 1; elf->eh_frame_hdr_size < size; elf->eh_frame_hdr_size++)
		assert_false(hw_fde_range(elf, (uint64_t)(uintptr_t)elf->segments[0].vaddr_svma + 0x1000,
					  &start_svma, &limit_svma));
	copy = hw_alloc(elf->image_size, 1);
	memcpy(copy, elf->image, elf->image_size);
	copy[foff + 3] = DW_EH_PE_absptr;
	other = hw_elf_open_bytes(copy, elf->image_size, "other", NULL);
	assert_non_null(other);
	assert_false(hw_fde_range(other, other->eh_frame_hdr_svma, &start_svma, &limit_svma));
	hw_elf_close(other);
	hw_elf_close(elf);
	free(copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_are_those_of_the_symbols),
		cmocka_unit_test(other_addresses_have_no_range),
		cmocka_unit_test(broken_tables_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
