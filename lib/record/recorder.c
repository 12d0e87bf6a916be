#include "record/recorder.h"

#include "base/cpu_list.h"
#include "base/log.h"
#include "base/map.h"
#include "event/counting.h"
#include "record/births.h"
#include "record/cpu_rings.h"
#include "record/order.h"
#include "record/settle.h"

#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#ifndef PERF_FORMAT_LOST /* linux/perf_event.h before 6.0 */
#define PERF_FORMAT_LOST (1U << 4)
#endif

#define KIB ((size_t)1024)
#define RING_MAX (16 * 1024 * KIB)
#define RINGS_TOTAL_MAX (256 * 1024 * KIB)

/* Files that are open for other purposes: the command line's, libraries', /proc. */
#define OTHER_FILES 64

/* From inheriting its parent's counters to its FORK record a thread needs some 10 us, more when the CPU is busy. */
#define BIRTH_MAX_NS UINT64_C(1000000)

#define NO_CLOCK UINT32_MAX

/* One open descriptor: an event on a thread and a CPU. */
struct opened {
	int fd;		/* -1 = closed again */
	uint32_t event; /* config.event_count: the tracker */
	bool is_twin;	/* counts beside the sampling event, without a ring */
	uint32_t clock; /* index of the tracker on this thread and CPU, or NO_CLOCK */
	bool leads;	/* to be enabled; other members of its group follow */
	uint64_t id;	/* the kernel's, in every record */
	uint64_t told;	/* by LOST records; they carry the id of the next one written, whatever was lost */
	uint64_t unwritten; /* by LOST_SAMPLES records: lost before the ring */
	uint64_t throttles;
	uint64_t base_ns; /* a tracker's running time when the events were enabled */
};

/* A thread that was opened, and when its sampling events were. */
struct target {
	pid_t tid;
	size_t first, count; /* in hw_recorder.opened */
	uint64_t from_ns, to_ns;
	bool closed;
};

struct hw_recorder {
	struct hw_recorder_config config;
	struct hw_settling settling;
	int *cpus; /* ascending; owned */
	size_t cpu_count;
	struct hw_cpu_rings rings; /* in their order */
	HW_VEC(struct opened) opened;
	HW_VEC(struct target) targets;
	struct hw_map by_id;
	struct hw_map target_by_tid;
	struct hw_births births;
	size_t births_checked;
	struct hw_order *order;
	struct hw_recorder_stats stats;
	bool only_some_cpus;
	bool settled;
	bool watching_is_over;
};

static uint64_t hash_number(uint64_t number)
{
	return hw_hash_mix(0, number);
}

static uint64_t now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

static bool is_tracker(const struct hw_recorder *recorder, const struct opened *opened)
{
	return opened->event == recorder->config.event_count;
}

static const struct hw_event *event_at(const struct hw_recorder *recorder, uint32_t index)
{
	return index < recorder->config.event_count ? &recorder->config.events[index]
						    : &recorder->settling.tracker;
}

static bool read_opened(const struct hw_recorder *recorder, const struct opened *opened,
			struct hw_count *count)
{
	struct perf_event_attr attr = event_at(recorder, opened->event)->attr;

	if (opened->is_twin)
		hw_attr_set_counting(&attr);
	*count = (struct hw_count){ 0 };
	return opened->fd >= 0 && hw_counter_read(count, opened->fd, &attr, NULL) == 0;
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
	size_t online_count = 0;

	recorder->config = *config;
	recorder->config.cpus = NULL;
	if (hw_cpu_list_online(&recorder->cpus, &online_count, err) < 0 ||
	    check_cpus(config, recorder->cpus, online_count, err) < 0)
		goto fail;
	recorder->cpu_count = config->cpus ? config->cpu_count : online_count;
	recorder->only_some_cpus = recorder->cpu_count < online_count;
	if (config->cpus)
		memcpy(recorder->cpus, config->cpus, config->cpu_count * sizeof *config->cpus);
	if (hw_cpu_rings_init(&recorder->rings, recorder->cpus, recorder->cpu_count, err) < 0)
		goto fail;
	recorder->order = hw_order_new(recorder->cpu_count);
	return recorder;
fail:
	hw_recorder_free(recorder);
	return NULL;
}

