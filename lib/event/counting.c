#include "event/counting.h"

#include "base/cpu_list.h"
#include "base/log.h"
#include "base/vec.h"
#include "event/pmu.h"
#include "event/pmu_cpus.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Files that are open for other purposes: the command line's, libraries', /proc. */
#define OTHER_FILES 64

#define READ_FORMAT (PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING)

/* One open descriptor: an event on a thread or a CPU. */
struct opened {
	int fd;
	pid_t tid;	/* -1: whole CPUs */
	uint32_t event; /* event_count: a dummy, see open_thread_on */
	bool leads;
	bool by_clock;	      /* the dummy event before it tells how long it was enabled */
	struct hw_count base; /* what it had counted when hw_counting_start was called */
};

/* The CPUs of one event, when all that runs on them is counted. */
struct where {
	int *cpus; /* owned; ascending */
	size_t count;
};

struct hw_counting {
	struct hw_counting_config config;
	int *cpus; /* owned copy; NULL = all */
	HW_VEC(struct opened) opened;
	struct where *where; /* of each event; NULL before hw_counting_open_cpus */
	bool started;
};

struct hw_counting *hw_counting_new(const struct hw_counting_config *config)
{
	struct hw_counting *counting = hw_alloc(1, sizeof *counting);

	counting->config = *config;
	counting->config.cpus = NULL;
	if (!config->cpus)
		return counting;
	counting->cpus = hw_alloc(config->cpu_count + !config->cpu_count, sizeof *counting->cpus);
	memcpy(counting->cpus, config->cpus, config->cpu_count * sizeof *counting->cpus);
	counting->config.cpus = counting->cpus;
	return counting;
}

/* Close what was opened last, down to `count` descriptors. Members of a group before their leader. */
static void close_down_to(struct hw_counting *counting, size_t count)
{
	while (counting->opened.count > count)
		close(counting->opened.at[--counting->opened.count].fd);
}

void hw_counting_free(struct hw_counting *counting)
{
	if (!counting)
		return;
	close_down_to(counting, 0);
	hw_vec_fini(&counting->opened);
	for (size_t i = 0; counting->where && i < counting->config.event_count; i++)
		free(counting->where[i].cpus);
	free(counting->where);
	free(counting->cpus);
	free(counting);
}

/* --- Opening ------------------------------------------------------------------------------------------------ */

void hw_attr_set_counting(struct perf_event_attr *attr)
{
	attr->freq = 0;
	attr->sample_period = 0;
	attr->sample_type = 0;
	attr->read_format = READ_FORMAT;
	/* Precise levels are of samples; x86 refuses to count with one (x86_pmu_hw_config()). */
	attr->precise_ip = 0;
	attr->disabled = 1;
	attr->inherit = 0;
	attr->enable_on_exec = 0;
	attr->pinned = 0;
	attr->mmap = attr->mmap2 = attr->comm = attr->comm_exec = attr->task = attr->ksymbol = 0;
	attr->build_id = attr->sample_id_all = attr->watermark = 0;
	attr->wakeup_watermark = 0;
	attr->use_clockid = 0;
	attr->clockid = 0;
	attr->sample_regs_user = 0;
	attr->sample_stack_user = 0;
	attr->exclude_callchain_kernel = attr->exclude_callchain_user = 0;
}

/* One descriptor of one group on one thread or CPU. leader: of its group; NULL when it leads. */
static int open_one(struct hw_counting *counting, uint32_t index, pid_t tid, int cpu,
		    const struct opened *leader, struct hw_err *err)
{
	static const struct perf_event_attr dummy = { .type = PERF_TYPE_SOFTWARE,
						      .size = sizeof dummy,
						      .config = PERF_COUNT_SW_DUMMY,
						      .exclude_kernel = 1,
						      .exclude_hv = 1 };
	const struct hw_counting_config *config = &counting->config;
	const bool is_clock = index == config->event_count;
	struct hw_event event = is_clock ? (struct hw_event){ .name = (char[]){ "dummy" }, .attr = dummy }
					 : config->events[index];
	struct opened opened = {
		.tid = tid, .event = index, .leads = !leader, .by_clock = !is_clock && tid >= 0 && cpu >= 0
	};

	hw_attr_set_counting(&event.attr);
	event.attr.pinned = !leader && !is_clock && config->events[index].attr.pinned;
	event.attr.inherit = tid >= 0 && !config->no_inherit;
	event.attr.disabled = !leader;
	event.attr.enable_on_exec = !leader && config->enable_on_exec && tid >= 0;
	opened.fd = hw_counter_open(&event, tid, cpu, leader ? leader->fd : -1, err);
	if (opened.fd < 0)
		return -1;
	hw_vec_push(&counting->opened, opened);
	return 0;
}

