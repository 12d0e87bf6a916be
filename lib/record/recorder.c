#include "record/recorder.h"

#include "base/buf.h"
#include "base/cpu_list.h"
#include "base/log.h"
#include "base/map.h"
#include "event/step_down.h"
#include "record/order.h"
#include "record/ring.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#ifndef PERF_FORMAT_LOST /* linux/perf_event.h before 6.0 */
#define PERF_FORMAT_LOST (1U << 4)
#endif

#define KIB ((size_t)1024)
#define RING_MIN (64 * KIB)
#define RING_MAX (16 * 1024 * KIB)
#define RINGS_TOTAL_MAX (256 * 1024 * KIB)

/* One open descriptor: an event on a thread and a CPU. */
struct opened {
	int fd;
	uint32_t event;
	uint64_t id;   /* the kernel's, in every record */
	uint64_t told; /* by LOST records; they carry the id of the next one written, whatever was lost */
	uint64_t unwritten; /* by LOST_SAMPLES records: lost before the ring */
	uint64_t throttles;
};

struct cpu {
	int number;
	struct hw_ring ring;
	int ring_fd; /* the descriptor it was mapped through; -1 before. Borrowed from opened */
	bool polled; /* ring_fd is in the epoll set */
};

struct hw_recorder {
	struct hw_recorder_config config;
	struct cpu *cpus;
	size_t cpu_count;
	HW_VEC(struct opened) opened;
	struct hw_map by_id;
	struct hw_map inherited; /* hash of a tid -> tid */
	struct hw_order *order;
	struct hw_recorder_stats stats;
	HW_VEC(char *) notes;
	size_t wanted_ring_bytes;
	int epoll_fd;
	bool settled;
	bool watching_is_over;
	bool ring_refused; /* what failed last was mapping a ring, for the limit on locked memory */
};

static uint64_t hash_number(uint64_t number)
{
	return hw_hash_mix(0, number);
}

/* Are the CPUs asked for there? Both lists ascend. */
static int check_cpus(const struct hw_recorder_config *config, const int *online, size_t online_count,
		      struct hw_err *err)
{
	size_t at = 0;

	for (size_t i = 0; config->cpus && i < config->cpu_count; i++) {
		while (at < online_count && online[at] < config->cpus[i])
			at++;
		if (at == online_count || online[at] != config->cpus[i]) {
			(void)hw_err_set(err, HW_ERR_USAGE, "CPU %d is not online", config->cpus[i]);
			return hw_err_hint(err, "/sys/devices/system/cpu/online lists those that are");
		}
	}
	return 0;
}

struct hw_recorder *hw_recorder_new(const struct hw_recorder_config *config, struct hw_err *err)
{
	struct hw_recorder *recorder = hw_alloc(1, sizeof *recorder);
	int *online = NULL;
	size_t online_count = 0;

	recorder->config = *config;
	recorder->config.cpus = NULL;
	recorder->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (recorder->epoll_fd < 0) {
		(void)hw_err_sys(err, HW_ERR_SYSTEM, "cannot create an epoll descriptor");
		goto fail;
	}
	if (hw_cpu_list_online(&online, &online_count, err) < 0 ||
	    check_cpus(config, online, online_count, err) < 0)
		goto fail;
	recorder->cpu_count = config->cpus ? config->cpu_count : online_count;
	recorder->cpus = hw_alloc(recorder->cpu_count, sizeof *recorder->cpus);
	for (size_t i = 0; i < recorder->cpu_count; i++)
		recorder->cpus[i] =
			(struct cpu){ .number = config->cpus ? config->cpus[i] : online[i], .ring_fd = -1 };
	free(online);
	recorder->order = hw_order_new(recorder->cpu_count);
	return recorder;
fail:
	free(online);
	hw_recorder_free(recorder);
	return NULL;
}

/* Close every event and ring. (What is closed leaves the epoll set.) */
static void close_all(struct hw_recorder *recorder)
{
	for (size_t i = 0; i < recorder->cpu_count; i++) {
		struct cpu *cpu = &recorder->cpus[i];

		hw_ring_close(&cpu->ring);
		cpu->ring_fd = -1;
		cpu->polled = false;
	}
	for (size_t i = 0; i < recorder->opened.count; i++)
		close(recorder->opened.at[i].fd);
	recorder->opened.count = 0;
	hw_map_fini(&recorder->by_id);
}

