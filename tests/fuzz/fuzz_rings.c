/* hw_reader on rings with any bytes in them. Input: sample_type, then steps: a byte that says how far each of two rings'
 * heads moves on and whether the look is the last one, and the bytes that are put there. */
#include "record/decode.h"
#include "record/reader.h"

enum { RINGS = 2, RING_BYTES = 4096 };

struct machine {
	struct perf_event_mmap_page pages[RINGS];
	uint8_t data[RINGS][RING_BYTES];
	struct hw_cpu_ring list[RINGS];
	struct hw_cpu_rings rings;
};

/* As much of the input as there is, and room for, goes to a ring. */
static void write_ring(struct machine *m, size_t ring, struct hw_bytes *input, uint64_t size)
{
	struct perf_event_mmap_page *page = &m->pages[ring];

	while (size-- && hw_bytes_left(input) && page->data_head - page->data_tail < RING_BYTES) {
		m->data[ring][page->data_head % RING_BYTES] = hw_bytes_u8(input);
		page->data_head++;
	}
}

/* Everything that may go; the address sanitizer watches. What lies in the ring is not given back before. */
static uint64_t take_all(struct hw_reader *reader, const struct perf_event_attr *attr)
{
	struct hw_record record;
	struct hw_bytes bytes;
	uint64_t sum = 0;

	while (hw_reader_next(reader, &bytes)) {
		struct hw_bytes all = bytes;

		while (hw_bytes_left(&all))
			sum += hw_bytes_u8(&all);
		if (hw_record_decode(&record, bytes, attr, NULL) == 0)
			sum += record.id.time_ns;
	}
	return sum;
}

static uint64_t run(struct machine *m, struct hw_bytes *input)
{
	const struct perf_event_attr attr = { .size = sizeof attr,
					      .sample_type = hw_bytes_u64(input),
					      .sample_id_all = 1 };
	struct hw_births births = { 0 };
	struct hw_reader *reader = hw_reader_new(&m->rings, &attr);
	struct hw_reader_stats stats;
	uint64_t sum = 0;

	while (!input->overrun && hw_bytes_left(input)) {
		const uint8_t step = hw_bytes_u8(input);

		for (size_t i = 0; i < RINGS; i++)
			write_ring(m, i, input, 8 * (uint64_t)(step >> (3 * i) & 7));
		hw_reader_look(reader, step >> 6 == 0, step >> 7 ? &births : NULL);
		sum += take_all(reader, &attr);
	}
	hw_reader_look(reader, true, NULL);
	sum += take_all(reader, &attr);
	for (size_t i = 0; i < RINGS; i++)
		if (m->pages[i].data_tail != m->pages[i].data_head)
			abort(); /* all is the kernel's again */
	hw_reader_stats(reader, &stats);
	hw_reader_free(reader);
	hw_births_fini(&births);
	return sum + stats.records_read;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hw_bytes input = hw_bytes_of(data, size);
	struct machine *m = hw_alloc(1, sizeof *m);
	uint64_t sum;

	for (size_t i = 0; i < RINGS; i++)
		m->list[i].ring = (struct hw_ring){ .page = &m->pages[i],
						    .data = m->data[i],
						    .size_bytes = RING_BYTES,
						    .wrap = hw_alloc(UINT16_MAX + 1, 1) };
	m->rings = (struct hw_cpu_rings){ .at = m->list, .count = RINGS, .size_bytes = RING_BYTES };
	sum = run(m, &input);
	for (size_t i = 0; i < RINGS; i++)
		free(m->list[i].ring.wrap);
	free(m);
	/* Depend on what was read, so that no read is optimised away. */
	__asm__ volatile("" : : "r"(sum));
	return 0;
}