/* Close descriptors from the last to the first: members of a group would count on without their leader. */
static void close_opened(struct hw_recorder *recorder, size_t first, size_t count)
{
	for (size_t i = first + count; i-- > first;) {
		struct opened *opened = &recorder->opened.at[i];

		if (opened->fd >= 0)
			close(opened->fd);
		opened->fd = -1;
	}
}

void hw_recorder_free(struct hw_recorder *recorder)
{
	if (!recorder)
		return;
	close_opened(recorder, 0, recorder->opened.count);
	hw_cpu_rings_fini(&recorder->rings);
	hw_vec_fini(&recorder->opened);
	hw_vec_fini(&recorder->targets);
	hw_map_fini(&recorder->by_id);
	hw_map_fini(&recorder->target_by_tid);
	hw_births_fini(&recorder->births);
	hw_settling_fini(&recorder->settling);
	hw_order_free(recorder->order);
	free(recorder->cpus);
	free(recorder);
}

/* --- Rings -------------------------------------------------------------------------------------------------- */

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
	while (size > HW_RING_MIN_BYTES && size * recorder->cpu_count > RINGS_TOTAL_MAX)
		size /= 2;
	return size;
}

static void note_ring_size(struct hw_recorder *recorder)
{
	const size_t size = recorder->rings.size_bytes;
	const size_t wanted = recorder->stats.ring_wanted_bytes;
	HW_AUTO(hw_freep) char *note = NULL;

	recorder->stats.ring_size_bytes = size;
	if (size == wanted)
		return;
	note = hw_asprintf(
		"rings of %zu KiB per CPU, not %zu: the limit on locked memory was hit (ulimit -l, "
		"perf_event_mlock_kb, CAP_IPC_LOCK)",
		size / KIB, wanted / KIB);
	hw_notes_keep(&recorder->settling.notes, note);
}

static int open_rings(struct hw_recorder *recorder, struct hw_err *err)
{
	struct hw_recorder_config *config = &recorder->config;

	if (!config->ring_size_bytes)
		config->ring_size_bytes = default_ring_size(recorder);
	recorder->stats.ring_wanted_bytes = config->ring_size_bytes;
	if (hw_cpu_rings_open(&recorder->rings, config->ring_size_bytes, &config->events[0].attr, err) < 0)
		return -1;
	note_ring_size(recorder);
	return 0;
}

/* --- Opening ------------------------------------------------------------------------------------------------ */

static int settle(struct hw_recorder *recorder, pid_t tid, struct hw_err *err)
{
	const struct hw_recorder_config *config = &recorder->config;

	hw_settling_fini(&recorder->settling);
	recorder->settling = (struct hw_settling){
		.events = config->events,
		.event_count = config->event_count,
		.sampling = &recorder->config.sampling,
		.cpus = recorder->cpus,
		.cpu_count = recorder->cpu_count,
		.tid = tid,
		.enable_on_exec = config->enable_on_exec,
		/* Of what runs already, we hear of births and mappings before the first sample. */
		.want_tracker = !config->enable_on_exec,
	};
	if (hw_settle(&recorder->settling, err) < 0)
		return -1;
	recorder->settled = true;
	return 0;
}

/* Does the event count on this CPU? */
static bool is_on_cpu(const struct hw_recorder *recorder, uint32_t event, int cpu)
{
	const struct hw_event_cpus *cpus = &recorder->settling.cpus_of[event];

	for (size_t i = 0; i < cpus->count; i++)
		if (cpus->numbers[i] == cpu)
			return true;
	return false;
}

