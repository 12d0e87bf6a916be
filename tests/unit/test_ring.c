/* Records out of a ring laid out as the kernel lays it out. */
#include "record/ring.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { RING_BYTES = 4096 };

struct fake {
	struct perf_event_mmap_page page;
	uint8_t data[RING_BYTES];
	struct hw_ring ring;
};

/* A ring over our own memory: hw_ring_open needs a descriptor of the kernel's. */
static int setup(void **state)
{
	struct fake *fake = hw_alloc(1, sizeof *fake);

	fake->ring = (struct hw_ring){
		.page = &fake->page, .data = fake->data, .size_bytes = RING_BYTES, .wrap = hw_alloc(65536, 1)
	};
	*state = fake;
	return 0;
}

static int teardown(void **state)
{
	struct fake *fake = *state;

	free(fake->ring.wrap);
	free(fake);
	return 0;
}

/* What the kernel does: header and body at data_head, byte by byte round the end. */
static void kernel_writes(struct fake *fake, uint32_t type, uint16_t size, uint8_t fill)
{
	const struct perf_event_header header = { .type = type, .size = size };
	uint8_t bytes[65536];
	uint64_t head = fake->page.data_head;

	memset(bytes, fill, sizeof bytes);
	memcpy(bytes, &header, sizeof header);
	for (size_t i = 0; i < size; i++)
		fake->data[(head + i) % RING_BYTES] = bytes[i];
	fake->page.data_head = head + size;
}

/* As if that many bytes had been written, read and given back. */
static void start_at(struct fake *fake, uint64_t position)
{
	fake->page.data_head = fake->page.data_tail = fake->ring.tail = fake->ring.given_back = position;
}

static void empty_ring_gives_nothing(void **state)
{
	struct fake *fake = *state;
	struct hw_bytes record;

	hw_ring_begin(&fake->ring);
	assert_int_equal(hw_ring_next(&fake->ring, &record, NULL), 0);
}

static void records_come_in_order_and_are_given_back(void **state)
{
	struct fake *fake = *state;
	struct hw_bytes record;

	kernel_writes(fake, 1, 24, 0x11);
	kernel_writes(fake, 2, 16, 0x22);
	hw_ring_begin(&fake->ring);
	kernel_writes(fake, 3, 16, 0x33); /* after the look: for the next one */
	assert_int_equal(hw_ring_next(&fake->ring, &record, NULL), 1);
	assert_int_equal(hw_bytes_left(&record), 24);
	assert_int_equal(hw_bytes_u32(&record), 1);
	assert_int_equal(hw_ring_next(&fake->ring, &record, NULL), 1);
	assert_int_equal(hw_bytes_u32(&record), 2);
	assert_int_equal(hw_ring_next(&fake->ring, &record, NULL), 0);
	assert_int_equal(fake->page.data_tail, 0);
	hw_ring_end(&fake->ring);
	assert_int_equal(fake->page.data_tail, 40);
	hw_ring_begin(&fake->ring);
	assert_int_equal(hw_ring_next(&fake->ring, &record, NULL), 1);
	assert_int_equal(hw_bytes_u32(&record), 3);
}

/* At every possible place of the end within a record, the record comes out whole. */
static void record_across_the_end_is_put_together(void **state)
{
	struct fake *fake = *state;
	struct hw_bytes record;

	for (uint64_t before = 8; before <= 200; before += 8) {
		start_at(fake, RING_BYTES - before);
		kernel_writes(fake, 9, 200, 0x77);
		hw_ring_begin(&fake->ring);
		assert_int_equal(hw_ring_next(&fake->ring, &record, NULL), 1);
		assert_int_equal(hw_bytes_left(&record), 200);
		assert_int_equal(hw_bytes_u32(&record), 9);
		(void)hw_bytes_u32(&record);
		while (hw_bytes_left(&record))
			assert_int_equal(hw_bytes_u8(&record), 0x77);
		assert_int_equal(hw_ring_next(&fake->ring, &record, NULL), 0);
	}
}

/* Positions keep growing past the ring's size and past 32 bits. */
static void positions_may_be_large(void **state)
{
	struct fake *fake = *state;
	struct hw_bytes record;

	start_at(fake, (UINT64_C(1) << 40) - 16);
	kernel_writes(fake, 5, 64, 0x44);
	hw_ring_begin(&fake->ring);
	assert_int_equal(hw_ring_next(&fake->ring, &record, NULL), 1);
	assert_int_equal(hw_bytes_left(&record), 64);
}

