#include "record/cpu_rings.h"

#include "event/counter.h"

#include <sys/epoll.h>
#include <unistd.h>

int hw_cpu_rings_init(struct hw_cpu_rings *rings, const int *cpus, size_t count, struct hw_err *err)
{
	*rings = (struct hw_cpu_rings){ .epoll_fd = epoll_create1(EPOLL_CLOEXEC) };
	if (rings->epoll_fd < 0)
		return hw_err_sys(err, HW_ERR_SYSTEM, "cannot create an epoll descriptor");
	rings->at = hw_alloc(count, sizeof *rings->at);
	rings->count = count;
	for (size_t i = 0; i < count; i++)
		rings->at[i] = (struct hw_cpu_ring){ .cpu = cpus[i], .fd = -1 };
	return 0;
}

static void close_rings(struct hw_cpu_rings *rings)
{
	for (size_t i = 0; i < rings->count; i++) {
		hw_ring_close(&rings->at[i].ring);
		if (rings->at[i].fd >= 0)
			close(rings->at[i].fd); /* and so it leaves the epoll set */
		rings->at[i].fd = -1;
	}
}

void hw_cpu_rings_fini(struct hw_cpu_rings *rings)
{
	close_rings(rings);
	if (rings->at && rings->epoll_fd >= 0)
		close(rings->epoll_fd);
	free(rings->at);
	*rings = (struct hw_cpu_rings){ .epoll_fd = -1 };
}

/* The kernel takes the watermark of the event a ring is mapped through (perf_mmap() in kernel/events/core.c), and
 * directs to it only events of the same CPU and clock (perf_event_set_output()). */
static int open_ring(struct hw_cpu_rings *rings, struct hw_cpu_ring *ring,
		     const struct perf_event_attr *model, struct hw_err *err)
{
	struct hw_event event = {
		.name = (char[]){ "dummy" },
		.attr = { .type = PERF_TYPE_SOFTWARE,
			  .size = sizeof event.attr,
			  .config = PERF_COUNT_SW_DUMMY,
			  .disabled = 1,
			  .exclude_kernel = 1,
			  .exclude_hv = 1,
			  .use_clockid = model->use_clockid,
			  .clockid = model->clockid,
			  .watermark = 1,
			  .wakeup_watermark = (uint32_t)(rings->size_bytes / 4) },
	};
	struct epoll_event readable = { .events = EPOLLIN };

	ring->fd = hw_counter_open(&event, 0, ring->cpu, -1, err);
	if (ring->fd < 0 || hw_ring_open(&ring->ring, ring->fd, rings->size_bytes, err) < 0)
		return -1;
	if (epoll_ctl(rings->epoll_fd, EPOLL_CTL_ADD, ring->fd, &readable) < 0)
		return hw_err_sys(err, HW_ERR_SYSTEM, "cannot wait for the ring of CPU %d", ring->cpu);
	return 0;
}

/* The limit on locked memory is for all rings together: large ones on the first CPUs would leave nothing to others. */
int hw_cpu_rings_open(struct hw_cpu_rings *rings, size_t size_bytes, const struct perf_event_attr *model,
		      struct hw_err *err)
{
	struct hw_err local = { 0 };
	size_t i = 0;

	err = err ? err : &local;
	rings->size_bytes = size_bytes;
	while (i < rings->count) {
		if (open_ring(rings, &rings->at[i], model, err) == 0) {
			i++;
			continue;
		}
		if (err->kind != HW_ERR_LIMIT || rings->at[i].fd < 0 ||
		    rings->size_bytes / 2 < HW_RING_MIN_BYTES) {
			close_rings(rings);
			return -1;
		}
		close_rings(rings);
		rings->size_bytes /= 2;
		i = 0;
	}
	return 0;
}