static int open_ringed(struct hw_recorder *recorder, struct opened opened, const struct hw_cpu_ring *ring,
		       pid_t tid, int group_fd, struct hw_err *err)
{
	const struct hw_event *event = event_at(recorder, opened.event);

	opened.fd = hw_counter_open(event, tid, ring->cpu, group_fd, err);
	if (opened.fd < 0)
		return -1;
	if (ioctl(opened.fd, PERF_EVENT_IOC_ID, &opened.id) < 0) {
		(void)hw_err_sys(err, HW_ERR_SYSTEM, "cannot read the id of event '%s'", event->name);
		close(opened.fd);
		return -1;
	}
	hw_map_insert(&recorder->by_id, hash_number(opened.id), (uint32_t)recorder->opened.count);
	hw_vec_push(&recorder->opened, opened);
	if (ioctl(opened.fd, PERF_EVENT_IOC_SET_OUTPUT, ring->fd) < 0)
		return hw_err_sys(err, HW_ERR_SYSTEM, "cannot direct event '%s' to the ring of CPU %d",
				  event->name, ring->cpu);
	return 0;
}

/* Every sampling event on one CPU; clock: the tracker there. */
static int open_on_cpu(struct hw_recorder *recorder, const struct hw_cpu_ring *ring, pid_t tid,
		       uint32_t clock, struct hw_err *err)
{
	int leader_fd = -1;

	for (uint32_t e = 0; e < recorder->config.event_count; e++) {
		const bool leads = hw_event_leads(recorder->config.events, e);
		const struct opened opened = { .event = e, .clock = clock, .leads = leads };

		if (!is_on_cpu(recorder, e, ring->cpu))
			continue;
		if (open_ringed(recorder, opened, ring, tid, leads ? -1 : leader_fd, err) < 0)
			return -1;
		if (leads)
			leader_fd = recorder->opened.at[recorder->opened.count - 1].fd;
	}
	return 0;
}

static int open_twin(struct hw_recorder *recorder, uint32_t event, pid_t tid, int cpu, uint32_t clock,
		     struct hw_err *err)
{
	struct hw_event twin = recorder->config.events[event];
	struct opened opened = { .event = event, .is_twin = true, .leads = true, .clock = clock };

	hw_attr_set_counting(&twin.attr);
	twin.attr.inherit = tid >= 0;
	twin.attr.enable_on_exec = recorder->config.enable_on_exec;
	opened.fd = hw_counter_open(&twin, tid, cpu, -1, err);
	if (opened.fd < 0)
		return -1;
	hw_vec_push(&recorder->opened, opened);
	return 0;
}

/* The counting events: one for a thread wherever it runs, unless only some CPUs are recorded. */
static int open_twins(struct hw_recorder *recorder, pid_t tid, size_t first_tracker, struct hw_err *err)
{
	for (uint32_t e = 0; e < recorder->config.event_count; e++) {
		if (!recorder->settling.twins[e])
			continue;
		if (tid >= 0 && !recorder->only_some_cpus) {
			if (open_twin(recorder, e, tid, -1, NO_CLOCK, err) < 0)
				return -1;
			continue;
		}
		for (size_t c = 0; c < recorder->cpu_count; c++) {
			const uint32_t clock =
				recorder->settling.has_tracker ? (uint32_t)(first_tracker + c) : NO_CLOCK;

			if (is_on_cpu(recorder, e, recorder->cpus[c]) &&
			    open_twin(recorder, e, tid, recorder->cpus[c], clock, err) < 0)
				return -1;
		}
	}
	return 0;
}

/* The check beside the samples is not worth the recording: go on without, and say so. */
static void give_up_twins(struct hw_recorder *recorder, const struct hw_err *why)
{
	HW_AUTO(hw_freep)
	char *note = hw_asprintf("no event is counted beside its samples: %s", why->message);

	hw_log("event", "%s", note);
	hw_notes_keep(&recorder->settling.notes, note);
	hw_settling_drop_twins(&recorder->settling);
	for (size_t i = 0; i < recorder->opened.count; i++)
		if (recorder->opened.at[i].is_twin)
			close_opened(recorder, i, 1);
}

