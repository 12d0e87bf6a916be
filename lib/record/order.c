#include "record/order.h"

#include "base/vec.h"

#include <stdbool.h>

struct entry {
	struct hw_order_record record;
	uint64_t kept_from; /* the least position of this and all later entries */
};

/* Entries of one CPU, ascending by time; those before `first` are gone. */
struct queue {
	HW_VEC(struct entry) entries;
	size_t first;
};

struct hw_order {
	struct queue *queues;
	size_t queue_count;
	/* Queues that have records, as a binary heap with the oldest first record on top. */
	size_t *heap;
	size_t heap_count;
	uint64_t until_ns; /* records up to here may go */
	uint64_t gone_ns;  /* newest that went */
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
	free(order->queues);
	free(order->heap);
	free(order);
}

void hw_order_add(struct hw_order *order, struct hw_order_record record)
{
	struct queue *q = &order->queues[record.queue];
	const struct entry entry = { .record = record, .kept_from = record.position };
	size_t i;

	if (record.time_ns < order->gone_ns)
		order->late++;
	hw_vec_push(&q->entries, entry);
	/* An NMI may have written between a record's time and its place in the ring. */
	for (i = q->entries.count - 1; i > q->first && q->entries.at[i - 1].record.time_ns > record.time_ns;
	     i--)
		q->entries.at[i] = q->entries.at[i - 1];
	q->entries.at[i] = entry;
	if (i + 1 < q->entries.count)
		q->entries.at[i].kept_from = q->entries.at[i + 1].kept_from;
}

static uint64_t head_time_ns(const struct hw_order *order, size_t heap_index)
{
	const struct queue *q = &order->queues[order->heap[heap_index]];

	return q->entries.at[q->first].record.time_ns;
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

void hw_order_release(struct hw_order *order, uint64_t until_ns)
{
	if (until_ns > order->until_ns)
		order->until_ns = until_ns;
	order->heap_count = 0;
	for (size_t i = 0; i < order->queue_count; i++)
		if (order->queues[i].first < order->queues[i].entries.count)
			order->heap[order->heap_count++] = i;
	for (size_t i = order->heap_count / 2; i-- > 0;)
		sift_down(order, i);
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

int hw_order_next(struct hw_order *order, struct hw_order_record *record)
{
	struct queue *q;

	if (!order->heap_count || head_time_ns(order, 0) > order->until_ns)
		return 0;
	q = &order->queues[order->heap[0]];
	*record = q->entries.at[q->first++].record;
	forget_gone(q);
	if (q->first == q->entries.count)
		order->heap[0] = order->heap[--order->heap_count];
	sift_down(order, 0);
	if (record->time_ns > order->gone_ns)
		order->gone_ns = record->time_ns;
	return 1;
}

const struct hw_order_record *hw_order_peek(const struct hw_order *order)
{
	const struct queue *q;

	if (!order->heap_count)
		return NULL;
	q = &order->queues[order->heap[0]];
	return &q->entries.at[q->first].record;
}

uint64_t hw_order_kept_from(const struct hw_order *order, size_t queue, uint64_t end)
{
	const struct queue *q = &order->queues[queue];

	return q->first < q->entries.count ? q->entries.at[q->first].kept_from : end;
}

uint64_t hw_order_late(const struct hw_order *order)
{
	return order->late;
}
