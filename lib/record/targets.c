#include "record/targets.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/map.h"
#include "event/counting.h"

#include <sys/ioctl.h>
#include <unistd.h>

/* Files that are open for other purposes: the command line's, libraries', /proc. */
#define OTHER_FILES 64

/* From inheriting its parent's counters to its FORK record a thread needs some 10 us, more when the CPU is busy. */
#define BIRTH_MAX_NS UINT64_C(1000000)

#define NO_CLOCK UINT32_MAX

static uint64_t hash_number(uint64_t number)
{
	return hw_hash_mix(0, number);
}

bool hw_targets_is_tracker(const struct hw_targets *targets, const struct hw_opened *opened)
{
	return opened->event == targets->settling->event_count;
}

const struct hw_event *hw_targets_event(const struct hw_targets *targets, const struct hw_opened *opened)
{
	return hw_targets_is_tracker(targets, opened)
		       ? &targets->settling->tracker
		       : hw_variants_event(&targets->variants, opened->variant, opened->event);
}

int hw_targets_read_opened(const struct hw_targets *targets, const struct hw_opened *opened,
			   struct hw_count *count)
{
	struct perf_event_attr attr = hw_targets_event(targets, opened)->attr;

	if (opened->is_twin)
		hw_attr_set_counting(&attr);
	*count = (struct hw_count){ 0 };
	return opened->fd >= 0 ? hw_counter_read(count, opened->fd, &attr, NULL) : -1;
}

/* Close descriptors from the last to the first: members of a group would count on without their leader. */
static void close_opened(struct hw_targets *targets, size_t first, size_t count)
{
	for (size_t i = first + count; i-- > first;) {
		struct hw_opened *opened = &targets->opened.at[i];

		if (opened->fd < 0)
			continue;
		close(opened->fd);
		opened->fd = -1;
		targets->open_count--;
	}
}

static void keep_opened(struct hw_targets *targets, const struct hw_opened *opened)
{
	hw_vec_push(&targets->opened, *opened);
	targets->open_count++;
}

void hw_targets_fini(struct hw_targets *targets)
{
	close_opened(targets, 0, targets->opened.count);
	hw_vec_fini(&targets->opened);
	hw_vec_fini(&targets->list);
	hw_map_fini(&targets->by_id);
	hw_map_fini(&targets->by_tid);
	hw_births_fini(&targets->births);
	hw_variants_fini(&targets->variants);
	free(targets->missing);
	targets->missing = NULL;
}

/* --- Opening ------------------------------------------------------------------------------------------------ */

/* Does the event count on this CPU? */
static bool is_on_cpu(const struct hw_targets *targets, uint32_t event, int cpu)
{
	const struct hw_event_cpus *cpus = &targets->settling->cpus_of[event];

	for (size_t i = 0; i < cpus->count; i++)
		if (cpus->numbers[i] == cpu)
			return true;
	return false;
}

static int open_ringed(struct hw_targets *targets, struct hw_opened opened, const struct hw_cpu_ring *ring,
		       pid_t tid, int group_fd, struct hw_err *err)
{
	const struct hw_event *event = hw_targets_event(targets, &opened);

	opened.fd = hw_counter_open(event, tid, ring->cpu, group_fd, err);
	if (opened.fd < 0)
		return -1;
	if (ioctl(opened.fd, PERF_EVENT_IOC_ID, &opened.id) < 0) {
		(void)hw_err_sys(err, HW_ERR_SYSTEM, "cannot read the id of event '%s'", event->name);
		close(opened.fd);
		return -1;
	}
	hw_map_insert(&targets->by_id, hash_number(opened.id), (uint32_t)targets->opened.count);
	keep_opened(targets, &opened);
	if (ioctl(opened.fd, PERF_EVENT_IOC_SET_OUTPUT, ring->fd) < 0)
		return hw_err_sys(err, HW_ERR_SYSTEM, "cannot direct event '%s' to the ring of CPU %d",
				  event->name, ring->cpu);
	return 0;
}