/* A group that the PMU can never hold is refused at its first member too many (validate_group()), with the errno of a
 * bad attr. Which of both it is shows when the event is opened alone. */
static int explain_group(const struct hw_counting *counting, uint32_t first, uint32_t index, pid_t tid,
			 int cpu, struct hw_err *err)
{
	struct hw_event event = counting->config.events[index];
	int fd;

	if (index == first || !err || err->sys_errno != EINVAL)
		return -1;
	hw_attr_set_counting(&event.attr);
	fd = hw_counter_open(&event, tid, cpu, -1, NULL);
	if (fd < 0)
		return -1;
	close(fd);
	(void)hw_err_set(
		err, HW_ERR_EVENT,
		"the group of '%s' has more events than the PMU can count together: '%s' is one too many",
		counting->config.events[first].name, event.name);
	err->sys_errno = EINVAL;
	return hw_err_hint(err, "take it out of the braces, or ask for less in one group");
}

static uint32_t group_end(const struct hw_counting_config *config, uint32_t first)
{
	return (uint32_t)hw_event_group_end(config->events, config->event_count, first);
}

/* A leader runs as soon as its group is whole: members that join one that runs wait until the thread is next switched
 * to. Why not later, see hw_counting_start. */
static void enable(const struct hw_counting *counting, size_t leader_at)
{
	if (!counting->config.enable_on_exec)
		(void)ioctl(counting->opened.at[leader_at].fd, PERF_EVENT_IOC_ENABLE, 0);
}

static int open_group(struct hw_counting *counting, uint32_t first, pid_t tid, int cpu, struct hw_err *err)
{
	const uint32_t end = group_end(&counting->config, first);
	const size_t leader_at = counting->opened.count;

	for (uint32_t i = first; i < end; i++) {
		const struct opened leader =
			i == first ? (struct opened){ 0 } : counting->opened.at[leader_at];

		if (open_one(counting, i, tid, cpu, i == first ? NULL : &leader, err) < 0)
			return explain_group(counting, first, i, tid, cpu, err);
	}
	enable(counting, leader_at);
	return 0;
}

static int make_room(const struct hw_counting *counting, struct hw_err *err)
{
	return hw_counter_raise_limit(
		counting->opened.count + hw_counting_descriptors(counting) + OTHER_FILES, err);
}

static int open_clock(struct hw_counting *counting, pid_t tid, int cpu, struct hw_err *err)
{
	const size_t at = counting->opened.count;

	if (open_one(counting, (uint32_t)counting->config.event_count, tid, cpu, NULL, err) < 0)
		return -1;
	enable(counting, at);
	return 0;
}

/* The kernel says of an event on one CPU of a thread that it was enabled, but not running, while the thread ran
 * elsewhere (perf_event_update_time() in kernel/events/core.c): that is no multiplexing. A dummy event, which never
 * waits for a counter, tells how long the thread was on the CPU. */
static int open_thread_on(struct hw_counting *counting, pid_t tid, int cpu, struct hw_err *err)
{
	const struct hw_counting_config *config = &counting->config;

	if (cpu >= 0 && open_clock(counting, tid, cpu, err) < 0)
		return -1;
	for (uint32_t i = 0; i < config->event_count; i = group_end(config, i))
		if (open_group(counting, i, tid, cpu, err) < 0)
			return -1;
	return 0;
}

int hw_counting_open(struct hw_counting *counting, pid_t tid, struct hw_err *err)
{
	const struct hw_counting_config *config = &counting->config;
	const size_t before = counting->opened.count;
	int result = make_room(counting, err);

	if (result == 0 && !config->cpus)
		result = open_thread_on(counting, tid, -1, err);
	for (size_t i = 0; result == 0 && config->cpus && i < config->cpu_count; i++)
		result = open_thread_on(counting, tid, config->cpus[i], err);
	if (result < 0)
		close_down_to(counting, before);
	return result;
}

/* The CPUs of every event, and how many descriptors that makes. */
static int find_cpus(struct hw_counting *counting, size_t *descriptors, struct hw_err *err)
{
	const struct hw_counting_config *config = &counting->config;
	HW_AUTO(hw_freep) int *online = NULL;
	size_t online_count = 0;

	*descriptors = 0;
	if (!config->cpus && hw_cpu_list_online(&online, &online_count, err) < 0)
		return -1;
	counting->where = hw_alloc(config->event_count + 1, sizeof *counting->where);
	for (size_t i = 0; i < config->event_count; i++) {
		struct where *where = &counting->where[i];

		if (hw_pmu_cpus_among(&where->cpus, &where->count, HW_PMU_ROOT, &config->events[i],
				      config->cpus ? config->cpus : online,
				      config->cpus ? config->cpu_count : online_count, err) < 0)
			return -1;
		*descriptors += where->count;
	}
	return 0;
}

