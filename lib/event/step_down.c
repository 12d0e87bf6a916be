#include "event/step_down.h"

#include "event/obstacle.h"

#include "event/dirs.h"

#include <errno.h>
#include <unistd.h>

#define SW_CGROUP_SWITCHES 11 /* linux/perf_event.h from 5.13 */

bool hw_event_is_absent(int open_errno)
{
	/* perf_event_open(2): ENOENT, no PMU takes the event; EOPNOTSUPP, no interrupt or precise level; ENODEV, ENXIO */
	return open_errno == ENOENT || open_errno == EOPNOTSUPP || open_errno == ENODEV ||
	       open_errno == ENXIO;
}

bool hw_event_is_kernels_own(const struct perf_event_attr *attr)
{
	return attr->type == PERF_TYPE_SOFTWARE &&
	       (attr->config == PERF_COUNT_SW_CONTEXT_SWITCHES ||
		attr->config == PERF_COUNT_SW_CPU_MIGRATIONS || attr->config == SW_CGROUP_SWITCHES);
}

int hw_event_check_level(const struct hw_event *event, struct hw_err *err)
{
	if (!event->attr.exclude_kernel || !hw_event_is_kernels_own(&event->attr))
		return 0;
	(void)hw_err_set(err, HW_ERR_EVENT,
			 "event '%s' happens in the kernel, and user code alone has none of it", event->text);
	return hw_err_hint(err, "leave out :u, or -u");
}

static bool is_sampling_clock(const struct perf_event_attr *attr)
{
	return attr->type == PERF_TYPE_SOFTWARE && attr->config == PERF_COUNT_SW_CPU_CLOCK;
}

/* paranoid >= 2 forbids kernel samples to users without CAP_PERFMON. */
static bool give_up_kernel(struct hw_event *event, struct hw_buf *note)
{
	struct perf_event_attr *attr = &event->attr;

	if (attr->exclude_kernel || attr->exclude_user || hw_event_is_kernels_own(attr))
		return false;
	attr->exclude_kernel = 1;
	attr->exclude_hv = 1;
	attr->exclude_callchain_kernel = 1;
	hw_buf_text(note,
		    "user code only: kernel samples need perf_event_paranoid at most 1, or CAP_PERFMON");
	return true;
}

/* Goes down level by level; hw_event_note_precise tells how far, at the end. */
static bool give_up_precise(struct hw_event *event)
{
	if (!event->attr.precise_ip)
		return false;
	event->attr.precise_ip--;
	return true;
}

void hw_event_drop_ignored_precise(struct hw_event *event, const char *root)
{
#if !defined(__x86_64__) && !defined(__i386__)
	HW_AUTO(hw_dirs_fini) struct hw_dirs pmus = { 0 };

	hw_dirs_read(&pmus, root);
	for (size_t i = 0; i < pmus.names.count; i++) {
		HW_AUTO(hw_freep) char *path = hw_asprintf("%s/%s/caps/max_precise", root, pmus.names.at[i]);

		if (access(path, F_OK) == 0)
			return;
	}
	event->attr.precise_ip = 0;
#else
	(void)event, (void)root;
#endif
}

void hw_event_note_precise(const struct hw_event *event, struct hw_buf *note)
{
	if (event->precise_asked == event->attr.precise_ip)
		return;
	hw_buf_printf(note, "%s is sampled at precise level %u, ", event->name,
		      (unsigned)event->attr.precise_ip);
	if (event->precise_max)
		hw_buf_text(note, "the highest this machine has");
	else
		hw_buf_printf(note, "not %u as asked: this machine has no higher one", event->precise_asked);
}

/* Newer than the oldest kernels that are still about: nobody misses these but the quality block. */
static bool give_up_new_fields(struct hw_event *event, struct hw_buf *note)
{
	struct perf_event_attr *attr = &event->attr;

	if (attr->read_format & PERF_FORMAT_LOST) { /* 6.0 */
		attr->read_format &= ~(uint64_t)PERF_FORMAT_LOST;
		return true;
	}
	if (attr->build_id) { /* 5.12 */
		attr->build_id = 0;
		return true;
	}
	if (attr->ksymbol) { /* 5.1 */
		attr->ksymbol = 0;
		return true;
	}
	if (attr->use_clockid) { /* 4.1; NMI-safe clocks only on some PMUs */
		attr->use_clockid = 0;
		attr->clockid = 0;
		return true;
	}
	if (attr->comm_exec) { /* 3.16 */
		attr->comm_exec = 0;
		return true;
	}
	if (attr->exclude_guest && !event->guest_asked) {
		attr->exclude_guest = 0;
		return true;
	}
	if (attr->sample_type & PERF_SAMPLE_STACK_USER) { /* an architecture without user register sampling */
		attr->sample_type &= ~(uint64_t)(PERF_SAMPLE_STACK_USER | PERF_SAMPLE_REGS_USER);
		attr->sample_stack_user = 0;
		attr->sample_regs_user = 0;
		attr->exclude_callchain_user = 0;
		hw_buf_text(note,
			    "user stacks follow frame pointers: this kernel cannot copy registers and stack");
		return true;
	}
	return false;
}

/* Only the default event may become another one. */
static bool fall_back_to_clock(struct hw_event *event, int open_errno, struct hw_buf *note)
{
	struct perf_event_attr *attr = &event->attr;
	struct hw_obstacle obstacle;

	if (!event->is_default || is_sampling_clock(attr))
		return false;
	hw_obstacle_find(&obstacle, event, 0, -1, open_errno);
	hw_buf_printf(note, "no hardware counter for %s here, so cpu-clock, a timer, is sampled instead: %s",
		      event->name, obstacle.cause[0] ? obstacle.cause : strerror(open_errno));
	if (!attr->freq && attr->sample_period < HW_CLOCK_PERIOD_MIN_NS) {
		attr->sample_period = HW_CLOCK_PERIOD_MIN_NS;
		hw_buf_printf(note, "; it is sampled every %d ns, the shortest period it has",
			      HW_CLOCK_PERIOD_MIN_NS);
	}
	attr->type = PERF_TYPE_SOFTWARE;
	attr->config = PERF_COUNT_SW_CPU_CLOCK;
	attr->config1 = attr->config2 = 0;
	attr->precise_ip = 0;
	free(event->name);
	event->name = hw_strdup("cpu-clock");
	event->unit = "nanoseconds";
	return true;
}

bool hw_event_step_down(struct hw_event *event, int open_errno, struct hw_buf *note)
{
	if (open_errno == EACCES || open_errno == EPERM)
		return give_up_kernel(event, note);
	if (hw_event_is_absent(open_errno))
		return give_up_precise(event) || fall_back_to_clock(event, open_errno, note);
	if (open_errno == EINVAL || open_errno == E2BIG)
		return give_up_precise(event) || give_up_new_fields(event, note) ||
		       fall_back_to_clock(event, open_errno, note);
	return false;
}
