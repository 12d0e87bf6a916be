#include "record/settle.h"

#include "base/buf.h"
#include "base/log.h"
#include "event/budget.h"
#include "event/counter.h"
#include "event/pmu.h"
#include "event/pmu_cpus.h"
#include "event/step_down.h"

#include <errno.h>
#include <unistd.h>

static void log_attr(const struct hw_event *event)
{
	HW_AUTO(hw_buf_fini) struct hw_buf text = { 0 };

	if (!hw_log_on("event"))
		return;
	hw_attr_print(&text, &event->attr);
	hw_log("event", "%s:\n%s", event->name, hw_buf_str(&text));
}

/* --- Where ---------------------------------------------------------------------------------------------------- */

static int find_cpus(struct hw_settling *s, size_t index, struct hw_err *err)
{
	struct hw_event_cpus *cpus = &s->cpus_of[index];

	free(cpus->numbers);
	return hw_pmu_cpus_among(&cpus->numbers, &cpus->count, HW_PMU_ROOT, &s->events[index], s->cpus,
				 s->cpu_count, err);
}

/* --- One event ------------------------------------------------------------------------------------------------ */

/* Weaken one event until it opens on this CPU. */
static int step_down_until_open(struct hw_settling *s, struct hw_event *event, int cpu, struct hw_err *err)
{
	HW_AUTO(hw_buf_fini) struct hw_buf note = { 0 };
	struct hw_err local = { 0 };
	int fd;

	err = err ? err : &local;
	while ((fd = hw_counter_open(event, s->tid, cpu, -1, err)) < 0) {
		hw_log("event", "%s: %s", event->name, err->message);
		if (!hw_event_step_down(event, err->sys_errno, &note))
			return -1;
		if (note.size)
			hw_notes_keep(&s->notes, note.data);
		note.size = 0;
	}
	close(fd);
	hw_event_drop_ignored_precise(event, HW_PMU_ROOT);
	hw_event_note_precise(event, &note);
	if (note.size)
		hw_notes_keep(&s->notes, note.data);
	return 0;
}

static bool any_needs_counter(const struct hw_event *events, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (hw_attr_needs_counter(&events[i].attr))
			return true;
	return false;
}

/* Members are neither disabled nor enabled by themselves: they do as their leader does (perf_event_open(2),
 * "disabled"). */
static void ask(struct hw_settling *s, size_t index, bool sideband)
{
	struct perf_event_attr *attr = &s->events[index].attr;
	const bool leads = hw_event_leads(s->events, index);

	hw_attr_set_sampling(attr, s->sampling, sideband);
	attr->inherit = s->tid >= 0;
	attr->disabled = leads;
	attr->enable_on_exec = leads && s->enable_on_exec;
}

/* Or does the first event keep the books? Only what the events have settled on tells for sure: the default becomes a
 * clock where there is no PMU. */
static bool needs_tracker(const struct hw_settling *s)
{
	return s->want_tracker || any_needs_counter(s->events, s->event_count);
}

static void ask_tracker(struct hw_settling *s)
{
	static const struct hw_sampling nothing = { 0 };
	struct perf_event_attr *attr = &s->tracker.attr;

	hw_event_fini(&s->tracker);
	s->tracker = (struct hw_event){
		.text = hw_strdup("dummy"),
		.name = hw_strdup("dummy"),
		.unit = "count",
		.attr = { .type = PERF_TYPE_SOFTWARE,
			  .size = sizeof *attr,
			  .config = PERF_COUNT_SW_DUMMY,
			  .exclude_kernel = 1, /* nothing of what it reports is an event of the kernel */
			  .exclude_hv = 1 },
	};
	hw_attr_set_sampling(attr, &nothing, true);
	attr->inherit = s->tid >= 0;
	attr->enable_on_exec = s->enable_on_exec;
	/* Else it tells from now on what happens before the first sample. */
	attr->disabled = s->enable_on_exec;
}

void hw_settling_ask(struct hw_settling *s)
{
	s->has_tracker = needs_tracker(s);
	if (s->has_tracker)
		ask_tracker(s);
	for (size_t i = 0; i < s->event_count; i++)
		ask(s, i, i == 0 && !s->has_tracker);
}

static int settle_event(struct hw_settling *s, size_t index, struct hw_err *err)
{
	if (find_cpus(s, index, err) < 0 ||
	    step_down_until_open(s, &s->events[index], s->cpus_of[index].numbers[0], err) < 0)
		return -1;
	return find_cpus(s, index, err); /* it may have become another event */
}

