#include "dso/dwarf_ranges.h"
#include "tests/lib/dwarf_bytes.h"

#include <dwarf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka.h needs the three above first. */
#include <cmocka.h>

/* Read all ranges as "start-limit start-limit ...". */
static void read_all(char *text, size_t size, const struct hw_dwarf_unit *unit,
		     const struct hw_dwarf_code *code)
{
	struct hw_dwarf_ranges ranges;
	uint64_t start_svma, limit_svma;
	struct hw_buf all = { 0 };

	hw_dwarf_ranges_open(&ranges, unit, code);
	for (unsigned i = 0; hw_dwarf_ranges_next(&ranges, &start_svma, &limit_svma); i++)
		hw_buf_printf(&all, "%s%llx-%llx", i ? " " : "", (unsigned long long)start_svma,
			      (unsigned long long)limit_svma);
	hw_copy_text(text, size, hw_buf_str(&all));
	hw_buf_fini(&all);
}

#define EXPECT(text, unit, ...)                                                                \
	do {                                                                                   \
		char hw_got[256];                                                              \
		read_all(hw_got, sizeof hw_got, unit, &(struct hw_dwarf_code){ __VA_ARGS__ }); \
		assert_string_equal(hw_got, text);                                             \
	} while (0)

static struct hw_dwarf_value value(enum hw_dwarf_class kind, uint64_t number)
{
	return (struct hw_dwarf_value){ .kind = kind, .number = number };
}

struct made {
	struct hw_buf ranges, rnglists, addr;
	struct hw_dwarf_sections sections;
	struct hw_dwarf_units units;
	struct hw_dwarf_unit unit;
};

static void make(struct made *m, uint8_t version)
{
	m->sections.ranges = bytes_of(&m->ranges);
	m->sections.rnglists = bytes_of(&m->rnglists);
	m->sections.addr = bytes_of(&m->addr);
	m->units.sections = &m->sections;
	m->unit.home = &m->units;
	m->unit.encoding = (struct hw_dwarf_encoding){ version, 8, 4 };
}

static void drop(struct made *m)
{
	hw_buf_fini(&m->ranges);
	hw_buf_fini(&m->rnglists);
	hw_buf_fini(&m->addr);
}

/* high_pc is an address, or since DWARF 4 a length; one of them alone is no range. */
static void one_range(void **state)
{
	struct made m = { 0 };
	(void)state;

	put_u64(&m.addr, 0x5000);
	make(&m, 4);
	EXPECT("1000-1010", &m.unit, .low_pc = value(HW_DWARF_ADDRESS, 0x1000),
	       .high_pc = value(HW_DWARF_ADDRESS, 0x1010));
	EXPECT("1000-1010", &m.unit, .low_pc = value(HW_DWARF_ADDRESS, 0x1000),
	       .high_pc = value(HW_DWARF_NUMBER, 0x10));
	EXPECT("5000-5004", &m.unit, .low_pc = value(HW_DWARF_ADDRESS_INDEX, 0),
	       .high_pc = value(HW_DWARF_NUMBER, 4));
	EXPECT("", &m.unit, .low_pc = value(HW_DWARF_ADDRESS_INDEX, 1), .high_pc = value(HW_DWARF_NUMBER, 4));
	EXPECT("", &m.unit, .low_pc = value(HW_DWARF_ADDRESS, 0x1000));
	EXPECT("", &m.unit, .high_pc = value(HW_DWARF_ADDRESS, 0x1000));
	EXPECT("", &m.unit, .low_pc = value(HW_DWARF_ADDRESS, UINT64_MAX),
	       .high_pc = value(HW_DWARF_NUMBER, 2));
	EXPECT("", &m.unit, .low_pc = { 0 });
	drop(&m);
}

/* .debug_ranges: pairs relative to the unit's low_pc or a base they select; two zeros end them. */
static void old_lists(void **state)
{
	struct made m = { 0 };
	(void)state;

	put_u64(&m.ranges, 0xbad);
	put_u64(&m.ranges, 0x10);
	put_u64(&m.ranges, 0x20);
	put_u64(&m.ranges, UINT64_MAX);
	put_u64(&m.ranges, 0x9000);
	put_u64(&m.ranges, 0x1);
	put_u64(&m.ranges, 0x2);
	put_u64(&m.ranges, 0);
	put_u64(&m.ranges, 0);
	put_u64(&m.ranges, 0x30);
	put_u64(&m.ranges, 0x40);
	make(&m, 4);
	m.unit.low_pc_svma = 0x1000;
	EXPECT("1010-1020 9001-9002", &m.unit, .ranges = value(HW_DWARF_SECTION_OFFSET, 8));
	EXPECT("1010-1020 9001-9002", &m.unit, .ranges = value(HW_DWARF_NUMBER, 8)); /* data4, in DWARF 3 */
	/* One that does not end has what is whole. */
	EXPECT("1030-1040", &m.unit, .ranges = value(HW_DWARF_SECTION_OFFSET, 72));
	EXPECT("", &m.unit, .ranges = value(HW_DWARF_SECTION_OFFSET, 81));
	EXPECT("", &m.unit, .ranges = value(HW_DWARF_SECTION_OFFSET, 1000));
	m.unit.ranges_base = 64;
	EXPECT("1030-1040", &m.unit, .ranges = value(HW_DWARF_SECTION_OFFSET, 8));
	EXPECT("", &m.unit, .ranges = value(HW_DWARF_SECTION_OFFSET, UINT64_MAX));
	drop(&m);
}

