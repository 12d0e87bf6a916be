#include "event/attr.h"

#include <inttypes.h>
#include <time.h>

/* With a fixed period and PERF_SAMPLE_PERIOD, the kernel samples software events and tracepoints at each single event,
 * whatever the period (perf_swevent_event() in kernel/events/core.c). The clocks, which are timers, it does not. */
static bool period_is_ignored_when_sampled(const struct perf_event_attr *attr)
{
	if (attr->freq || attr->sample_period <= 1)
		return false;
	return attr->type == PERF_TYPE_TRACEPOINT ||
	       (attr->type == PERF_TYPE_SOFTWARE && !hw_attr_is_clock(attr));
}

void hw_attr_set_sampling(struct perf_event_attr *attr, const struct hw_sampling *sampling, bool sideband)
{
	attr->sample_type = PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME |
			    PERF_SAMPLE_CPU;
	if (!period_is_ignored_when_sampled(attr))
		attr->sample_type |= PERF_SAMPLE_PERIOD;
	attr->read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING | PERF_FORMAT_ID |
			    PERF_FORMAT_LOST;
	attr->sample_id_all = 1;
	attr->disabled = 1;
	attr->inherit = 1;
	attr->use_clockid = 1;
	attr->clockid = CLOCK_MONOTONIC;
	attr->watermark = 1;
	if (sampling->callchain) {
		attr->sample_type |= PERF_SAMPLE_CALLCHAIN;
		attr->exclude_callchain_user = !sampling->callchain_user;
	}
	if (sampling->user_regs_mask) {
		attr->sample_type |= PERF_SAMPLE_REGS_USER;
		attr->sample_regs_user = sampling->user_regs_mask;
	}
	if (sampling->stack_size_bytes) {
		attr->sample_type |= PERF_SAMPLE_STACK_USER;
		attr->sample_stack_user = sampling->stack_size_bytes;
	}
	if (sideband) {
		attr->mmap = 1;
		attr->mmap2 = 1;
		attr->build_id = 1;
		attr->comm = 1;
		attr->comm_exec = 1;
		attr->task = 1;
		attr->ksymbol = 1; /* BPF programs that are gone from kallsyms when the recording ends */
	}
}

/* --- What it counts --------------------------------------------------------------------------------- */

size_t hw_event_group_end(const struct hw_event *events, size_t count, size_t first)
{
	size_t end = first + 1;

	while (end < count && !hw_event_leads(events, end))
		end++;
	return end;
}

bool hw_attr_same_event(const struct perf_event_attr *a, const struct perf_event_attr *b)
{
	return a->type == b->type && a->config == b->config && a->config1 == b->config1 &&
	       a->config2 == b->config2;
}

bool hw_attr_same_levels(const struct perf_event_attr *a, const struct perf_event_attr *b)
{
	return a->exclude_user == b->exclude_user && a->exclude_kernel == b->exclude_kernel &&
	       a->exclude_hv == b->exclude_hv && a->exclude_idle == b->exclude_idle &&
	       a->exclude_host == b->exclude_host && a->exclude_guest == b->exclude_guest;
}

bool hw_attr_counts_same(const struct perf_event_attr *a, const struct perf_event_attr *b)
{
	return hw_attr_same_event(a, b) && hw_attr_same_levels(a, b);
}

bool hw_attr_is_clock(const struct perf_event_attr *attr)
{
	return attr->type == PERF_TYPE_SOFTWARE &&
	       (attr->config == PERF_COUNT_SW_CPU_CLOCK || attr->config == PERF_COUNT_SW_TASK_CLOCK);
}

bool hw_attr_needs_counter(const struct perf_event_attr *attr)
{
	return attr->type != PERF_TYPE_SOFTWARE && attr->type != PERF_TYPE_TRACEPOINT &&
	       attr->type != PERF_TYPE_BREAKPOINT;
}

bool hw_attr_counts_what_it_samples(const struct perf_event_attr *attr)
{
	return !hw_attr_is_clock(attr) || !(attr->exclude_user || attr->exclude_kernel || attr->exclude_idle);
}

/* --- As text --------------------------------------------------------------------------------------- */

static void print_number(struct hw_buf *buf, const char *field, uint64_t value, const char *format)
{
	if (!value)
		return;
	hw_buf_printf(buf, "%s = ", field);
	if (strcmp(format, "x") == 0)
		hw_buf_printf(buf, "0x%" PRIx64 "\n", value);
	else
		hw_buf_printf(buf, "%" PRIu64 "\n", value);
}

/* names[i] is bit i's; a bit without a name is shown as a number. */
static void print_bits(struct hw_buf *buf, const char *field, uint64_t value, const char *const *names,
		       size_t count)
{
	const char *between = " = ";

	if (!value)
		return;
	hw_buf_text(buf, field);
	for (size_t i = 0; i < count; i++) {
		if (!(value >> i & 1))
			continue;
		hw_buf_printf(buf, "%s%s", between, names[i]);
		value &= ~(UINT64_C(1) << i);
		between = "|";
	}
	if (value)
		hw_buf_printf(buf, "%s0x%" PRIx64, between, value);
	hw_buf_text(buf, "\n");
}