/* Everything for one thread. Trackers first: from then on no birth goes unheard. */
static int open_target(struct hw_recorder *recorder, struct target *target, struct hw_err *err)
{
	const struct opened tracker = { .event = (uint32_t)recorder->config.event_count,
					.clock = NO_CLOCK,
					.leads = true };
	const bool has_tracker = recorder->settling.has_tracker;
	const size_t first = recorder->opened.count;
	struct hw_err twin_err = { 0 };

	for (size_t c = 0; has_tracker && c < recorder->cpu_count; c++)
		if (open_ringed(recorder, tracker, &recorder->rings.at[c], target->tid, -1, err) < 0)
			return -1;
	target->from_ns = now_ns();
	for (size_t c = 0; c < recorder->cpu_count; c++)
		if (open_on_cpu(recorder, &recorder->rings.at[c], target->tid,
				has_tracker ? (uint32_t)(first + c) : NO_CLOCK, err) < 0)
			return -1;
	if (open_twins(recorder, target->tid, first, &twin_err) < 0 && twin_err.kind != HW_ERR_TARGET)
		give_up_twins(recorder, &twin_err);
	target->to_ns = now_ns();
	return 0;
}

/* Descriptors for one more target, with rings and all. */
static int make_room(struct hw_recorder *recorder, struct hw_err *err)
{
	const size_t per_cpu = 1 + recorder->config.event_count + recorder->settling.has_tracker;
	const size_t without_twins = recorder->opened.count + recorder->cpu_count * per_cpu + OTHER_FILES;
	const size_t twins = recorder->config.event_count * recorder->cpu_count;
	struct hw_err twin_err = { 0 };

	if (recorder->settling.has_twins && hw_counter_raise_limit(without_twins + twins, &twin_err) < 0)
		give_up_twins(recorder, &twin_err);
	return hw_counter_raise_limit(without_twins, err);
}

int hw_recorder_open(struct hw_recorder *recorder, pid_t tid, struct hw_err *err)
{
	struct target target = { .tid = tid, .first = recorder->opened.count };

	if (!recorder->settled && settle(recorder, tid, err) < 0)
		return -1;
	if (make_room(recorder, err) < 0)
		return -1;
	if (!hw_cpu_rings_are_open(&recorder->rings) && open_rings(recorder, err) < 0)
		return -1;
	if (open_target(recorder, &target, err) < 0) {
		close_opened(recorder, target.first, recorder->opened.count - target.first);
		recorder->opened.count = target.first;
		return -1;
	}
	target.count = recorder->opened.count - target.first;
	hw_map_insert(&recorder->target_by_tid, hash_number((uint64_t)tid),
		      (uint32_t)recorder->targets.count);
	hw_vec_push(&recorder->targets, target);
	return 0;
}

/* The clocks start after what they are compared with, and stop before it: what little lies between must not look as if
 * an event had waited for its counter. */
static void start_target(struct hw_recorder *recorder, const struct target *target)
{
	struct opened *opened = &recorder->opened.at[target->first];

	for (size_t i = 0; i < target->count; i++) /* inherited copies start, too */
		if (opened[i].fd >= 0 && opened[i].leads && !is_tracker(recorder, &opened[i]))
			(void)ioctl(opened[i].fd, PERF_EVENT_IOC_ENABLE, 0);
	for (size_t i = 0; i < target->count; i++) {
		struct hw_count count;

		if (is_tracker(recorder, &opened[i]) && read_opened(recorder, &opened[i], &count))
			opened[i].base_ns = count.time_running_ns;
	}
}

void hw_recorder_start(struct hw_recorder *recorder)
{
	recorder->watching_is_over = true;
	hw_births_fini(&recorder->births);
	for (size_t i = 0; !recorder->config.enable_on_exec && i < recorder->targets.count; i++)
		start_target(recorder, &recorder->targets.at[i]);
}

/* --- Births ------------------------------------------------------------------------------------------------- */

static struct target *find_target(const struct hw_recorder *recorder, pid_t tid)
{
	const uint64_t hash = hash_number((uint64_t)tid);
	uint32_t index;

