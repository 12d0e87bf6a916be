#include "record/order.h"

#include "base/buf.h"

#include <stdbool.h>

struct entry {
	uint64_t time_ns;
	size_t offset; /* into storage[generation] */
	uint32_t size;
	uint32_t generation;
};

/* Entries of one CPU, ascending by time; those before `first` are gone. */
struct queue {
	HW_VEC(struct entry) entries;
	size_t first;
};

struct hw_order {
	struct queue *queues;
	size_t queue_count;
	/* Bytes of this round and of the one before. When a round ends, everything of the round before it goes, so its
	 * storage can be filled again: no allocation once both have their size. */
	struct hw_buf storage[2];
	uint32_t generation;
	/* Queues that have records, as a binary heap with the oldest first record on top. */
	size_t *heap;
	size_t heap_count;
	uint64_t newest_ns;	   /* of this round */
	uint64_t newest_before_ns; /* of the round before */
	uint64_t bound_ns;	   /* records up to here may go */
	uint64_t gone_ns;	   /* newest that went */
	uint64_t late;
};

struct hw_order *hw_order_new(size_t queue_count)
{
	struct hw_order *order = hw_alloc(1, sizeof *order);

	order->queues = hw_alloc(queue_count, sizeof *order->queues);
	order->heap = hw_alloc(queue_count, sizeof *order->heap);
	order->queue_count = queue_count;
	return order;
}

void hw_order_free(struct hw_order *order)
{
	if (!order)
		return;
	for (size_t i = 0; i < order->queue_count; i++)
		hw_vec_fini(&order->queues[i].entries);
	hw_buf_fini(&order->storage[0]);
	hw_buf_fini(&order->storage[1]);
	free(order->queues);
	free(order->heap);
	free(order);
}

void hw_order_add(struct hw_order *order, size_t queue, uint64_t time_ns, struct hw_bytes record)
{
	struct queue *q = &order->queues[queue];
	struct hw_buf *storage = &order->storage[order->generation];
	const struct entry entry = {
		.time_ns = time_ns,
		.offset = storage->size,
		.size = (uint32_t)hw_bytes_left(&record),
		.generation = order->generation,
	};
	size_t i;

	hw_buf_add(storage, record.at, entry.size);
	if (time_ns < order->gone_ns)
		order->late++;
	if (time_ns > order->newest_ns)
		order->newest_ns = time_ns;
	hw_vec_push(&q->entries, entry);
	/* An NMI may have written between a record's time and its place in the ring. */
	for (i = q->entries.count - 1; i > q->first && q->entries.at[i - 1].time_ns > time_ns; i--)
		q->entries.at[i] = q->entries.at[i - 1];
	q->entries.at[i] = entry;
}

static uint64_t head_time_ns(const struct hw_order *order, size_t heap_index)
{
	const struct queue *q = &order->queues[order->heap[heap_index]];

	return q->entries.at[q->first].time_ns;
}

/* Ties go by queue number, so that the order is the same every time. */
static bool is_before(const struct hw_order *order, size_t a, size_t b)
{
	const uint64_t time_a = head_time_ns(order, a);
	const uint64_t time_b = head_time_ns(order, b);

	return time_a != time_b ? time_a < time_b : order->heap[a] < order->heap[b];
}

static void sift_down(struct hw_order *order, size_t at)
{
	for (;;) {
		size_t least = at;
		size_t moved;

		for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < order->heap_count; child++)
			if (is_before(order, child, least))
				least = child;
		if (least == at)
			return;
		moved = order->heap[at];
		order->heap[at] = order->heap[least];
		order->heap[least] = moved;
		at = least;
	}
}

static void build_heap(struct hw_order *order)
{
	order->heap_count = 0;
	for (size_t i = 0; i < order->queue_count; i++)
		if (order->queues[i].first < order->queues[i].entries.count)
			order->heap[order->heap_count++] = i;
	for (size_t i = order->heap_count / 2; i-- > 0;)
		sift_down(order, i);
}

void hw_order_end_round(struct hw_order *order)
{
	order->bound_ns = order->newest_before_ns;
	order->newest_before_ns = order->newest_ns;
	build_heap(order);
	order->generation ^= 1;
	order->storage[order->generation].size = 0;
}

void hw_order_end(struct hw_order *order)
{
	order->bound_ns = UINT64_MAX;
	build_heap(order);
}

static void forget_gone(struct queue *q)
{
	if (q->first == q->entries.count) {
		q->first = q->entries.count = 0;
	} else if (q->first >= 1024 && q->first * 2 >= q->entries.count) {
		q->entries.count -= q->first;
		memmove(q->entries.at, q->entries.at + q->first, q->entries.count * sizeof *q->entries.at);
		q->first = 0;
	}
}

int hw_order_next(struct hw_order *order, struct hw_bytes *record)
{
	struct queue *q;
	struct entry entry;

	if (!order->heap_count || head_time_ns(order, 0) > order->bound_ns)
		return 0;
	q = &order->queues[order->heap[0]];
	entry = q->entries.at[q->first++];
	forget_gone(q);
	if (q->first == q->entries.count)
		order->heap[0] = order->heap[--order->heap_count];
	sift_down(order, 0);
	if (entry.time_ns > order->gone_ns)
		order->gone_ns = entry.time_ns;
	*record = hw_bytes_of(order->storage[entry.generation].data + entry.offset, entry.size);
	return 1;
}

uint64_t hw_order_late(const struct hw_order *order)
{
	return order->late;
}