void hw_recorder_free(struct hw_recorder *recorder)
{
	if (!recorder)
		return;
	close_all(recorder);
	for (size_t i = 0; i < recorder->notes.count; i++)
		free(recorder->notes.at[i]);
	if (recorder->epoll_fd >= 0)
		close(recorder->epoll_fd);
	hw_vec_fini(&recorder->opened);
	hw_vec_fini(&recorder->notes);
	hw_map_fini(&recorder->inherited);
	hw_order_free(recorder->order);
	free(recorder->cpus);
	free(recorder);
}

/* --- Opening ------------------------------------------------------------------------------------------------ */

static void keep_note(struct hw_recorder *recorder, const char *text)
{
	for (size_t i = 0; i < recorder->notes.count; i++)
		if (strcmp(recorder->notes.at[i], text) == 0)
			return;
	hw_vec_push(&recorder->notes, hw_strdup(text));
}

static void log_attr(const struct hw_event *event)
{
	HW_AUTO(hw_buf_fini) struct hw_buf text = { 0 };

	if (!hw_log_on("event"))
		return;
	hw_attr_print(&text, &event->attr);
	hw_log("event", "%s:\n%s", event->name, hw_buf_str(&text));
}

/* Weaken one event until it opens on this thread and CPU. */
static int settle_event(struct hw_recorder *recorder, struct hw_event *event, pid_t tid, int cpu,
			struct hw_err *err)
{
	HW_AUTO(hw_buf_fini) struct hw_buf note = { 0 };
	int fd;

	while ((fd = hw_counter_open(event, tid, cpu, -1, err)) < 0) {
		hw_log("event", "%s: %s", event->name, err->message);
		if (!hw_event_step_down(event, err->sys_errno, &note))
			return -1;
		if (note.size)
			keep_note(recorder, note.data);
		note.size = 0;
	}
	close(fd);
	hw_event_note_precise(event, &note);
	if (note.size)
		keep_note(recorder, note.data);
	log_attr(event);
	return 0;
}

/* All events write to the same rings: what one had to give up, all do. Only PERF_SAMPLE_PERIOD, which no other field's
 * place in a record but a sample's depends on, is each event's own. */
static void make_alike(struct hw_event *events, size_t count, bool stacks_asked)
{
	struct perf_event_attr common = events[0].attr;
	bool lost_stacks;

	common.sample_type &= ~(uint64_t)PERF_SAMPLE_PERIOD;
	for (size_t i = 1; i < count; i++) {
		const struct perf_event_attr *attr = &events[i].attr;

		common.sample_type &= attr->sample_type;
		common.read_format &= attr->read_format;
		common.sample_regs_user &= attr->sample_regs_user;
		common.use_clockid &= attr->use_clockid;
		if (attr->sample_stack_user < common.sample_stack_user)
			common.sample_stack_user = attr->sample_stack_user;
	}
	lost_stacks = stacks_asked && !(common.sample_type & PERF_SAMPLE_STACK_USER);
	for (size_t i = 0; i < count; i++) {
		struct perf_event_attr *attr = &events[i].attr;

		attr->sample_type = common.sample_type | (attr->sample_type & PERF_SAMPLE_PERIOD);
		attr->read_format = common.read_format;
		attr->sample_regs_user = common.sample_regs_user;
		attr->sample_stack_user = common.sample_stack_user;
		attr->use_clockid = common.use_clockid;
		attr->clockid = common.use_clockid ? attr->clockid : 0;
		/* Without copies of the stack, the kernel's callchain is all there is of user code. */
		if (lost_stacks)
			attr->exclude_callchain_user = 0;
	}
}

static int settle(struct hw_recorder *recorder, pid_t tid, struct hw_err *err)
{
	struct hw_recorder_config *config = &recorder->config;

	for (size_t i = 0; i < config->event_count; i++) {
		struct hw_event *event = &config->events[i];

		hw_attr_set_sampling(&event->attr, &config->sampling, i == 0);
		event->attr.inherit = tid >= 0;
		event->attr.disabled = config->enable_on_exec;
		event->attr.enable_on_exec = config->enable_on_exec;
		if (settle_event(recorder, event, tid, recorder->cpus[0].number, err) < 0)
			return -1;
	}
	make_alike(config->events, config->event_count, config->sampling.stack_size_bytes > 0);
	recorder->settled = true;
	return 0;
}

/* Bytes of ring that hold a fifth of a second of samples: a drain that comes late by a few scheduler slices loses
 * nothing. Power of two. */
