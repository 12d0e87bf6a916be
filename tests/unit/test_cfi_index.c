/* unwind/cfi_index.c: indexes over .eh_frame and .debug_frame sections made here, entry by entry. */
#include "unwind/cfi_index.h"

#include "base/buf.h"
#include "unwind/regs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define CODE_SVMA UINT64_C(0x401000)
#define FRAME_SVMA UINT64_C(0x10000000)
#define CIE_BYTES 24
#define FDE_BYTES 20
/* Enough that it is made beside: 20 MB, some ten milliseconds of work. */
#define MANY 1000000

static void add_u32(struct hw_buf *out, uint32_t word)
{
	hw_buf_add(out, (const char *)&word, sizeof word);
}

/* A CIE: version 1, "zR", addresses relative and in four bytes. */
static void add_cie(struct hw_buf *out, uint8_t version)
{
	const uint8_t rest[] = { version, 'z', 'R', 0, 1, 0x78, HW_REG_RA, 1, 0x1b /* pcrel sdata4 */,
				 0,	  0,   0,   0, 0, 0,	0 };

	_Static_assert(sizeof rest + 8 == CIE_BYTES, "a CIE is as long as it says");
	add_u32(out, CIE_BYTES - 4);
	add_u32(out, 0);
	hw_buf_add(out, (const char *)rest, sizeof rest);
}

/* An FDE of the CIE at cie_offset about [start, start + size). */
static void add_fde(struct hw_buf *out, size_t cie_offset, uint64_t start_svma, uint32_t size)
{
	const uint64_t place_svma = FRAME_SVMA + out->size + 8;

	add_u32(out, FDE_BYTES - 4);
	add_u32(out, (uint32_t)(out->size - cie_offset));
	add_u32(out, (uint32_t)(start_svma - place_svma));
	add_u32(out, size);
	add_u32(out, 0); /* no augmentation, three nops */
}

static struct hw_cfi_index *index_of(const struct hw_buf *bytes)
{
	const struct hw_cfi_section section = { .svma = FRAME_SVMA,
						.bytes = hw_bytes_of(bytes->data, bytes->size) };

	return hw_cfi_index_new(&section, 0x400000);
}

static void assert_found(struct hw_cfi_index *index, uint64_t svma, size_t fde_offset)
{
	uint64_t fde_svma = 0;

	assert_int_equal(hw_cfi_index_find(index, svma, &fde_svma), HW_CFI_INDEXED);
	assert_int_equal(fde_svma, FRAME_SVMA + fde_offset);
}

/* Entries are found by the last function that starts at or below, in whatever order they stand; nothing below the first. */
static void finds_entries_in_any_order(void **state)
{
	struct hw_buf bytes = { 0 };
	struct hw_cfi_index *index;
	uint64_t fde_svma;

	(void)state;
	add_cie(&bytes, 1);
	add_fde(&bytes, 0, CODE_SVMA + 0x200, 0x10);
	add_fde(&bytes, 0, CODE_SVMA, 0x10);
	add_fde(&bytes, 0, CODE_SVMA + 0x100, 0x10);
	index = index_of(&bytes);
	assert_found(index, CODE_SVMA, CIE_BYTES + FDE_BYTES);
	assert_found(index, CODE_SVMA + 0xff, CIE_BYTES + FDE_BYTES);
	assert_found(index, CODE_SVMA + 0x100, CIE_BYTES + 2 * FDE_BYTES);
	assert_found(index, CODE_SVMA + 0x200, CIE_BYTES);
	assert_found(index, CODE_SVMA + 0x20000, CIE_BYTES);
	assert_int_equal(hw_cfi_index_find(index, CODE_SVMA - 1, &fde_svma), HW_CFI_NOT_INDEXED);
	assert_int_equal(hw_cfi_index_find(index, 0x3fffff, &fde_svma), HW_CFI_NOT_INDEXED);
	assert_int_equal(hw_cfi_index_find(index, UINT64_MAX, &fde_svma), HW_CFI_NOT_INDEXED);
	hw_cfi_index_free(index);
	hw_buf_fini(&bytes);
}

/* Empty functions, functions outside the file's segments, and the entries of a CIE that makes no sense are left out; those
 * behind them are not. What is behind the terminator is no entry. */
