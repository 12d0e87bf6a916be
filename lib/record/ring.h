/* The memory the kernel writes a CPU's records into. */
#ifndef HW_RECORD_RING_H
#define HW_RECORD_RING_H

#include "base/bytes.h"
#include "base/err.h"

#include <linux/perf_event.h>

struct hw_ring {
	struct perf_event_mmap_page *page; /* control page; NULL when closed */
	const uint8_t *data;		   /* right behind it */
	size_t size_bytes;		   /* of data, a power of two */
	uint64_t head;			   /* bytes the kernel has written, as of hw_ring_begin */
	uint64_t tail;			   /* bytes read */
	uint8_t *wrap;			   /* 64 KiB: a record that crosses the end, put together */
};

/* Map fd's ring with size_bytes of data (a power of two, at least a page). HW_ERR_LIMIT with a hint when the locked
 * memory limit refuses it (EPERM; kernel/events/core.c, perf_mmap). */
int hw_ring_open(struct hw_ring *ring, int fd, size_t size_bytes, struct hw_err *err) HW_CHECKED;
void hw_ring_close(struct hw_ring *ring);

/* See what the kernel has written up to now. */
void hw_ring_begin(struct hw_ring *ring);

/* Take the oldest unread record, header included. Returns 1 with *record, 0 when all that hw_ring_begin saw is
 * read, -1 with err when the bytes cannot be a record (size below 8, or reaching past the head); the rest of the
 * ring is then given up. *record borrows the mapping, or ring->wrap, until the next call. Layout:
 * perf_event_open(2), "MMAP layout". */
int hw_ring_next(struct hw_ring *ring, struct hw_bytes *record, struct hw_err *err) HW_CHECKED;

/* Give what was read back to the kernel. */
void hw_ring_end(struct hw_ring *ring);

#endif
