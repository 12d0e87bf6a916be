/* Rings as the kernel fills them come out in order, whole, and once; the kernel gets its room back. */
#include "record/reader.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { RINGS = 3, RING_BYTES = 4096 };

/* Records end with tid and time, as that of all but samples. */
static const struct perf_event_attr model = { .sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_TIME,
					      .sample_id_all = 1,
					      .use_clockid = 1,
					      .clockid = CLOCK_MONOTONIC };

struct machine {
	struct perf_event_mmap_page pages[RINGS];
	uint8_t data[RINGS][RING_BYTES];
	struct hw_cpu_ring list[RINGS];
	struct hw_cpu_rings rings;
	struct hw_reader *reader;
	uint64_t random;
};

static int setup(void **state)
{
	struct machine *m = hw_alloc(1, sizeof *m);

	for (size_t i = 0; i < RINGS; i++)
		m->list[i].ring = (struct hw_ring){ .page = &m->pages[i],
						    .data = m->data[i],
						    .size_bytes = RING_BYTES,
						    .wrap = hw_alloc(65536, 1) };
	m->rings = (struct hw_cpu_rings){ .at = m->list, .count = RINGS, .size_bytes = RING_BYTES };
	m->reader = hw_reader_new(&m->rings, &model);
	m->random = 88172645463325252u;
	*state = m;
	return 0;
}

static int teardown(void **state)
{
	struct machine *m = *state;

	hw_reader_free(m->reader);
	for (size_t i = 0; i < RINGS; i++)
		free(m->list[i].ring.wrap);
	free(m);
	return 0;
}

static void put(struct machine *m, size_t ring, uint64_t at, const void *bytes, size_t size)
{
	const uint8_t *from = bytes;

	for (size_t i = 0; i < size; i++)
		m->data[ring][(at + i) % RING_BYTES] = from[i];
}

/* What the kernel does: a record of that size, filled with the low byte of its time, if there is room. */
static bool kernel_writes(struct machine *m, size_t ring, uint16_t size, uint64_t time_ns)
{
	const struct perf_event_header header = { .type = PERF_RECORD_COMM, .size = size };
	const uint64_t head = m->pages[ring].data_head;
	uint8_t fill[RING_BYTES];

	if (head + size - m->pages[ring].data_tail > RING_BYTES)
		return false;
	memset(fill, (int)(time_ns & 0xff), sizeof fill);
	put(m, ring, head, fill, size);
	put(m, ring, head, &header, sizeof header);
	put(m, ring, head + size - sizeof time_ns, &time_ns, sizeof time_ns);
	m->pages[ring].data_head = head + size;
	return true;
}

/* The next record's time, having checked that its bytes are what was written; 0 when there is none. */
static uint64_t next(struct machine *m)
{
	struct perf_event_header header;
	struct hw_bytes bytes;
	uint64_t time_ns;
	size_t size;

	if (!hw_reader_next(m->reader, &bytes))
		return 0;
	size = hw_bytes_left(&bytes);
	memcpy(&header, bytes.at, sizeof header);
	assert_int_equal(header.size, size);
	memcpy(&time_ns, bytes.at + size - sizeof time_ns, sizeof time_ns);
	for (size_t i = sizeof header; i < size - sizeof time_ns; i++)
		assert_int_equal(bytes.at[i], time_ns & 0xff);
	return time_ns;
}

static uint64_t random_below(struct machine *m, uint64_t limit)
{
	m->random ^= m->random << 13;
	m->random ^= m->random >> 7;
	m->random ^= m->random << 17;
	return (m->random >> 11) % limit;
}

/* Thousands of laps of small rings, filled to the brim: everything that found room comes out in order, whole and once, and
 * when all is out, all is free. */
static void full_rings_come_out_in_order(void **state)
{
	struct machine *m = *state;
	struct hw_reader_stats stats;
	uint64_t clock_ns = 0;
	uint64_t last_ns = 0;
	uint64_t written = 0;
	uint64_t taken = 0;
	uint64_t full = 0;

	for (int round = 0; round < 3000; round++) {
		uint64_t time_ns;

		for (uint64_t more = random_below(m, 60); more; more--) {
			const uint16_t size = (uint16_t)(24 + 8 * random_below(m, 60));

			if (kernel_writes(m, random_below(m, RINGS), size, ++clock_ns))
				written++;
			else
				full++;
		}
		hw_reader_look(m->reader, true, NULL);
		while ((time_ns = next(m)) != 0) {
			assert_true(time_ns > last_ns);
			last_ns = time_ns;
			taken++;
		}
		for (size_t i = 0; i < RINGS; i++)
			assert_int_equal(m->pages[i].data_tail, m->pages[i].data_head);
	}
	assert_int_equal(taken, written);
	assert_true(full > 1000);
	hw_reader_stats(m->reader, &stats);
	assert_int_equal(stats.records_read, written);
	assert_int_equal(stats.records_late, 0);
	assert_int_equal(stats.rings_corrupt, 0);
}