/* The group that `first` leads on one CPU, in one variant; clock: the tracker there. */
static int open_group(struct hw_targets *targets, uint32_t first, uint32_t variant,
		      const struct hw_cpu_ring *ring, pid_t tid, uint32_t clock, struct hw_err *err)
{
	const size_t end =
		hw_event_group_end(targets->settling->events, targets->settling->event_count, first);
	int leader_fd = -1;

	for (uint32_t e = first; e < end; e++) {
		const struct hw_opened opened = {
			.event = e, .variant = variant, .clock = clock, .leads = e == first
		};

		if (!is_on_cpu(targets, e, ring->cpu))
			continue;
		if (open_ringed(targets, opened, ring, tid, leader_fd, err) < 0)
			return -1;
		if (e == first)
			leader_fd = targets->opened.at[targets->opened.count - 1].fd;
	}
	return 0;
}

static void close_descriptors_if(struct hw_targets *targets, bool (*given_up)(const struct hw_opened *))
{
	for (size_t i = targets->opened.count; i-- > 0;)
		if (given_up(&targets->opened.at[i]))
			close_opened(targets, i, 1);
}

static bool is_of_other_variant(const struct hw_opened *opened)
{
	return opened->variant > 0;
}

static bool is_twin(const struct hw_opened *opened)
{
	return opened->is_twin;
}

/* The first variant is what was asked for; the others only make more of it. */
static void give_up_variants(struct hw_targets *targets, const struct hw_err *why)
{
	hw_log("event", "one variant only: %s", why->message);
	free(targets->missing);
	targets->missing = hw_strdup(why->message);
	targets->variants.count = 1;
	close_descriptors_if(targets, is_of_other_variant);
}

/* Every sampling event on one CPU, the variants of each group side by side. */
static int open_on_cpu(struct hw_targets *targets, const struct hw_cpu_ring *ring, pid_t tid, uint32_t clock,
		       struct hw_err *err)
{
	const struct hw_settling *settling = targets->settling;
	struct hw_err other_err = { 0 };

	for (uint32_t e = 0; e < settling->event_count;
	     e = (uint32_t)hw_event_group_end(settling->events, settling->event_count, e)) {
		if (open_group(targets, e, 0, ring, tid, clock, err) < 0)
			return -1;
		for (uint32_t v = 1; v < targets->variants.count; v++) {
			if (open_group(targets, e, v, ring, tid, clock, &other_err) == 0)
				continue;
			if (other_err.kind == HW_ERR_TARGET || targets->variant > 0) {
				*err = other_err;
				return -1;
			}
			give_up_variants(targets, &other_err);
		}
	}
	return 0;
}

static int open_twin(struct hw_targets *targets, uint32_t event, pid_t tid, int cpu, uint32_t clock,
		     struct hw_err *err)
{
	struct hw_event twin = targets->settling->events[event];
	struct hw_opened opened = { .event = event, .is_twin = true, .leads = true, .clock = clock };

	hw_attr_set_counting(&twin.attr);
	twin.attr.inherit = tid >= 0;
	twin.attr.enable_on_exec = targets->settling->enable_on_exec;
	opened.fd = hw_counter_open(&twin, tid, cpu, -1, err);
	if (opened.fd < 0)
		return -1;
	keep_opened(targets, &opened);
	return 0;
}

/* The counting events: one for a thread wherever it runs, unless only some CPUs are recorded. */
static int open_twins(struct hw_targets *targets, pid_t tid, size_t first_tracker, struct hw_err *err)
{
	for (uint32_t e = 0; e < targets->settling->event_count; e++) {
		if (!targets->settling->twins[e])
			continue;
		if (tid >= 0 && !targets->only_some_cpus) {
			if (open_twin(targets, e, tid, -1, NO_CLOCK, err) < 0)
				return -1;
			continue;
		}
		for (size_t c = 0; c < targets->settling->cpu_count; c++) {
			const uint32_t clock =
				targets->settling->has_tracker ? (uint32_t)(first_tracker + c) : NO_CLOCK;

			if (is_on_cpu(targets, e, targets->settling->cpus[c]) &&
			    open_twin(targets, e, tid, targets->settling->cpus[c], clock, err) < 0)
				return -1;
		}
	}
	return 0;
}

/* The check beside the samples is not worth the recording: go on without, and say so. */
static void give_up_twins(struct hw_targets *targets, const struct hw_err *why)
{
	HW_AUTO(hw_freep)
	char *note = hw_asprintf("no event is counted beside its samples: %s", why->message);

	hw_log("event", "%s", note);
	hw_notes_keep(&targets->settling->notes, note);
	hw_settling_drop_twins(targets->settling);
	close_descriptors_if(targets, is_twin);
}