static size_t default_ring_size(const struct hw_recorder *recorder)
{
	const struct hw_recorder_config *config = &recorder->config;
	const uint64_t sample_bytes = config->sampling.stack_size_bytes + 1024;
	uint64_t per_second = 0;
	size_t size = 512 * KIB;

	for (size_t i = 0; i < config->event_count; i++)
		per_second += config->events[i].attr.freq ? config->events[i].attr.sample_freq : 1000;
	while (size < RING_MAX && size < per_second * sample_bytes / 5)
		size *= 2;
	while (size > RING_MIN && size * recorder->cpu_count > RINGS_TOTAL_MAX)
		size /= 2;
	return size;
}

/* Map a CPU's ring through fd. */
static int open_ring(struct hw_recorder *recorder, struct cpu *cpu, int fd, struct hw_err *err)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = cpu };

	if (hw_ring_open(&cpu->ring, fd, recorder->config.ring_size_bytes, err) < 0) {
		recorder->ring_refused = err->kind == HW_ERR_LIMIT;
		return -1;
	}
	cpu->ring_fd = fd;
	cpu->polled = epoll_ctl(recorder->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0;
	return 0;
}

static int open_one(struct hw_recorder *recorder, uint32_t event_index, struct cpu *cpu, pid_t tid,
		    struct hw_err *err)
{
	const struct hw_event *event = &recorder->config.events[event_index];
	struct opened opened = { .event = event_index };

	opened.fd = hw_counter_open(event, tid, cpu->number, -1, err);
	if (opened.fd < 0)
		return -1;
	if (ioctl(opened.fd, PERF_EVENT_IOC_ID, &opened.id) < 0) {
		(void)hw_err_sys(err, HW_ERR_SYSTEM, "cannot read the id of event '%s'", event->name);
		close(opened.fd);
		return -1;
	}
	hw_map_insert(&recorder->by_id, hash_number(opened.id), (uint32_t)recorder->opened.count);
	hw_vec_push(&recorder->opened, opened);
	if (cpu->ring_fd < 0)
		return open_ring(recorder, cpu, opened.fd, err);
	if (ioctl(opened.fd, PERF_EVENT_IOC_SET_OUTPUT, cpu->ring_fd) < 0)
		return hw_err_sys(err, HW_ERR_SYSTEM, "cannot direct event '%s' to the ring of CPU %d",
				  event->name, cpu->number);
	return 0;
}

/* Every event on every CPU, into rings of the size settled so far. */
static int open_everywhere(struct hw_recorder *recorder, pid_t tid, struct hw_err *err)
{
	/* The kernel takes the watermark of the event a ring is mapped through. */
	for (size_t e = 0; e < recorder->config.event_count; e++)
		recorder->config.events[e].attr.wakeup_watermark =
			(uint32_t)(recorder->config.ring_size_bytes / 4);
	recorder->ring_refused = false;
	for (size_t c = 0; c < recorder->cpu_count; c++)
		for (uint32_t e = 0; e < recorder->config.event_count; e++)
			if (open_one(recorder, e, &recorder->cpus[c], tid, err) < 0)
				return -1;
	return 0;
}

static void settle_ring_size(struct hw_recorder *recorder)
{
	struct hw_recorder_config *config = &recorder->config;

	if (!config->ring_size_bytes)
		config->ring_size_bytes = default_ring_size(recorder);
	if (!recorder->wanted_ring_bytes)
		recorder->wanted_ring_bytes = config->ring_size_bytes;
}

static void note_ring_size(struct hw_recorder *recorder)
{
	const size_t size = recorder->config.ring_size_bytes;
	HW_AUTO(hw_freep) char *note = NULL;

	recorder->stats.ring_size_bytes = size;
	if (size == recorder->wanted_ring_bytes)
		return;
	note = hw_asprintf(
		"rings of %zu KiB per CPU, not %zu: the limit on locked memory was hit (ulimit -l, "
		"perf_event_mlock_kb, CAP_IPC_LOCK)",
		size / KIB, recorder->wanted_ring_bytes / KIB);
	keep_note(recorder, note);
}

