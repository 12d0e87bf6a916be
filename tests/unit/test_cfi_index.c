/* unwind/cfi_index.c: indexes over .eh_frame and .debug_frame sections made here, entry by entry. */
#include "unwind/cfi_index.h"

#include "base/buf.h"
#include "unwind/regs.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

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

/* A section whose bytes are not there yet: who reads them waits until they are, in the signal that the kernel sends for a
 * page that a mapped file does not have. */
static struct {
	pthread_t asker;
	int gate[2]; /* a pipe: closed at its end when the bytes are there */
} held;

static void hold(int signal)
{
	static const char complaint[] = "who asks reads the section, and would wait for itself\n";
	char byte;

	(void)signal;
	if (pthread_equal(pthread_self(), held.asker)) {
		(void)!write(STDERR_FILENO, complaint, sizeof complaint - 1);
		_exit(1);
	}
	while (read(held.gate[0], &byte, 1) < 0 && errno == EINTR)
		;
}

/* Begin to make an index of bytes that are held back; they are `bytes` when released. */
static struct hw_cfi_index *index_of_held(const struct hw_buf *bytes, int *fd, void **mapped)
{
	const struct sigaction action = { .sa_handler = hold };
	struct hw_cfi_section section = { .svma = FRAME_SVMA };

	held.asker = pthread_self();
	(void)alarm(60); /* for an index that is waited for: nothing else would end it */
	assert_int_equal(pipe(held.gate), 0);
	assert_int_equal(sigaction(SIGBUS, &action, NULL), 0);
	*fd = memfd_create("cfi", 0);
	assert_int_not_equal(*fd, -1);
	*mapped = mmap(NULL, bytes->size, PROT_READ, MAP_SHARED, *fd, 0);
	assert_ptr_not_equal(*mapped, MAP_FAILED);
	section.bytes = hw_bytes_of(*mapped, bytes->size);
	return hw_cfi_index_new(&section, 0x400000);
}

static void release(const struct hw_buf *bytes, int fd)
{
	for (size_t at = 0; at < bytes->size;) {
		const ssize_t wrote = pwrite(fd, bytes->data + at, bytes->size - at, (off_t)at);

		assert_true(wrote > 0);
		at += (size_t)wrote;
	}
	(void)close(held.gate[1]);
	(void)alarm(0);
}

/* A million entries, far from sorted: asked before they are read, the index says so; once it is there it finds all of
 * them. */
static void a_large_one_is_made_beside(void **state)
{
	struct hw_buf bytes = { 0 };
	struct hw_cfi_index *index;
	uint64_t fde_svma = 0;
	void *mapped;
	int fd;

	(void)state;
	add_cie(&bytes, 1);
	for (uint64_t i = 0; i < MANY; i++) /* 7919 is prime to it: each function once */
		add_fde(&bytes, 0, CODE_SVMA + i * 7919 % MANY * 16, 16);
	index = index_of_held(&bytes, &fd, &mapped);
	for (int i = 0; i < 3; i++)
		assert_int_equal(hw_cfi_index_find(index, CODE_SVMA, &fde_svma), HW_CFI_NOT_YET);
	release(&bytes, fd);
	hw_cfi_index_wait(index);
	for (uint64_t i = 0; i < MANY; i++) {
		if (hw_cfi_index_find(index, CODE_SVMA + i * 7919 % MANY * 16 + 15, &fde_svma) !=
			    HW_CFI_INDEXED ||
		    fde_svma != FRAME_SVMA + CIE_BYTES + i * FDE_BYTES)
			fail_msg("entry %zu is not found", (size_t)i);
	}
	hw_cfi_index_free(index);
	(void)munmap(mapped, bytes.size);
	(void)close(fd);
	(void)close(held.gate[0]);
	(void)signal(SIGBUS, SIG_DFL);
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