/* Everything for one thread. Trackers first: from then on no birth goes unheard. */
static int open_target(struct hw_targets *targets, struct hw_target *target, struct hw_err *err)
{
	const struct hw_opened tracker = { .event = (uint32_t)targets->settling->event_count,
					   .clock = NO_CLOCK,
					   .leads = true };
	const bool has_tracker = targets->settling->has_tracker;
	const size_t first = targets->opened.count;
	struct hw_err twin_err = { 0 };

	for (size_t c = 0; has_tracker && c < targets->settling->cpu_count; c++)
		if (open_ringed(targets, tracker, &targets->rings->at[c], target->tid, -1, err) < 0)
			return -1;
	target->from_ns = hw_now_ns();
	for (size_t c = 0; c < targets->settling->cpu_count; c++)
		if (open_on_cpu(targets, &targets->rings->at[c], target->tid,
				has_tracker ? (uint32_t)(first + c) : NO_CLOCK, err) < 0)
			return -1;
	if (open_twins(targets, target->tid, first, &twin_err) < 0 && twin_err.kind != HW_ERR_TARGET)
		give_up_twins(targets, &twin_err);
	target->to_ns = hw_now_ns();
	return 0;
}

/* Descriptors that will be open with one more target, rings and all. */
static size_t needed_with(const struct hw_targets *targets, size_t variant_count, bool with_twins)
{
	const struct hw_settling *s = targets->settling;
	const size_t per_cpu =
		1 + s->event_count * variant_count + s->has_tracker + with_twins * s->event_count;

	return targets->open_count + s->cpu_count * per_cpu + OTHER_FILES;
}

int hw_targets_make_room(struct hw_targets *targets, struct hw_err *err)
{
	const bool has_twins = targets->settling->has_twins;
	struct hw_err local = { 0 };

	if (targets->variants.count > 1 && targets->variant == 0 &&
	    hw_counter_raise_limit(needed_with(targets, targets->variants.count, has_twins), &local) < 0)
		give_up_variants(targets, &local);
	if (has_twins &&
	    hw_counter_raise_limit(needed_with(targets, targets->variants.count, true), &local) < 0)
		give_up_twins(targets, &local);
	return hw_counter_raise_limit(needed_with(targets, targets->variants.count, false), err);
}

int hw_targets_open(struct hw_targets *targets, pid_t tid, struct hw_err *err)
{
	struct hw_target target = { .tid = tid, .first = targets->opened.count };

	if (open_target(targets, &target, err) < 0) {
		close_opened(targets, target.first, targets->opened.count - target.first);
		targets->opened.count = target.first;
		return -1;
	}
	target.count = targets->opened.count - target.first;
	hw_map_insert(&targets->by_tid, hash_number((uint64_t)tid), (uint32_t)targets->list.count);
	hw_vec_push(&targets->list, target);
	return 0;
}

/* --- Births ------------------------------------------------------------------------------------------------- */

static struct hw_target *find_target(const struct hw_targets *targets, pid_t tid)
{
	const uint64_t hash = hash_number((uint64_t)tid);
	uint32_t index;

	for (size_t slot = hw_map_first(&targets->by_tid, hash);
	     targets->list.count && (index = hw_map_id(&targets->by_tid, slot)) != HW_MAP_NONE;
	     slot = hw_map_next(&targets->by_tid, slot, hash))
		if (targets->list.at[index].tid == tid && !targets->list.at[index].closed)
			return &targets->list.at[index];
	return NULL;
}

bool hw_targets_have(const struct hw_targets *targets, pid_t tid)
{
	if (find_target(targets, tid))
		return true;
	/* Born with counters, from one that was opened or from a child of its. Ids do not lead in circles for long. */
	for (size_t generation = 0; generation <= targets->births.list.count; generation++) {
		const struct hw_birth *birth = hw_births_find(&targets->births, tid);
		const struct hw_target *parent = birth ? find_target(targets, birth->parent_tid) : NULL;

		if (!birth)
			return false;
		if (parent)
			return !targets->settling->events[0].attr.use_clockid ||
			       birth->time_ns >= parent->from_ns;
		tid = birth->parent_tid;
	}
	return false;
}