static const char *type_name(uint32_t type)
{
	static const char *const names[] = { "hardware", "software", "tracepoint",
					     "hw_cache", "raw",	     "breakpoint" };

	return type < HW_COUNT_OF(names) ? names[type] : "pmu";
}

static void print_sample_type(struct hw_buf *buf, uint64_t value)
{
	/* clang-format off */
	static const char *const names[] = {
		"IP", "TID", "TIME", "ADDR", "READ", "CALLCHAIN", "ID", "CPU", "PERIOD", "STREAM_ID", "RAW",
		"BRANCH_STACK", "REGS_USER", "STACK_USER", "WEIGHT", "DATA_SRC", "IDENTIFIER", "TRANSACTION",
		"REGS_INTR", "PHYS_ADDR", "AUX", "CGROUP", "DATA_PAGE_SIZE", "CODE_PAGE_SIZE", "WEIGHT_STRUCT",
	};
	/* clang-format on */

	print_bits(buf, "sample_type", value, names, HW_COUNT_OF(names));
}

static void print_read_format(struct hw_buf *buf, uint64_t value)
{
	static const char *const names[] = { "TOTAL_TIME_ENABLED", "TOTAL_TIME_RUNNING", "ID", "GROUP",
					     "LOST" };

	print_bits(buf, "read_format", value, names, HW_COUNT_OF(names));
}

static void print_flags(struct hw_buf *buf, const struct perf_event_attr *attr)
{
#define FLAG(name) print_number(buf, #name, attr->name, "u")
	FLAG(disabled);
	FLAG(inherit);
	FLAG(pinned);
	FLAG(exclusive);
	FLAG(exclude_user);
	FLAG(exclude_kernel);
	FLAG(exclude_hv);
	FLAG(exclude_idle);
	FLAG(exclude_host);
	FLAG(exclude_guest);
	FLAG(exclude_callchain_kernel);
	FLAG(exclude_callchain_user);
	FLAG(mmap);
	FLAG(mmap2);
	FLAG(mmap_data);
	FLAG(build_id);
	FLAG(comm);
	FLAG(comm_exec);
	FLAG(task);
	FLAG(ksymbol);
	FLAG(bpf_event);
	FLAG(namespaces);
	FLAG(cgroup);
	FLAG(text_poke);
	FLAG(context_switch);
	FLAG(inherit_stat);
	FLAG(inherit_thread);
	FLAG(remove_on_exec);
	FLAG(enable_on_exec);
	FLAG(sample_id_all);
	FLAG(write_backward);
	FLAG(aux_output);
	FLAG(sigtrap);
	FLAG(precise_ip);
#undef FLAG
}

void hw_event_print(struct hw_buf *buf, const struct hw_event *event, bool leads)
{
	hw_buf_printf(buf, "event %s\n", event->text);
	if (event->group)
		hw_buf_printf(buf, "group = %u%s\n", (unsigned)event->group, leads ? " (leader)" : "");
	if (event->pmu)
		hw_buf_printf(buf, "part = %s on %s\n", event->whole, event->pmu);
	if (event->unit_text)
		hw_buf_printf(buf, "unit = %s\n", event->unit_text);
	if (event->scale != 0 && (event->scale < 1 || event->scale > 1))
		hw_buf_printf(buf, "scale = %.17g\n", event->scale);
}

void hw_attr_print(struct hw_buf *buf, const struct perf_event_attr *attr)
{
	hw_buf_printf(buf, "type = %u (%s)\n", attr->type, type_name(attr->type));
	hw_buf_printf(buf, "config = 0x%" PRIx64 "\n", (uint64_t)attr->config);
	print_number(buf, "config1", attr->config1, "x");
	print_number(buf, "config2", attr->config2, "x");
	print_number(buf, attr->freq ? "sample_freq" : "sample_period", attr->sample_period, "u");
	print_sample_type(buf, attr->sample_type);
	print_read_format(buf, attr->read_format);
	print_flags(buf, attr);
	if (attr->use_clockid)
		hw_buf_printf(buf, "clockid = %d%s\n", attr->clockid,
			      attr->clockid == CLOCK_MONOTONIC ? " (monotonic)" : "");
	print_number(buf, attr->watermark ? "wakeup_watermark" : "wakeup_events", attr->wakeup_watermark,
		     "u");
	print_number(buf, "sample_regs_user", attr->sample_regs_user, "x");
	print_number(buf, "sample_stack_user", attr->sample_stack_user, "u");
	print_number(buf, "sample_max_stack", attr->sample_max_stack, "u");
}