int hw_recorder_open(struct hw_recorder *recorder, pid_t tid, struct hw_err *err)
{
	const size_t more = recorder->cpu_count * recorder->config.event_count;

	if (!recorder->settled && settle(recorder, tid, err) < 0)
		return -1;
	settle_ring_size(recorder);
	/* Some are open already for other purposes: files of the command line, libraries, /proc. */
	if (hw_counter_raise_limit(recorder->opened.count + more + 64, err) < 0)
		return -1;
	/* The limit on locked memory is for all rings together: when it is hit, all are made smaller, since large ones
	 * on the first CPUs would leave nothing to the others. Only the first call maps rings, so what is closed has
	 * recorded nothing that anybody waits for. */
	while (open_everywhere(recorder, tid, err) < 0) {
		if (!recorder->ring_refused || recorder->config.ring_size_bytes / 2 < RING_MIN)
			return -1;
		close_all(recorder);
		recorder->config.ring_size_bytes /= 2;
	}
	note_ring_size(recorder);
	return 0;
}

/* --- Reading ------------------------------------------------------------------------------------------------ */

static struct opened *find_opened(const struct hw_recorder *recorder, uint64_t id)
{
	const uint64_t hash = hash_number(id);
	uint32_t index;

	if (!recorder->opened.at)
		return NULL;
	for (size_t slot = hw_map_first(&recorder->by_id, hash);
	     (index = hw_map_id(&recorder->by_id, slot)) != HW_MAP_NONE;
	     slot = hw_map_next(&recorder->by_id, slot, hash))
		/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): what the map names has been opened */
		if (recorder->opened.at[index].id == id)
			return &recorder->opened.at[index];
	return NULL;
}

bool hw_recorder_is_inherited(const struct hw_recorder *recorder, pid_t tid)
{
	const uint64_t hash = hash_number((uint64_t)tid);

	return hw_map_id(&recorder->inherited, hw_map_first(&recorder->inherited, hash)) == (uint32_t)tid;
}

int hw_recorder_fd(const struct hw_recorder *recorder)
{
	return recorder->epoll_fd;
}

int hw_recorder_timeout_ms(const struct hw_recorder *recorder)
{
	/* A ring whose first thread has exited wakes nobody any more: look at it by the clock. */
	for (size_t i = 0; i < recorder->cpu_count; i++)
		if (!recorder->cpus[i].polled)
			return 10;
	return 100;
}

/* Take the wake-ups, and stop listening to descriptors whose thread is gone, which would wake us for ever. */
static void take_wakeups(struct hw_recorder *recorder)
{
	struct epoll_event events[16];
	int count;

	count = epoll_wait(recorder->epoll_fd, events, HW_COUNT_OF(events), 0);
	for (int i = 0; i < count; i++) {
		struct cpu *cpu = events[i].data.ptr;

		if (!(events[i].events & (EPOLLHUP | EPOLLERR)))
			continue;
		(void)epoll_ctl(recorder->epoll_fd, EPOLL_CTL_DEL, cpu->ring_fd, NULL);
		cpu->polled = false;
	}
}

/* FORK records are wanted before their turn, while hw_recorder_open still looks for threads. */
static void watch_forks(struct hw_recorder *recorder, struct hw_bytes bytes)
{
	struct perf_event_header header;
	struct hw_record record;

	memcpy(&header, bytes.at, sizeof header);
	if (recorder->watching_is_over || header.type != PERF_RECORD_FORK ||
	    hw_record_decode(&record, bytes, &recorder->config.events[0].attr, NULL) < 0)
		return;
	if (record.task.pid == record.task.ppid &&
	    !hw_recorder_is_inherited(recorder, (pid_t)record.task.tid))
		hw_map_insert(&recorder->inherited, hash_number(record.task.tid), record.task.tid);
}

void hw_recorder_stop_watching(struct hw_recorder *recorder)
{
	recorder->watching_is_over = true;
	hw_map_fini(&recorder->inherited);
}

static void drain_ring(struct hw_recorder *recorder, size_t index)
{
	struct hw_ring *ring = &recorder->cpus[index].ring;
	struct hw_bytes bytes;
	int got;

	if (!ring->page)
		return;
	hw_ring_begin(ring);
	while ((got = hw_ring_next(ring, &bytes, NULL)) > 0) {
		recorder->stats.records_read++;
		watch_forks(recorder, bytes);
		hw_order_add(recorder->order, index,
			     hw_record_time_ns(bytes, &recorder->config.events[0].attr), bytes);
	}
	if (got < 0)
		recorder->stats.rings_corrupt++;
	hw_ring_end(ring);
}

void hw_recorder_drain(struct hw_recorder *recorder, bool last)
{
	take_wakeups(recorder);
	for (size_t i = 0; i < recorder->cpu_count; i++)
		drain_ring(recorder, i);
	if (last)
		hw_order_end(recorder->order);
	else
		hw_order_end_round(recorder->order);
}

