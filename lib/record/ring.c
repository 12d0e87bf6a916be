#include "record/ring.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#define RECORD_SIZE_MAX ((size_t)UINT16_MAX + 1)

int hw_ring_open(struct hw_ring *ring, int fd, size_t size_bytes, struct hw_err *err)
{
	const size_t page_bytes = (size_t)sysconf(_SC_PAGESIZE);
	void *page = mmap(NULL, page_bytes + size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (page == MAP_FAILED) {
		if (errno != EPERM && errno != ENOMEM)
			return hw_err_sys(err, HW_ERR_SYSTEM, "cannot map a ring of %zu KiB",
					  size_bytes >> 10);
		(void)hw_err_sys(err, HW_ERR_LIMIT, "cannot map a ring of %zu KiB", size_bytes >> 10);
		return hw_err_hint(err, "the limit on locked memory was hit: raise `ulimit -l` or "
					"/proc/sys/kernel/perf_event_mlock_kb, or give hwprof CAP_IPC_LOCK");
	}
	*ring = (struct hw_ring){
		.page = page,
		.data = (const uint8_t *)page + page_bytes,
		.size_bytes = size_bytes,
		.wrap = hw_alloc(RECORD_SIZE_MAX, 1),
	};
	return 0;
}

void hw_ring_close(struct hw_ring *ring)
{
	if (ring->page)
		(void)munmap(ring->page, (size_t)sysconf(_SC_PAGESIZE) + ring->size_bytes);
	free(ring->wrap);
	*ring = (struct hw_ring){ 0 };
}

void hw_ring_begin(struct hw_ring *ring)
{
	/* Pairs with the kernel's release of data_head: the bytes before it are there. */
	ring->head = __atomic_load_n(&ring->page->data_head, __ATOMIC_ACQUIRE);
}

static int give_up(struct hw_ring *ring, struct hw_err *err, size_t size)
{
	const uint64_t left = ring->head - ring->tail;

	ring->tail = ring->head;
	return hw_err_set(err, HW_ERR_FORMAT, "the ring holds a record of %zu bytes where %llu are left",
			  size, (unsigned long long)left);
}

int hw_ring_next_span(struct hw_ring *ring, struct hw_ring_span *span, struct hw_err *err)
{
	const uint64_t left = ring->head - ring->tail;
	struct perf_event_header header;
	uint64_t word;

	if (!left)
		return 0;
	if (left < sizeof header || ring->head - ring->given_back > ring->size_bytes)
		return give_up(ring, err, 0);
	/* Records start at multiples of 8 bytes, as does the end of the ring: a header never crosses it. */
	word = hw_ring_word(ring, ring->tail);
	memcpy(&header, &word, sizeof header);
	if (header.size < sizeof header || header.size % sizeof word || header.size > left)
		return give_up(ring, err, header.size);
	*span = (struct hw_ring_span){ ring->tail, header.type, header.size };
	ring->tail += header.size;
	return 1;
}

struct hw_bytes hw_ring_bytes(struct hw_ring *ring, uint64_t position, uint32_t size_bytes)
{
	const size_t at = (size_t)position & (ring->size_bytes - 1);
	const size_t first = ring->size_bytes - at;

	if (size_bytes <= first)
		return hw_bytes_of(ring->data + at, size_bytes);
	memcpy(ring->wrap, ring->data + at, first);
	memcpy(ring->wrap + first, ring->data, size_bytes - first);
	return hw_bytes_of(ring->wrap, size_bytes);
}

int hw_ring_next(struct hw_ring *ring, struct hw_bytes *record, struct hw_err *err)
{
	struct hw_ring_span span = { 0 };
	const int got = hw_ring_next_span(ring, &span, err);

	if (got > 0)
		*record = hw_ring_bytes(ring, span.position, span.size_bytes);
	return got;
}

void hw_ring_give_back(struct hw_ring *ring, uint64_t position)
{
	ring->given_back = position;
	/* Pairs with the kernel's acquire of data_tail: we are done with the bytes before it. */
	__atomic_store_n(&ring->page->data_tail, position, __ATOMIC_RELEASE);
}
