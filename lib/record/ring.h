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
	uint64_t given_back;		   /* bytes the kernel may overwrite */
	uint8_t *wrap;			   /* 64 KiB: a record that crosses the end, put together */
};

/* Map fd's ring with size_bytes of data (a power of two, at least a page). HW_ERR_LIMIT with a hint when the locked
 * memory limit refuses it (EPERM; kernel/events/core.c, perf_mmap). */
int hw_ring_open(struct hw_ring *ring, int fd, size_t size_bytes, struct hw_err *err) HW_CHECKED;
void hw_ring_close(struct hw_ring *ring);

/* See what the kernel has written up to now. */
void hw_ring_begin(struct hw_ring *ring);

/* A record in the ring: bytes [position, position + size) of all that was ever written. */
struct hw_ring_span {
	uint64_t position;
	uint32_t type; /* PERF_RECORD_* */
	uint32_t size_bytes;
};

/* Find the oldest unread record, header included. Returns 1 with *span, 0 when all that hw_ring_begin saw is read, -1
 * with err when the bytes cannot be a record (size below 8 or no multiple of it, or reaching past the head); the rest of
 * the ring is then given up. The record stays where it is until it is given back. Layout: perf_event_open(2), "MMAP
 * layout". */
int hw_ring_next_span(struct hw_ring *ring, struct hw_ring_span *span, struct hw_err *err) HW_CHECKED;

/* size_bytes (at most 64 KiB) from position, which have been read and not given back. Borrows the mapping, or ring->wrap
 * until the next call when they cross the end. */
struct hw_bytes hw_ring_bytes(struct hw_ring *ring, uint64_t position, uint32_t size_bytes);

/* The word at a position that is a multiple of 8, as records and their fields are. */
static inline uint64_t hw_ring_word(const struct hw_ring *ring, uint64_t position)
{
	uint64_t word;

	memcpy(&word, ring->data + (position & (ring->size_bytes - 1)), sizeof word);
	return word;
}

/* Both at once: the bytes of the next record; borrowed until the next call. */
int hw_ring_next(struct hw_ring *ring, struct hw_bytes *record, struct hw_err *err) HW_CHECKED;

/* Give the kernel back what lies before position. */
void hw_ring_give_back(struct hw_ring *ring, uint64_t position);

/* Give all that was read back to the kernel. */
static inline void hw_ring_end(struct hw_ring *ring)
{
	hw_ring_give_back(ring, ring->tail);
}

#endif