	for (size_t slot = hw_map_first(&recorder->target_by_tid, hash);
	     recorder->targets.count && (index = hw_map_id(&recorder->target_by_tid, slot)) != HW_MAP_NONE;
	     slot = hw_map_next(&recorder->target_by_tid, slot, hash))
		if (recorder->targets.at[index].tid == tid && !recorder->targets.at[index].closed)
			return &recorder->targets.at[index];
	return NULL;
}

/* FORK records are wanted before their turn, while threads are still being looked for. */
static void watch_births(struct hw_recorder *recorder, struct hw_bytes bytes)
{
	struct perf_event_header header;
	struct hw_record record;

	memcpy(&header, bytes.at, sizeof header);
	if (recorder->watching_is_over || header.type != PERF_RECORD_FORK ||
	    hw_record_decode(&record, bytes, &recorder->config.events[0].attr, NULL) < 0)
		return;
	hw_births_add(&recorder->births, &(struct hw_birth){ .tid = (pid_t)record.task.tid,
							     .parent_tid = (pid_t)record.task.ptid,
							     .time_ns = record.task.time_ns });
}

bool hw_recorder_has(const struct hw_recorder *recorder, pid_t tid)
{
	const bool clock_is_ours = recorder->config.events[0].attr.use_clockid;

	if (find_target(recorder, tid))
		return true;
	/* Born with counters, from one that was opened or from a child of its. Ids do not lead in circles for long. */
	for (size_t generation = 0; generation <= recorder->births.list.count; generation++) {
		const struct hw_birth *birth = hw_births_find(&recorder->births, tid);
		const struct target *parent = birth ? find_target(recorder, birth->parent_tid) : NULL;

		if (!birth)
			return false;
		if (parent)
			return !clock_is_ours || birth->time_ns >= parent->from_ns;
		tid = birth->parent_tid;
	}
	return false;
}

size_t hw_recorder_close_torn(struct hw_recorder *recorder)
{
	const struct hw_births *births = &recorder->births;
	size_t closed = 0;

	for (; recorder->births_checked < births->list.count; recorder->births_checked++) {
		const struct hw_birth *birth = &births->list.at[recorder->births_checked];
		struct target *parent = find_target(recorder, birth->parent_tid);

		if (!parent || !recorder->config.events[0].attr.use_clockid ||
		    birth->time_ns < parent->from_ns || birth->time_ns > parent->to_ns + BIRTH_MAX_NS)
			continue;
		close_opened(recorder, parent->first, parent->count); /* and its children's copies */
		parent->closed = true;
		closed++;
	}
	return closed;
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
		if (index < recorder->opened.count && recorder->opened.at[index].id == id)
			return &recorder->opened.at[index];
	return NULL;
}

int hw_recorder_fd(const struct hw_recorder *recorder)
{
	return recorder->rings.epoll_fd;
}

static void drain_ring(struct hw_recorder *recorder, size_t index)
{
	struct hw_ring *ring = &recorder->rings.at[index].ring;
	struct hw_bytes bytes;
	int got;

	if (!ring->page)
		return;
	hw_ring_begin(ring);
	while ((got = hw_ring_next(ring, &bytes, NULL)) > 0) {
		recorder->stats.records_read++;
		watch_births(recorder, bytes);
		hw_order_add(recorder->order, index,
			     hw_record_time_ns(bytes, &recorder->config.events[0].attr), bytes);
	}
	if (got < 0)
		recorder->stats.rings_corrupt++;
	hw_ring_end(ring);
}

void hw_recorder_drain(struct hw_recorder *recorder, bool last)
{
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

	if (recorder->config.event_count == 1 && !recorder->settling.has_tracker)
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
		const struct perf_event_attr *attr = &event_at(recorder, opened ? opened->event : 0)->attr;

		if (hw_record_decode(record, bytes, attr, NULL) < 0) {
			recorder->stats.records_corrupt++;
			continue;
		}
		if (record->type == PERF_RECORD_SAMPLE && !(attr->sample_type & PERF_SAMPLE_PERIOD))
			record->sample.period_events = attr->sample_period;
		notice(recorder, record);
		*event_index =
			opened && !is_tracker(recorder, opened) ? opened->event : HW_RECORDER_UNKNOWN_EVENT;
		return 1;
	}
	return 0;
}