static void put_all_entries(struct hw_buf *list)
{
	put_u8(list, DW_RLE_base_addressx);
	put_uleb(list, 1);
	put_u8(list, DW_RLE_offset_pair);
	put_uleb(list, 0x10);
	put_uleb(list, 0x90);
	put_u8(list, DW_RLE_startx_endx);
	put_uleb(list, 0);
	put_uleb(list, 1);
	put_u8(list, DW_RLE_startx_length);
	put_uleb(list, 1);
	put_uleb(list, 0x100);
	put_u8(list, DW_RLE_base_address);
	put_u64(list, 0x70000);
	put_u8(list, DW_RLE_offset_pair);
	put_uleb(list, 0);
	put_uleb(list, 1);
	put_u8(list, DW_RLE_start_end);
	put_u64(list, 0x8000);
	put_u64(list, 0x8001);
	put_u8(list, DW_RLE_start_length);
	put_u64(list, 0x9000);
	put_uleb(list, 0x80);
	put_u8(list, DW_RLE_end_of_list);
}

/* .debug_rnglists: every kind of entry, by offset and by number; cut anywhere, the whole entries before the cut. */
static void new_lists(void **state)
{
	static const char all[] = "5010-5090 4000-5000 5000-5100 70000-70001 8000-8001 9000-9080";
	struct made m = { 0 };
	size_t end;
	(void)state;

	put_u64(&m.addr, 0x4000);
	put_u64(&m.addr, 0x5000);
	put_u64(&m.rnglists, 0xbadbad); /* header */
	put_u32(&m.rnglists, 8);	/* list 0, from here */
	put_u32(&m.rnglists, 1 << 30);	/* list 1 */
	put_all_entries(&m.rnglists);
	end = m.rnglists.size;
	make(&m, 5);
	m.unit.rnglists_base = 8;
	EXPECT("5010-5090 4000-5000 5000-5100 70000-70001 8000-8001 9000-9080", &m.unit,
	       .ranges = value(HW_DWARF_SECTION_OFFSET, 16));
	EXPECT("5010-5090 4000-5000 5000-5100 70000-70001 8000-8001 9000-9080", &m.unit,
	       .ranges = value(HW_DWARF_LIST_INDEX, 0));
	EXPECT("", &m.unit, .ranges = value(HW_DWARF_LIST_INDEX, 1));
	EXPECT("", &m.unit, .ranges = value(HW_DWARF_LIST_INDEX, UINT64_MAX / 4 + 1));
	for (size_t size = 0; size < end; size++) {
		char got[256];

		m.sections.rnglists = hw_bytes_of(m.rnglists.data, size);
		read_all(got, sizeof got, &m.unit,
			 &(struct hw_dwarf_code){ .ranges = value(HW_DWARF_SECTION_OFFSET, 16) });
		assert_memory_equal(got, all, strlen(got));
	}
	/* An entry nobody knows, and a number without an address, end the list. */
	m.sections.rnglists = hw_bytes_of("\x07\0\0\0\0\0\0\0\0\x01\x99\x02\x02", 13);
	EXPECT("0-1", &m.unit, .ranges = value(HW_DWARF_SECTION_OFFSET, 0));
	m.sections.rnglists = hw_bytes_of("\x02\0\x07\x02\0\x01", 6);
	EXPECT("", &m.unit, .ranges = value(HW_DWARF_SECTION_OFFSET, 0));
	drop(&m);
}

/* `bases` bases, a range of one byte at the last of them, 1, and an end, in both forms. */
static void put_bases(struct made *m, unsigned bases)
{
	m->ranges.size = m->rnglists.size = 0;
	for (unsigned i = 0; i < bases; i++) {
		put_u64(&m->ranges, UINT64_MAX);
		put_u64(&m->ranges, 1);
		put_u8(&m->rnglists, DW_RLE_base_address);
		put_u64(&m->rnglists, 1);
	}
	put_u64(&m->ranges, 0);
	put_u64(&m->ranges, 1);
	put_u64(&m->ranges, 0);
	put_u64(&m->ranges, 0);
	put_u8(&m->rnglists, DW_RLE_offset_pair);
	put_uleb(&m->rnglists, 0);
	put_uleb(&m->rnglists, 1);
	put_u8(&m->rnglists, DW_RLE_end_of_list);
}

/* Work without ranges, which are counted, is bounded: a list of bases alone ends. */
static void bases_in_a_row_end_a_list(void **state)
{
	struct made m = { 0 };
	(void)state;

	for (uint8_t version = 4; version <= 5; version++) {
		put_bases(&m, 64);
		make(&m, version);
		EXPECT("1-2", &m.unit, .ranges = value(HW_DWARF_SECTION_OFFSET, 0));
		put_bases(&m, 66);
		make(&m, version);
		EXPECT("", &m.unit, .ranges = value(HW_DWARF_SECTION_OFFSET, 0));
	}
	drop(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bases_in_a_row_end_a_list),
		cmocka_unit_test(one_range),
		cmocka_unit_test(old_lists),
		cmocka_unit_test(new_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
