/* Records of several CPUs, merged by time.
 *
 * Each CPU's ring is nearly in time order; between CPUs nothing is. Rings are read in rounds, all of them each time.
 * A record with time t is complete in its ring at most moments after t, so that when a round ends, every record up to
 * the newest time of the round *before* has been read: those may go, in order, and newer ones wait. (perf's
 * FINISHED_ROUND uses the same argument.) */
#ifndef HW_RECORD_ORDER_H
#define HW_RECORD_ORDER_H

#include "base/bytes.h"
#include "base/vec.h"

struct hw_order; /* lib/record/order.c */

/* For records from queue_count CPUs. */
struct hw_order *hw_order_new(size_t queue_count);
void hw_order_free(struct hw_order *order);

/* Keep a copy of a record (at most 64 KiB) read in this round. */
void hw_order_add(struct hw_order *order, size_t queue, uint64_t time_ns, struct hw_bytes record);

/* All rings have been read once more: what may go is decided anew. Every record that may go must be taken before the
 * next hw_order_add. */
void hw_order_end_round(struct hw_order *order);

/* Nothing more will come: everything may go. */
void hw_order_end(struct hw_order *order);

/* Take the oldest record that may go; borrowed until the next hw_order_add. 1, or 0 when all others wait. */
int hw_order_next(struct hw_order *order, struct hw_bytes *record);

/* Records that came after a newer one had gone: 0 unless the kernel took longer than a round to finish one. */
uint64_t hw_order_late(const struct hw_order *order);

#endif
