#include "record/reader.h"

#include "base/clock.h"
#include "record/decode.h"
#include "record/horizon.h"
#include "record/order.h"

/* How long after a record's time the kernel may still be at work on it. Softirqs alone may hold it up for 2 ms. (A
 * hypervisor may hold up a CPU for longer; such records come out late, and are counted.) Records wait in the ring for so
 * long; less where an eighth of the ring is filled in less. */
#define FINISH_NS UINT64_C(10000000)
#define FINISH_LEAST_NS UINT64_C(1000000)
#define FINISH_RING_SHARE 8

/* Ring space is given back in steps: the kernel, too, looks at what lies beside. */
#define GIVE_BACK_BYTES (UINT64_C(64) << 10)

/* How much of the next record is asked for: what comes before the copy of the stack, and of the copy what some ten
 * frames need. (Asking for 3 KiB costs what it saves on stacks of 35 frames.) */
#define EXPECTED_BYTES 1024

struct hw_reader {
	struct hw_cpu_rings *rings;	     /* borrowed */
	const struct perf_event_attr *model; /* borrowed */
	struct hw_order *order;
	struct hw_horizon horizon;
	struct hw_time_place time_place;
	uint64_t newest_ns; /* time of the newest record read */
	uint64_t looked_ns; /* when the last look began */
	size_t last_queue;  /* ring of the record given out last */
	struct hw_reader_stats stats;
};

struct hw_reader *hw_reader_new(struct hw_cpu_rings *rings, const struct perf_event_attr *model)
{
	struct hw_reader *reader = hw_alloc(1, sizeof *reader);

	reader->rings = rings;
	reader->model = model;
	reader->order = hw_order_new(rings->count);
	reader->time_place = hw_record_time_place(model);
	reader->horizon.clock_is_ours = model->use_clockid && model->clockid == CLOCK_MONOTONIC;
	return reader;
}

void hw_reader_free(struct hw_reader *reader)
{
	if (!reader)
		return;
	hw_order_free(reader->order);
	free(reader);
}

static void note_birth(const struct hw_reader *reader, struct hw_ring *ring, const struct hw_ring_span *span,
		       struct hw_births *births)
{
	struct hw_record record;

	if (hw_record_decode(&record, hw_ring_bytes(ring, span->position, span->size_bytes), reader->model,
			     NULL) < 0)
		return;
	hw_births_add(births, &(struct hw_birth){ .tid = (pid_t)record.task.tid,
						  .parent_tid = (pid_t)record.task.ptid,
						  .time_ns = record.task.time_ns });
}

/* Put what a ring has got since the last look in order; its bytes stay where they are. */
static void scan_ring(struct hw_reader *reader, size_t index, struct hw_births *births)
{
	struct hw_ring *ring = &reader->rings->at[index].ring;
	struct hw_ring_span span;
	int got;

	while ((got = hw_ring_next_span(ring, &span, NULL)) > 0) {
		const uint32_t offset = hw_time_offset(reader->time_place, span.type, span.size_bytes);
		const struct hw_order_record record = {
			.time_ns = offset ? hw_ring_word(ring, span.position + offset) : 0,
			.position = span.position,
			.size_bytes = span.size_bytes,
			.queue = (uint32_t)index,
		};

		reader->stats.records_read++;
		if (births && span.type == PERF_RECORD_FORK)
			note_birth(reader, ring, &span, births);
		hw_order_add(reader->order, record);
		if (record.time_ns > reader->newest_ns)
			reader->newest_ns = record.time_ns;
	}
	if (got < 0)
		reader->stats.rings_corrupt++;
}

/* See how far the kernel has written, everywhere at nearly the same moment. Returns the most that was written to a ring
 * since the last look. */
static uint64_t look_at_heads(struct hw_cpu_rings *rings)
{
	uint64_t most_bytes = 0;

	for (size_t i = 0; i < rings->count; i++) {
		struct hw_ring *ring = &rings->at[i].ring;

		hw_ring_begin(ring);
		if (ring->head - ring->tail > most_bytes)
			most_bytes = ring->head - ring->tail;
	}
	return most_bytes;
}

/* How long records shall wait when so many bytes have come in so long. */
static uint64_t finish_ns(const struct hw_reader *reader, uint64_t bytes, uint64_t in_ns)
{
	uint64_t share_ns;

	/* A ring holds no more than all its shares. */
	if (!bytes || in_ns >= FINISH_NS * FINISH_RING_SHARE)
		return FINISH_NS;
	share_ns = in_ns * (reader->rings->size_bytes / FINISH_RING_SHARE) / bytes;
	if (share_ns > FINISH_NS)
		return FINISH_NS;
	return share_ns > FINISH_LEAST_NS ? share_ns : FINISH_LEAST_NS;
}

void hw_reader_look(struct hw_reader *reader, bool last, struct hw_births *births)
{
	struct hw_horizon_look look = { .begin_ns = hw_now_ns() };
	const uint64_t bytes = look_at_heads(reader->rings);
	const uint64_t since_ns = look.begin_ns - reader->looked_ns;
	uint64_t until_ns = UINT64_MAX;

	look.end_ns = hw_now_ns();
	for (size_t i = 0; i < reader->rings->count; i++)
		scan_ring(reader, i, births);
	look.newest_ns = reader->newest_ns;
	if (!last)
		until_ns = hw_horizon_after(&reader->horizon, &look, finish_ns(reader, bytes, since_ns));
	hw_order_release(reader->order, until_ns);
	reader->looked_ns = look.begin_ns;
}

static void give_back(struct hw_reader *reader, size_t queue, uint64_t step_bytes)
{
	struct hw_ring *ring = &reader->rings->at[queue].ring;
	const uint64_t kept_from = hw_order_kept_from(reader->order, queue, ring->tail);

	if (kept_from - ring->given_back > step_bytes)
		hw_ring_give_back(ring, kept_from);
}

/* The kernel wrote the records some time ago, on other CPUs: ask the memory for the next one while this one is worked
 * on. */
static void expect_next(const struct hw_reader *reader)
{
	const struct hw_order_record *next = hw_order_peek(reader->order);
	const struct hw_ring *ring;
	size_t mask;

	if (!next)
		return;
	ring = &reader->rings->at[next->queue].ring;
	mask = ring->size_bytes - 1;
	for (uint32_t i = 0; i < EXPECTED_BYTES && i < next->size_bytes; i += 64)
		__builtin_prefetch(ring->data + ((next->position + i) & mask));
	/* The size of the copy of the stack stands behind it. */
	__builtin_prefetch(ring->data + ((next->position + next->size_bytes - sizeof(uint64_t)) & mask));
}

int hw_reader_next(struct hw_reader *reader, struct hw_bytes *bytes)
{
	struct hw_order_record place;

	give_back(reader, reader->last_queue, GIVE_BACK_BYTES);
	if (!hw_order_next(reader->order, &place)) {
		for (size_t i = 0; i < reader->rings->count; i++)
			give_back(reader, i, 0);
		return 0;
	}
	reader->last_queue = place.queue;
	expect_next(reader);
	*bytes = hw_ring_bytes(&reader->rings->at[place.queue].ring, place.position, place.size_bytes);
	return 1;
}

void hw_reader_stats(const struct hw_reader *reader, struct hw_reader_stats *stats)
{
	*stats = reader->stats;
	stats->records_late = hw_order_late(reader->order);
}