/* Records stay where they are until they are given back, whatever has been read since; what is given back is what the
 * kernel sees as its room. */
static void records_stay_until_given_back(void **state)
{
	struct fake *fake = *state;
	struct hw_ring_span spans[3];
	struct hw_bytes record;

	start_at(fake, RING_BYTES - 40);
	kernel_writes(fake, 1, 24, 0x11);
	kernel_writes(fake, 2, 32, 0x22); /* across the end */
	kernel_writes(fake, 3, 16, 0x33);
	hw_ring_begin(&fake->ring);
	for (size_t i = 0; i < HW_COUNT_OF(spans); i++)
		assert_int_equal(hw_ring_next_span(&fake->ring, &spans[i], NULL), 1);
	assert_int_equal(hw_ring_next_span(&fake->ring, &spans[0], NULL), 0);
	assert_int_equal(spans[1].type, 2);
	assert_int_equal(spans[1].size_bytes, 32);
	assert_int_equal(fake->page.data_tail, RING_BYTES - 40);
	record = hw_ring_bytes(&fake->ring, spans[1].position, spans[1].size_bytes);
	assert_int_equal(hw_bytes_left(&record), 32);
	assert_int_equal(hw_bytes_u32(&record), 2);
	(void)hw_bytes_u32(&record);
	while (hw_bytes_left(&record))
		assert_int_equal(hw_bytes_u8(&record), 0x22);
	assert_int_equal(hw_ring_word(&fake->ring, spans[2].position + 8), UINT64_C(0x3333333333333333));
	hw_ring_give_back(&fake->ring, spans[1].position);
	assert_int_equal(fake->page.data_tail, RING_BYTES - 16);
	hw_ring_end(&fake->ring);
	assert_int_equal(fake->page.data_tail, RING_BYTES + 32);
}

/* The kernel cannot have overwritten what it was not given back. */
static void overwritten_records_are_refused(void **state)
{
	struct fake *fake = *state;
	struct hw_ring_span span;

	kernel_writes(fake, 1, RING_BYTES - 8, 0x11);
	hw_ring_begin(&fake->ring);
	assert_int_equal(hw_ring_next_span(&fake->ring, &span, NULL), 1);
	kernel_writes(fake, 2, 16, 0x22);
	hw_ring_begin(&fake->ring);
	assert_int_equal(hw_ring_next_span(&fake->ring, &span, NULL), -1);
}

/* Sizes that no record can have give up what the ring holds, with an error, and the ring goes on afterwards. */
static void impossible_sizes_are_refused(void **state)
{
	static const uint16_t sizes[] = { 0, 7, 12, 48, 65535 };
	struct fake *fake = *state;
	struct hw_bytes record;

	for (size_t i = 0; i < HW_COUNT_OF(sizes); i++) {
		struct hw_err err = { 0 };
		const uint64_t at = fake->page.data_head;

		kernel_writes(fake, 1, 40, 0);
		memcpy(fake->data + (at % RING_BYTES) + offsetof(struct perf_event_header, size), &sizes[i],
		       sizeof sizes[i]);
		hw_ring_begin(&fake->ring);
		assert_int_equal(hw_ring_next(&fake->ring, &record, &err), -1);
		assert_int_equal(err.kind, HW_ERR_FORMAT);
		assert_int_equal(hw_ring_next(&fake->ring, &record, NULL), 0);
		hw_ring_end(&fake->ring);
		kernel_writes(fake, 6, 16, 0);
		hw_ring_begin(&fake->ring);
		assert_int_equal(hw_ring_next(&fake->ring, &record, NULL), 1);
		hw_ring_end(&fake->ring);
	}
}

/* A head more than a ring away from the tail cannot be. */
static void head_out_of_reach_is_refused(void **state)
{
	struct fake *fake = *state;
	struct hw_bytes record;

	fake->page.data_head = RING_BYTES + 8;
	hw_ring_begin(&fake->ring);
	assert_int_equal(hw_ring_next(&fake->ring, &record, NULL), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(empty_ring_gives_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(records_come_in_order_and_are_given_back, setup, teardown),
		cmocka_unit_test_setup_teardown(record_across_the_end_is_put_together, setup, teardown),
		cmocka_unit_test_setup_teardown(positions_may_be_large, setup, teardown),
		cmocka_unit_test_setup_teardown(impossible_sizes_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(records_stay_until_given_back, setup, teardown),
		cmocka_unit_test_setup_teardown(overwritten_records_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(head_out_of_reach_is_refused, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