int hw_counting_open_cpus(struct hw_counting *counting, struct hw_err *err)
{
	const struct hw_counting_config *config = &counting->config;
	const size_t before = counting->opened.count;
	size_t descriptors;

	if (!counting->where && (find_cpus(counting, &descriptors, err) < 0 ||
				 hw_counter_raise_limit(before + descriptors + OTHER_FILES, err) < 0))
		return -1;
	for (uint32_t i = 0; i < config->event_count; i = group_end(config, i)) {
		const struct where *where = &counting->where[i];

		for (size_t c = 0; c < where->count; c++) {
			if (open_group(counting, i, -1, where->cpus[c], err) == 0)
				continue;
			close_down_to(counting, before);
			return -1;
		}
	}
	return 0;
}

void hw_counting_close(struct hw_counting *counting, pid_t tid)
{
	size_t kept = 0;

	for (size_t i = 0; i < counting->opened.count; i++) {
		if (counting->opened.at[i].tid == tid)
			close(counting->opened.at[i].fd);
		else
			counting->opened.at[kept++] = counting->opened.at[i];
	}
	counting->opened.count = kept;
}

size_t hw_counting_descriptors(const struct hw_counting *counting)
{
	const struct hw_counting_config *config = &counting->config;

	return config->cpus ? (config->event_count + 1) * config->cpu_count : config->event_count;
}

/* --- Counting ----------------------------------------------------------------------------------------------- */

static int read_one(const struct opened *opened, struct hw_count *count, struct hw_err *err)
{
	static const struct perf_event_attr attr = { .read_format = READ_FORMAT };

	return hw_counter_read(count, opened->fd, &attr, err);
}

/* What was counted before stays out by subtraction: events that are opened disabled and enabled now would miss threads
 * for ever. A copy that a thread inherits while its parent's is being enabled may stay disabled; and since the kernel
 * swaps the events of a thread and its child when one runs after the other (perf_event_context_sched_out() in
 * kernel/events/core.c), so may all that the parent starts from then on. Seen on 6.18: 38 % of the faults of a process
 * that starts threads. */
void hw_counting_start(struct hw_counting *counting)
{
	for (size_t i = 0; !counting->config.enable_on_exec && i < counting->opened.count; i++) {
		struct opened *opened = &counting->opened.at[i];

		if (read_one(opened, &opened->base, NULL) <
		    0) /* a pinned event without a counter, as it will say */
			opened->base = (struct hw_count){ 0 };
	}
	counting->started = true;
}

static void subtract(struct hw_count *count, const struct hw_count *base)
{
	count->value -= base->value;
	count->time_enabled_ns -= base->time_enabled_ns;
	count->time_running_ns -= base->time_running_ns;
}

int hw_counting_read(struct hw_counting *counting, struct hw_count *counts, struct hw_err *err)
{
	const size_t event_count = counting->config.event_count;
	struct hw_count leader = { 0 };
	uint64_t clock_ns = 0;

	memset(counts, 0, event_count * sizeof *counts);
	if (!counting->started && !counting->config.enable_on_exec)
		return 0;
	for (size_t i = 0; i < counting->opened.count; i++) {
		const struct opened *opened = &counting->opened.at[i];
		struct hw_count count;

		if (read_one(opened, &count, err) < 0)
			return opened->event == event_count
				       ? -1
				       : hw_err_wrap(err, "event '%s'",
						     counting->config.events[opened->event].text);
		subtract(&count, &opened->base);
		if (opened->event == event_count) {
			clock_ns = count.time_running_ns;
			continue;
		}
		/* Members run when their leader does; each was read a moment later than the one before. */
		if (opened->leads)
			leader = count;
		count.time_enabled_ns = opened->by_clock ? clock_ns : leader.time_enabled_ns;
		count.time_running_ns = leader.time_running_ns;
		counts[opened->event].value += count.value;
		counts[opened->event].time_enabled_ns += count.time_enabled_ns;
		counts[opened->event].time_running_ns += count.time_running_ns;
	}
	return 0;
}

double hw_count_share(const struct hw_count *count)
{
	if (!count->time_enabled_ns || count->time_running_ns >= count->time_enabled_ns)
		return 1;
	return (double)count->time_running_ns / (double)count->time_enabled_ns;
}

double hw_count_scaled(const struct hw_count *count)
{
	if (count->time_running_ns >= count->time_enabled_ns)
		return (double)count->value;
	if (!count->time_running_ns)
		return NAN;
	return (double)count->value / hw_count_share(count);
}