/* What the recorder itself learns from a record on its way out. */
static void notice(struct hw_recorder *recorder, const struct hw_record *record)
{
	if (record->type == PERF_RECORD_LOST || record->type == PERF_RECORD_LOST_SAMPLES) {
		struct opened *opened = find_opened(recorder, record->id.id);

		if (opened && record->type == PERF_RECORD_LOST)
			opened->told += record->lost.lost;
		else if (opened)
			opened->unwritten += record->lost.lost;
		recorder->stats.lost += record->lost.lost;
	} else if (record->type == PERF_RECORD_THROTTLE) {
		struct opened *opened = find_opened(recorder, record->throttle.id);

		if (opened)
			opened->throttles++;
		recorder->stats.throttles++;
	}
}

/* The event a record belongs to. Every record carries the id at a fixed place (PERF_SAMPLE_IDENTIFIER): a sample at the
 * start of its body, others at their end. */
static const struct opened *opened_of(const struct hw_recorder *recorder, struct hw_bytes bytes)
{
	const size_t size = hw_bytes_left(&bytes);
	uint64_t id;

	if (recorder->config.event_count == 1)
		return recorder->opened.at;
	if (hw_bytes_u32(&bytes) == PERF_RECORD_SAMPLE)
		(void)hw_bytes_u32(&bytes);
	else
		(void)hw_bytes_take(&bytes, size > 12 ? size - 12 : 0);
	id = hw_bytes_u64(&bytes);
	return find_opened(recorder, id);
}

int hw_recorder_next(struct hw_recorder *recorder, struct hw_record *record, uint32_t *event_index)
{
	struct hw_bytes bytes;

	while (hw_order_next(recorder->order, &bytes)) {
		const struct opened *opened = opened_of(recorder, bytes);
		const struct perf_event_attr *attr =
			&recorder->config.events[opened ? opened->event : 0].attr;

		if (hw_record_decode(record, bytes, attr, NULL) < 0) {
			recorder->stats.records_corrupt++;
			continue;
		}
		if (record->type == PERF_RECORD_SAMPLE && !(attr->sample_type & PERF_SAMPLE_PERIOD))
			record->sample.period_events = attr->sample_period;
		notice(recorder, record);
		*event_index = opened ? opened->event : HW_RECORDER_UNKNOWN_EVENT;
		return 1;
	}
	return 0;
}

void hw_recorder_stop(struct hw_recorder *recorder)
{
	/* Reaches the copies that threads inherited (measured on 6.18). */
	for (size_t i = 0; i < recorder->opened.count; i++)
		(void)ioctl(recorder->opened.at[i].fd, PERF_EVENT_IOC_DISABLE, 0);
}

/* Records of an event that were lost. The kernel's own count (6.0 and later) is the event's, and knows of losses after
 * which nothing could be written any more; LOST records count all that is lost in a ring, for whatever event writes the
 * next one. To add the two would count everything twice. */
static uint64_t lost_of(const struct hw_recorder *recorder, const struct opened *opened)
{
	const struct perf_event_attr *attr = &recorder->config.events[opened->event].attr;
	struct hw_count count = { 0 };

	if ((attr->read_format & PERF_FORMAT_LOST) && hw_counter_read(&count, opened->fd, attr, NULL) == 0)
		return count.lost + opened->unwritten;
	return opened->told + opened->unwritten;
}

void hw_recorder_stats(const struct hw_recorder *recorder, struct hw_recorder_stats *stats,
		       struct hw_recorder_event_stats *of_event)
{
	uint64_t counted = 0;

	*stats = recorder->stats;
	stats->records_late = hw_order_late(recorder->order);
	stats->descriptors = recorder->opened.count;
	for (size_t i = 0; of_event && i < recorder->config.event_count; i++)
		of_event[i] = (struct hw_recorder_event_stats){ 0 };
	for (size_t i = 0; i < recorder->opened.count; i++) {
		const struct opened *opened = &recorder->opened.at[i];
		const uint64_t lost = lost_of(recorder, opened);

		counted += lost;
		if (of_event) {
			of_event[opened->event].lost += lost;
			of_event[opened->event].throttles += opened->throttles;
		}
	}
	if (counted > stats->lost)
		stats->lost = counted;
}

size_t hw_recorder_notes(const struct hw_recorder *recorder, char *const **notes)
{
	*notes = recorder->notes.at;
	return recorder->notes.count;
}
