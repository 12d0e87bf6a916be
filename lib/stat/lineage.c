#include "stat/lineage.h"

#include "base/cpu_list.h"
#include "base/vec.h"
#include "event/counter.h"
#include "record/decode.h"
#include "record/ring.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* About a thousand births on each CPU between two readings. */
#define RING_SIZE ((size_t)64 * 1024)
#define OTHER_FILES 64

/* A dummy event on a thread and a CPU. Copies that its children inherit report with its id. */
struct watch {
	int fd;
	pid_t tid;
	uint64_t id;
};

struct birth {
	pid_t child;
	pid_t of; /* the watched thread that is its parent, or an ancestor */
};

struct cpu {
	int number;
	struct hw_ring ring;
	int ring_fd; /* a copy of the descriptor the ring was mapped through: it outlives the watch; -1 = no ring */
};

struct hw_lineage {
	struct cpu *cpus;
	size_t cpu_count;
	HW_VEC(struct watch) watches;
	HW_VEC(struct birth) list;
};

static const struct hw_event dummy = {
	.name = (char[]){ "dummy" },
	.attr = { .type = PERF_TYPE_SOFTWARE,
		  .size = sizeof(struct perf_event_attr),
		  .config = PERF_COUNT_SW_DUMMY,
		  .sample_type = PERF_SAMPLE_IDENTIFIER,
		  .sample_id_all = 1,
		  .task = 1,
		  .inherit = 1,
		  .exclude_kernel = 1,
		  .exclude_hv = 1 },
};

struct hw_lineage *hw_lineage_new(struct hw_err *err)
{
	struct hw_lineage *lineage = hw_alloc(1, sizeof *lineage);
	HW_AUTO(hw_freep) int *online = NULL;

	if (hw_cpu_list_online(&online, &lineage->cpu_count, err) < 0) {
		free(lineage);
		return NULL;
	}
	lineage->cpus = hw_alloc(lineage->cpu_count, sizeof *lineage->cpus);
	for (size_t i = 0; i < lineage->cpu_count; i++)
		lineage->cpus[i] = (struct cpu){ .number = online[i], .ring_fd = -1 };
	return lineage;
}

void hw_lineage_free(struct hw_lineage *lineage)
{
	if (!lineage)
		return;
	for (size_t i = 0; i < lineage->cpu_count; i++) {
		hw_ring_close(&lineage->cpus[i].ring);
		if (lineage->cpus[i].ring_fd >= 0)
			close(lineage->cpus[i].ring_fd);
	}
	for (size_t i = 0; i < lineage->watches.count; i++)
		close(lineage->watches.at[i].fd);
	hw_vec_fini(&lineage->watches);
	hw_vec_fini(&lineage->list);
	free(lineage->cpus);
	free(lineage);
}

/* Where the watch's records go: the CPU's ring, mapped through the first. */
static int direct(struct cpu *cpu, int fd, struct hw_err *err)
{
	if (cpu->ring_fd >= 0) {
		if (ioctl(fd, PERF_EVENT_IOC_SET_OUTPUT, cpu->ring_fd) < 0)
			return hw_err_sys(err, HW_ERR_SYSTEM, "cannot direct an event to the ring of CPU %d",
					  cpu->number);
		return 0;
	}
	if (hw_ring_open(&cpu->ring, fd, RING_SIZE, err) < 0)
		return -1;
	cpu->ring_fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	return cpu->ring_fd < 0 ? hw_err_sys(err, HW_ERR_LIMIT, "cannot duplicate a descriptor") : 0;
}

int hw_lineage_watch(struct hw_lineage *lineage, pid_t tid, struct hw_err *err)
{
	if (hw_counter_raise_limit(lineage->watches.count + 2 * lineage->cpu_count + OTHER_FILES, err) < 0)
		return -1;
	for (size_t i = 0; i < lineage->cpu_count; i++) {
		struct cpu *cpu = &lineage->cpus[i];
		struct watch watch = { .tid = tid };

		watch.fd = hw_counter_open(&dummy, tid, cpu->number, -1, err);
		if (watch.fd < 0)
			return -1;
		hw_vec_push(&lineage->watches, watch);
		if (ioctl(watch.fd, PERF_EVENT_IOC_ID, &lineage->watches.at[lineage->watches.count - 1].id) <
		    0)
			return hw_err_sys(err, HW_ERR_SYSTEM, "cannot read the id of an event");
		if (direct(cpu, watch.fd, err) < 0)
			return -1;
	}
	return 0;
}

static const struct watch *find_watch(const struct hw_lineage *lineage, uint64_t id)
{
	for (size_t i = 0; i < lineage->watches.count; i++)
		if (lineage->watches.at[i].id == id)
			return &lineage->watches.at[i];
	return NULL;
}

void hw_lineage_unwatch(struct hw_lineage *lineage, pid_t tid)
{
	size_t kept = 0;

	for (size_t i = 0; i < lineage->list.count; i++)
		if (lineage->list.at[i].of != tid)
			lineage->list.at[kept++] = lineage->list.at[i];
	lineage->list.count = kept;
	kept = 0;
	for (size_t i = 0; i < lineage->watches.count; i++) {
		if (lineage->watches.at[i].tid == tid)
			close(lineage->watches.at[i].fd);
		else
			lineage->watches.at[kept++] = lineage->watches.at[i];
	}
	lineage->watches.count = kept;
}

static void take_record(struct hw_lineage *lineage, struct hw_bytes bytes)
{
	const struct watch *watch;
	struct hw_record record;

	if (hw_record_decode(&record, bytes, &dummy.attr, NULL) < 0 || record.type != PERF_RECORD_FORK)
		return;
	watch = find_watch(lineage, record.id.id);
	if (watch)
		hw_vec_push(&lineage->list,
			    (struct birth){ .child = (pid_t)record.task.tid, .of = watch->tid });
}

void hw_lineage_read(struct hw_lineage *lineage)
{
	for (size_t i = 0; i < lineage->cpu_count; i++) {
		struct hw_ring *ring = &lineage->cpus[i].ring;
		struct hw_bytes bytes;

		if (lineage->cpus[i].ring_fd < 0)
			continue;
		hw_ring_begin(ring);
		while (hw_ring_next(ring, &bytes, NULL) > 0)
			take_record(lineage, bytes);
		hw_ring_end(ring);
	}
}

bool hw_lineage_has_child(const struct hw_lineage *lineage, pid_t tid)
{
	for (size_t i = 0; i < lineage->list.count; i++)
		if (lineage->list.at[i].child == tid)
			return true;
	return false;
}

bool hw_lineage_has_parent(const struct hw_lineage *lineage, pid_t tid)
{
	for (size_t i = 0; i < lineage->list.count; i++)
		if (lineage->list.at[i].of == tid)
			return true;
	return false;
}
