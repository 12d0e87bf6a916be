/* Records of several CPUs, merged by time.
 *
 * Each CPU's ring is nearly in time order; between CPUs nothing is. Only where a record lies and when it was is sorted:
 * its bytes stay in the ring until it has gone, and are read once. Records go up to a time of which the caller knows
 * that every ring holds nothing earlier that has not been added. */
#ifndef HW_RECORD_ORDER_H
#define HW_RECORD_ORDER_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

/* Where a record lies: bytes since the beginning of its queue. */
struct hw_order_record {
	uint64_t time_ns;
	uint64_t position;
	uint32_t size_bytes;
	uint32_t queue;
};

struct hw_order; /* lib/record/order.c */

/* For records of queue_count CPUs. */
struct hw_order *hw_order_new(size_t queue_count);
void hw_order_free(struct hw_order *order);

/* Add a record, which lies behind all that were added to its queue before. */
void hw_order_add(struct hw_order *order, struct hw_order_record record);

/* Records up to this time may go; UINT64_MAX: all. Those that were allowed to go before still may. */
void hw_order_release(struct hw_order *order, uint64_t until_ns);

/* Take the oldest record that may go, of several by the number of the queue. 1, or 0 when all others wait. Call
 * hw_order_release after hw_order_add, and before this. */
int hw_order_next(struct hw_order *order, struct hw_order_record *record) HW_CHECKED;

/* The record that the next call of hw_order_next will most likely give, NULL when there is none. */
const struct hw_order_record *hw_order_peek(const struct hw_order *order);

/* Where the first record lies that has not gone from a queue; `end` when all have. What lies before is free. */
uint64_t hw_order_kept_from(const struct hw_order *order, size_t queue, uint64_t end);

/* Records that came after a newer one had gone: 0 unless the kernel took longer to finish one than until_ns allowed. */
uint64_t hw_order_late(const struct hw_order *order);

#endif