size_t hw_targets_close_torn(struct hw_targets *targets)
{
	const struct hw_births *births = &targets->births;
	size_t closed = 0;

	for (; targets->births_checked < births->list.count; targets->births_checked++) {
		const struct hw_birth *birth = &births->list.at[targets->births_checked];
		struct hw_target *parent = find_target(targets, birth->parent_tid);

		if (!parent || !targets->settling->events[0].attr.use_clockid ||
		    birth->time_ns < parent->from_ns || birth->time_ns > parent->to_ns + BIRTH_MAX_NS)
			continue;
		close_opened(targets, parent->first, parent->count); /* and its children's copies */
		parent->closed = true;
		closed++;
	}
	return closed;
}

/* --- Numbers ------------------------------------------------------------------------------------------------ */

struct hw_opened *hw_targets_find_opened(const struct hw_targets *targets, uint64_t id)
{
	const uint64_t hash = hash_number(id);
	uint32_t index;

	if (!targets->opened.at)
		return NULL;
	for (size_t slot = hw_map_first(&targets->by_id, hash);
	     (index = hw_map_id(&targets->by_id, slot)) != HW_MAP_NONE;
	     slot = hw_map_next(&targets->by_id, slot, hash))
		/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): what the map names has been opened */
		if (index < targets->opened.count && targets->opened.at[index].id == id)
			return &targets->opened.at[index];
	return NULL;
}

/* Records of an event that were lost. The kernel's own count (6.0 and later) is the event's, and knows of losses after
 * which nothing could be written any more; LOST records count all that is lost in a ring, for whatever event writes the
 * next one. To add the two would count everything twice. */
static uint64_t lost_of(const struct hw_targets *targets, const struct hw_opened *opened,
			const struct hw_count *count)
{
	if (hw_targets_event(targets, opened)->attr.read_format & PERF_FORMAT_LOST)
		return count->lost + opened->unwritten;
	return opened->told + opened->unwritten;
}

/* How long the event on a thread and a CPU was wanted. For the kernel it was also while the thread ran on another CPU
 * (perf_event_update_time() in kernel/events/core.c); the tracker there, which never waits for a counter, tells. What
 * needs no counter does not wait either. */
static uint64_t enabled_ns(const struct hw_targets *targets, const struct hw_opened *opened,
			   const struct hw_count *count)
{
	struct hw_count clock;

	if (!hw_attr_needs_counter(&hw_targets_event(targets, opened)->attr))
		return count->time_running_ns;
	if (opened->clock != NO_CLOCK && opened->variant > 0) /* the first variant's is that of all */
		return 0;
	if (opened->clock != NO_CLOCK &&
	    hw_targets_read_opened(targets, &targets->opened.at[opened->clock], &clock) == 0)
		return clock.time_running_ns - targets->opened.at[opened->clock].base_ns;
	return count->time_enabled_ns;
}

static void add_count(const struct hw_targets *targets, const struct hw_opened *opened,
		      const struct hw_count *count, struct hw_count *sum)
{
	sum->value += count->value;
	sum->time_running_ns += count->time_running_ns;
	sum->time_enabled_ns += enabled_ns(targets, opened, count);
}

void hw_targets_read(const struct hw_targets *targets, struct hw_recorder_event_stats *of_event,
		     uint64_t *lost, size_t *descriptors)
{
	*lost = 0;
	*descriptors = 0;
	for (size_t i = 0; i < targets->opened.count; i++) {
		const struct hw_opened *opened = &targets->opened.at[i];
		struct hw_recorder_event_stats *to =
			of_event && !hw_targets_is_tracker(targets, opened) ? &of_event[opened->event] : NULL;
		struct hw_count count;

		(void)!hw_targets_read_opened(targets, opened, &count);
		*descriptors += opened->fd >= 0;
		if (opened->is_twin) {
			if (to)
				add_count(targets, opened, &count, &to->twin);
			continue;
		}
		*lost += lost_of(targets, opened, &count);
		if (!to)
			continue;
		to->lost += lost_of(targets, opened, &count);
		to->throttles += opened->throttles;
		add_count(targets, opened, &count, &to->own);
	}
}