/* A record that has just been written waits, for another CPU may not be done with an earlier one, and with it all newer
 * ones of other CPUs; the room of what waits is not given back. After a while it goes. */
static void fresh_records_wait(void **state)
{
	static const struct timespec while_ns = { .tv_nsec = 215000000 };
	struct machine *m = *state;
	const uint64_t fresh_ns = hw_now_ns() + 200000000; /* so that a busy machine may take its time */
	const uint64_t newest_ns = fresh_ns + UINT64_C(3600000000000);

	assert_true(kernel_writes(m, 0, 64, 1));
	assert_true(kernel_writes(m, 0, 64, newest_ns));
	assert_true(kernel_writes(m, 1, 64, fresh_ns));
	hw_reader_look(m->reader, false, NULL);
	assert_int_equal(next(m), 1);
	assert_int_equal(next(m), 0);
	assert_int_equal(m->pages[0].data_tail, 64);
	assert_int_equal(m->pages[1].data_tail, 0);
	(void)nanosleep(&while_ns, NULL);
	hw_reader_look(m->reader, false, NULL);
	assert_int_equal(next(m), fresh_ns);
	assert_int_equal(next(m), 0);
	assert_int_equal(m->pages[0].data_tail, 64);
	assert_int_equal(m->pages[1].data_tail, 64);
	hw_reader_look(m->reader, true, NULL);
	assert_int_equal(next(m), newest_ns);
	assert_int_equal(next(m), 0);
	assert_int_equal(m->pages[0].data_tail, 128);
}

/* The bytes given out are not the kernel's before the next call. */
static void room_is_kept_while_borrowed(void **state)
{
	struct machine *m = *state;

	assert_true(kernel_writes(m, 2, 4000, 5));
	hw_reader_look(m->reader, true, NULL);
	assert_int_equal(next(m), 5);
	assert_int_equal(m->pages[2].data_tail, 0);
	assert_int_equal(next(m), 0);
	assert_int_equal(m->pages[2].data_tail, 4000);
}

/* A ring whose bytes make no sense is skipped up to where the kernel is, and goes on; what was found in it before, and
 * other rings, are not harmed. */
static void corrupt_ring_is_skipped(void **state)
{
	static const uint16_t sizes[] = { 0, 7, 12, 72, 65535 };
	struct machine *m = *state;
	struct hw_reader_stats stats;

	for (size_t i = 0; i < HW_COUNT_OF(sizes); i++) {
		const uint64_t at = m->pages[0].data_head + 32;

		assert_true(kernel_writes(m, 0, 32, 10 * i + 1));
		assert_true(kernel_writes(m, 0, 64, 10 * i + 3));
		assert_true(kernel_writes(m, 1, 32, 10 * i + 2));
		put(m, 0, at + offsetof(struct perf_event_header, size), &sizes[i], sizeof sizes[i]);
		hw_reader_look(m->reader, true, NULL);
		assert_int_equal(next(m), 10 * i + 1);
		assert_int_equal(next(m), 10 * i + 2);
		assert_int_equal(next(m), 0);
		assert_int_equal(m->pages[0].data_tail, m->pages[0].data_head);
	}
	hw_reader_stats(m->reader, &stats);
	assert_int_equal(stats.rings_corrupt, HW_COUNT_OF(sizes));
}

/* Births are told of before their turn. */
static void births_are_told_at_once(void **state)
{
	/* pid, ppid, tid, ptid, time; then the trailer: pid, tid, time */
	const struct perf_event_header header = { .type = PERF_RECORD_FORK, .size = 48 };
	struct machine *m = *state;
	struct hw_births births = { 0 };
	const uint32_t ids[] = { 5, 4, 7, 6 };
	const uint64_t later_ns = hw_now_ns() + UINT64_C(3600000000000);

	assert_true(kernel_writes(m, 0, 48, later_ns));
	put(m, 0, 0, &header, sizeof header);
	put(m, 0, sizeof header, ids, sizeof ids);
	put(m, 0, 24, &later_ns, sizeof later_ns);
	hw_reader_look(m->reader, false, &births);
	assert_int_equal(births.list.count, 1);
	assert_int_equal(births.list.at[0].tid, 7);
	assert_int_equal(births.list.at[0].parent_tid, 6);
	assert_int_equal(next(m), 0);
	hw_reader_look(m->reader, true, &births);
	assert_int_equal(births.list.count, 1);
	hw_births_fini(&births);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(full_rings_come_out_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(fresh_records_wait, setup, teardown),
		cmocka_unit_test_setup_teardown(room_is_kept_while_borrowed, setup, teardown),
		cmocka_unit_test_setup_teardown(corrupt_ring_is_skipped, setup, teardown),
		cmocka_unit_test_setup_teardown(births_are_told_at_once, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