/* --- All of them ---------------------------------------------------------------------------------------------- */

/* All events write to the same rings: what one had to give up, all do. Only PERF_SAMPLE_PERIOD, which no other field's
 * place in a record but a sample's depends on, is each event's own; the tracker has no samples. */
static void make_alike(struct hw_settling *s)
{
	struct perf_event_attr common = s->events[0].attr;
	const bool stacks_asked = s->sampling->stack_size_bytes > 0;
	bool lost_stacks;

	for (size_t i = 1; i < s->event_count; i++) {
		const struct perf_event_attr *attr = &s->events[i].attr;

		common.sample_type &= attr->sample_type | PERF_SAMPLE_PERIOD;
		common.read_format &= attr->read_format;
		common.sample_regs_user &= attr->sample_regs_user;
		common.use_clockid &= attr->use_clockid;
		if (attr->sample_stack_user < common.sample_stack_user)
			common.sample_stack_user = attr->sample_stack_user;
	}
	if (s->has_tracker) {
		common.read_format &= s->tracker.attr.read_format;
		common.use_clockid &= s->tracker.attr.use_clockid;
	}
	common.sample_type &= ~(uint64_t)PERF_SAMPLE_PERIOD;
	lost_stacks = stacks_asked && !(common.sample_type & PERF_SAMPLE_STACK_USER);
	for (size_t i = 0; i < s->event_count; i++) {
		struct perf_event_attr *attr = &s->events[i].attr;

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
	s->tracker.attr.read_format = common.read_format;
	s->tracker.attr.use_clockid = common.use_clockid;
	s->tracker.attr.clockid = common.use_clockid ? s->tracker.attr.clockid : 0;
}

/* Open a group on trial. 0, or -1 with *member the event that did not open. */
static int try_group(const struct hw_settling *s, size_t first, size_t *member, struct hw_err *err)
{
	const size_t end = hw_event_group_end(s->events, s->event_count, first);
	HW_VEC(int) fds = { 0 };
	int result = 0;

	for (size_t i = first; result == 0 && i < end; i++) {
		const int fd = hw_counter_open(&s->events[i], s->tid, s->cpus_of[first].numbers[0],
					       i == first ? -1 : fds.at[0], err);

		*member = i;
		if (fd < 0)
			result = -1;
		else
			hw_vec_push(&fds, fd);
	}
	while (fds.count)
		close(fds.at[--fds.count]); /* members first: without their leader they would count */
	hw_vec_fini(&fds);
	return result;
}

static void take_apart(struct hw_settling *s, size_t first, size_t member)
{
	const size_t end = hw_event_group_end(s->events, s->event_count, first);
	HW_AUTO(hw_buf_fini) struct hw_buf note = { 0 };

	hw_buf_text(&note, "the group ");
	for (size_t i = first; i < end; i++)
		hw_buf_printf(&note, "%s%s", i == first ? "{" : ",", s->events[i].name);
	hw_buf_printf(
		&note,
		"} was taken apart, since the PMU cannot count all of it at once (%s is one too many): ",
		s->events[member].name);
	hw_buf_text(&note, "its events did not run at the same moments");
	hw_notes_keep(&s->notes, note.data);
	for (size_t i = first; i < end; i++) {
		s->events[i].group = 0;
		s->events[i].attr.disabled = 1;
		s->events[i].attr.enable_on_exec = s->enable_on_exec;
	}
}

/* A group the PMU can never hold is refused at the member too many, with EINVAL (validate_group() of the PMU drivers);
 * each event by itself has been opened before. */
static int settle_group(struct hw_settling *s, size_t first, struct hw_err *err)
{
	struct hw_err local = { 0 };
	size_t member = first;

	err = err ? err : &local;
	if (hw_event_group_end(s->events, s->event_count, first) == first + 1 ||
	    try_group(s, first, &member, err) == 0)
		return 0;
	if (err->sys_errno != EINVAL)
		return -1;
	take_apart(s, first, member);
	return 0;
}

/* --- Counting events beside them ------------------------------------------------------------------------------- */

static void note_missing_twins(struct hw_settling *s, const bool *is_wanted)
{
	HW_AUTO(hw_buf_fini) struct hw_buf note = { 0 };

	for (size_t i = 0; i < s->event_count; i++)
		if (is_wanted[i] && !s->twins[i])
			hw_buf_printf(&note, "%s%s", note.size ? ", " : "", s->events[i].name);
	if (!note.size)
		return;
	hw_buf_text(&note, ": no counter is free to count beside the sampling: the sum check is against the "
			   "sampling event's own count");
	hw_notes_keep(&s->notes, note.data);
}

/* Which counting events have a counter of their own when all sampling events have theirs? None when those do not fit
 * already and take turns: each more would take turns away from them. */
static void fit_twins(struct hw_settling *s, const bool *is_wanted)
{
	const size_t n = s->event_count;
	HW_AUTO(hw_freep) struct hw_event *all = hw_alloc(2 * n, sizeof *all);
	HW_AUTO(hw_freep) size_t *twin_of = hw_alloc(2 * n, sizeof *twin_of);
	HW_AUTO(hw_freep) bool *fits = hw_alloc(2 * n, sizeof *fits);
	struct hw_err err = { 0 };
	size_t count = n;

	memcpy(all, s->events, n * sizeof *all);
	for (size_t i = 0; i < n; i++) {
		if (!is_wanted[i] || !hw_attr_needs_counter(&s->events[i].attr))
			continue;
		twin_of[count] = i;
		all[count] = s->events[i];
		all[count++].group = 0;
	}
	if (hw_budget_fit(all, count, fits, &err) < 0) {
		hw_log("event", "%s", err.message);
		return;
	}
	for (size_t i = 0; i < n; i++)
		if (!fits[i])
			return;
	for (size_t i = n; i < count; i++)
		s->twins[twin_of[i]] = fits[i];
}

static void settle_twins(struct hw_settling *s)
{
	HW_AUTO(hw_freep) bool *is_wanted = hw_alloc(s->event_count, sizeof *is_wanted);
	bool ask = false;

	s->twins = hw_alloc(s->event_count, sizeof *s->twins);
	for (size_t i = 0; i < s->event_count; i++) {
		const struct perf_event_attr *attr = &s->events[i].attr;

		is_wanted[i] = hw_attr_counts_what_it_samples(attr);
		s->twins[i] = is_wanted[i] && !hw_attr_needs_counter(attr);
		ask = ask || (is_wanted[i] && !s->twins[i]);
	}
	if (ask)
		fit_twins(s, is_wanted);
	note_missing_twins(s, is_wanted);
	for (size_t i = 0; i < s->event_count; i++)
		s->has_twins = s->has_twins || s->twins[i];
}

void hw_settling_drop_twins(struct hw_settling *s)
{
	for (size_t i = 0; i < s->event_count; i++)
		s->twins[i] = false;
	s->has_twins = false;
}

/* --- The whole ------------------------------------------------------------------------------------------------- */

/* Who reports mappings, names and births: the tracker, or the first event where every event always runs. */
static int settle_sideband(struct hw_settling *s, struct hw_err *err)
{
	s->has_tracker = needs_tracker(s);
	if (s->has_tracker) {
		ask_tracker(s);
		return step_down_until_open(s, &s->tracker, s->cpus[0], err);
	}
	if (s->events[0].attr.mmap)
		return 0;
	ask(s, 0, true);
	return settle_event(s, 0, err);
}

int hw_settle(struct hw_settling *s, struct hw_err *err)
{
	s->cpus_of = hw_alloc(s->event_count, sizeof *s->cpus_of);
	hw_settling_ask(s);
	for (size_t i = 0; i < s->event_count; i++)
		if (settle_event(s, i, err) < 0)
			return -1;
	if (settle_sideband(s, err) < 0)
		return -1;
	make_alike(s);
	for (size_t i = 0; i < s->event_count; i = hw_event_group_end(s->events, s->event_count, i))
		if (settle_group(s, i, err) < 0)
			return -1;
	settle_twins(s);
	for (size_t i = 0; i < s->event_count; i++)
		log_attr(&s->events[i]);
	return 0;
}

void hw_settling_fini(struct hw_settling *s)
{
	for (size_t i = 0; s->cpus_of && i < s->event_count; i++)
		free(s->cpus_of[i].numbers);
	free(s->cpus_of);
	free(s->twins);
	s->cpus_of = NULL;
	s->twins = NULL;
	hw_event_fini(&s->tracker);
	hw_notes_fini(&s->notes);
}