static void leaves_out_what_makes_no_sense(void **state)
{
	struct hw_buf bytes = { 0 };
	struct hw_cfi_index *index;
	size_t bad_cie, good_fde;

	(void)state;
	add_cie(&bytes, 1);
	add_fde(&bytes, 0, CODE_SVMA, 0x10);
	add_fde(&bytes, 0, CODE_SVMA + 0x10, 0);
	add_fde(&bytes, 0, 0x1000, 0x10); /* below the first segment */
	bad_cie = bytes.size;
	add_cie(&bytes, 77);
	add_fde(&bytes, bad_cie, CODE_SVMA + 0x20, 0x10);
	good_fde = bytes.size;
	add_fde(&bytes, 0, CODE_SVMA + 0x30, 0x10);
	add_u32(&bytes, 0);
	add_fde(&bytes, 0, CODE_SVMA + 0x40, 0x10);
	index = index_of(&bytes);
	assert_found(index, CODE_SVMA + 0x10, CIE_BYTES);
	assert_found(index, CODE_SVMA + 0x20, CIE_BYTES);
	assert_found(index, CODE_SVMA + 0x50, good_fde);
	hw_cfi_index_free(index);
	hw_buf_fini(&bytes);
}

/* A section cut anywhere gives the entries in front of the cut. */
static void a_section_cut_short(void **state)
{
	struct hw_buf bytes = { 0 };

	(void)state;
	add_cie(&bytes, 1);
	add_fde(&bytes, 0, CODE_SVMA, 0x10);
	add_fde(&bytes, 0, CODE_SVMA + 0x100, 0x10);
	for (size_t size = 0; size <= bytes.size; size++) {
		const size_t whole = size < CIE_BYTES ? 0 : (size - CIE_BYTES) / FDE_BYTES;
		char *copy = size ? hw_alloc(size, 1) : NULL; /* of that very size, for the sanitizer */
		const struct hw_cfi_section section = { .svma = FRAME_SVMA,
							.bytes = hw_bytes_of(copy, size) };
		struct hw_cfi_index *index;
		uint64_t fde_svma;

		if (size)
			memcpy(copy, bytes.data, size);
		index = hw_cfi_index_new(&section, 0x400000);
		if (!whole)
			assert_int_equal(hw_cfi_index_find(index, CODE_SVMA + 0x100, &fde_svma),
					 HW_CFI_NOT_INDEXED);
		else
			assert_found(index, CODE_SVMA + 0x100, CIE_BYTES + (whole - 1) * FDE_BYTES);
		hw_cfi_index_free(index);
		free(copy);
	}
	hw_buf_fini(&bytes);
}

/* A million entries, far from sorted: asked before they are read, the index says so or finds the right one; once it is
 * there it finds all of them. */
static void a_large_one_is_made_beside(void **state)
{
	struct hw_buf bytes = { 0 };
	struct hw_cfi_index *index;
	uint64_t fde_svma = 0;

	(void)state;
	add_cie(&bytes, 1);
	for (uint64_t i = 0; i < MANY; i++) /* 7919 is prime to it: each function once */
		add_fde(&bytes, 0, CODE_SVMA + i * 7919 % MANY * 16, 16);
	index = index_of(&bytes);
	for (bool ready = false; !ready;) {
		switch (hw_cfi_index_find(index, CODE_SVMA, &fde_svma)) {
		case HW_CFI_INDEXED:
			assert_int_equal(fde_svma, FRAME_SVMA + CIE_BYTES);
			ready = true;
			break;
		case HW_CFI_NOT_INDEXED:
			fail_msg("an index that is being made knows nothing");
			break;
		case HW_CFI_NOT_YET:
			hw_cfi_index_wait(index);
			break;
		}
	}
	for (uint64_t i = 0; i < MANY; i++) {
		if (hw_cfi_index_find(index, CODE_SVMA + i * 7919 % MANY * 16 + 15, &fde_svma) !=
			    HW_CFI_INDEXED ||
		    fde_svma != FRAME_SVMA + CIE_BYTES + i * FDE_BYTES)
			fail_msg("entry %zu is not found", (size_t)i);
	}
	hw_cfi_index_free(index);
	/* And one that nobody waits for. */
	index = index_of(&bytes);
	hw_cfi_index_free(index);
	hw_buf_fini(&bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_entries_in_any_order),
		cmocka_unit_test(leaves_out_what_makes_no_sense),
		cmocka_unit_test(a_section_cut_short),
		cmocka_unit_test(a_large_one_is_made_beside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