void hw_recorder_stop(struct hw_recorder *recorder)
{
	/* Reaches the copies that threads inherited (measured on 6.18), and the members of a leader's group. */
	for (size_t i = 0; i < recorder->opened.count; i++)
		if (recorder->opened.at[i].fd >= 0 && recorder->opened.at[i].leads)
			(void)ioctl(recorder->opened.at[i].fd, PERF_EVENT_IOC_DISABLE, 0);
}

/* --- Numbers ------------------------------------------------------------------------------------------------ */

/* Records of an event that were lost. The kernel's own count (6.0 and later) is the event's, and knows of losses after
 * which nothing could be written any more; LOST records count all that is lost in a ring, for whatever event writes the
 * next one. To add the two would count everything twice. */
static uint64_t lost_of(const struct hw_recorder *recorder, const struct opened *opened,
			const struct hw_count *count)
{
	if (event_at(recorder, opened->event)->attr.read_format & PERF_FORMAT_LOST)
		return count->lost + opened->unwritten;
	return opened->told + opened->unwritten;
}

/* How long the event on a thread and a CPU was wanted. For the kernel it was also while the thread ran on another CPU
 * (perf_event_update_time() in kernel/events/core.c); the tracker there, which never waits for a counter, tells. What
 * needs no counter does not wait either. */
static uint64_t enabled_ns(const struct hw_recorder *recorder, const struct opened *opened,
			   const struct hw_count *count)
{
	struct hw_count clock;

	if (!hw_attr_needs_counter(&event_at(recorder, opened->event)->attr))
		return count->time_running_ns;
	if (opened->clock != NO_CLOCK && read_opened(recorder, &recorder->opened.at[opened->clock], &clock))
		return clock.time_running_ns - recorder->opened.at[opened->clock].base_ns;
	return count->time_enabled_ns;
}

static void add_count(const struct hw_recorder *recorder, const struct opened *opened,
		      const struct hw_count *count, struct hw_count *sum)
{
	sum->value += count->value;
	sum->time_running_ns += count->time_running_ns;
	sum->time_enabled_ns += enabled_ns(recorder, opened, count);
}

void hw_recorder_stats(const struct hw_recorder *recorder, struct hw_recorder_stats *stats,
		       struct hw_recorder_event_stats *of_event)
{
	uint64_t lost = 0;

	*stats = recorder->stats;
	stats->records_late = hw_order_late(recorder->order);
	for (size_t i = 0; of_event && i < recorder->config.event_count; i++)
		of_event[i] = (struct hw_recorder_event_stats){ .has_twin = recorder->settling.twins &&
									    recorder->settling.twins[i] };
	for (size_t i = 0; i < recorder->opened.count; i++) {
		const struct opened *opened = &recorder->opened.at[i];
		struct hw_recorder_event_stats *to =
			of_event && !is_tracker(recorder, opened) ? &of_event[opened->event] : NULL;
		struct hw_count count;

		(void)!read_opened(recorder, opened, &count);
		stats->descriptors += opened->fd >= 0;
		if (opened->is_twin) {
			if (to)
				add_count(recorder, opened, &count, &to->twin);
			continue;
		}
		lost += lost_of(recorder, opened, &count);
		if (!to)
			continue;
		to->lost += lost_of(recorder, opened, &count);
		to->throttles += opened->throttles;
		add_count(recorder, opened, &count, &to->own);
	}
	if (lost > stats->lost)
		stats->lost = lost;
}

size_t hw_recorder_notes(const struct hw_recorder *recorder, char *const **notes)
{
	*notes = recorder->settling.notes.list.at;
	return recorder->settling.notes.list.count;
}
