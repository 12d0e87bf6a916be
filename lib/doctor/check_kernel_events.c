/* Events that need no PMU: the kernel's timer, tracepoints, probes. */
#include "doctor/checks.h"

#include "event/tracepoint.h"

#include <errno.h>

#define TIMER_PERIOD_NS 100000

/* Whole CPUs (-a), kernel code included or not. */
static bool opens_on_cpus(const struct hw_checkup *checkup, const struct perf_event_attr *attr)
{
	return !checkup->syscall_kills && hw_trial_open(attr, -1, 0) == 0;
}

void hw_check_timer(struct hw_checkup *checkup)
{
	struct perf_event_attr attr =
		hw_checkup_attr(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK, TIMER_PERIOD_NS);
	struct hw_finding *finding = hw_findings_add(checkup->findings, HW_SECTION_KERNEL_EVENTS, "timer",
						     "software events, timer");
	const int error = hw_checkup_open(checkup, &attr);

	if (error) {
		hw_checkup_explain(checkup, &checkup->timer_obstacle, "cpu-clock", &attr, 0, error);
		if (!checkup->timer_obstacle.cause[0])
			hw_copy_text(checkup->timer_obstacle.cause, sizeof checkup->timer_obstacle.cause,
				     strerror(error));
		hw_finding_obstacle(finding, HW_NO, &checkup->timer_obstacle, error);
		return;
	}
	if (hw_trial_sample(&attr) == HW_TRIAL_SILENT) {
		hw_copy_text(checkup->timer_obstacle.cause, sizeof checkup->timer_obstacle.cause,
			     "cpu-clock opens, but takes no samples");
		hw_finding_cause(finding, HW_NO, "%s", checkup->timer_obstacle.cause);
		return;
	}
	checkup->timer_samples = true;
	checkup->kernel_code = !attr.exclude_kernel;
	checkup->whole_cpus = opens_on_cpus(checkup, &attr);
	hw_finding_text(finding, "cpu-clock samples %s, of %s",
			attr.exclude_kernel ? "user code only" : "user and kernel code",
			checkup->whole_cpus ? "processes and of whole CPUs (-a)" : "processes only");
	hw_finding_number(finding, "kernel_code", checkup->kernel_code);
	hw_finding_number(finding, "whole_cpus", checkup->whole_cpus);
	if (attr.exclude_kernel || !checkup->whole_cpus) {
		struct hw_obstacle obstacle;
		const pid_t tid = attr.exclude_kernel ? 0 : -1;

		attr.exclude_kernel = 0;
		hw_checkup_explain(checkup, &obstacle, "cpu-clock", &attr, tid, EACCES);
		hw_finding_obstacle(finding, HW_LIMITED, &obstacle, EACCES);
	}
}

static void check_tracepoints(struct hw_checkup *checkup)
{
	static const char *const roots[] = { HW_TRACEPOINT_ROOTS };
	static const char name[] = "sched:sched_switch";
	struct hw_finding *finding =
		hw_findings_add(checkup->findings, HW_SECTION_KERNEL_EVENTS, "tracepoints", "tracepoints");
	struct perf_event_attr attr;
	struct hw_err err = { 0 };
	uint64_t id = 0;
	int error;
	const int found = hw_tracepoint_find(&id, roots, name, &err);

	if (found <= 0) {
		hw_finding_cause(finding, HW_NO, "%s",
				 found < 0 ? err.message
					   : "this kernel has no tracepoint sched:sched_switch");
		hw_finding_fix(finding, "%s", err.hint);
		return;
	}
	attr = hw_checkup_attr(PERF_TYPE_TRACEPOINT, id, 1);
	error = hw_checkup_open(checkup, &attr);
	if (error) {
		struct hw_obstacle obstacle;

		hw_checkup_explain(checkup, &obstacle, name, &attr, 0, error);
		hw_finding_obstacle(finding, HW_NO, &obstacle, error);
		return;
	}
	hw_finding_text(finding, "tracefs is readable and %s opens", name);
	if (attr.exclude_kernel)
		hw_finding_cause(finding, HW_LIMITED,
				 "those that fire in kernel code, as most do, need the right to sample it");
}

static void check_probes(struct hw_checkup *checkup)
{
	struct hw_finding *finding =
		hw_findings_add(checkup->findings, HW_SECTION_KERNEL_EVENTS, "probes", "uprobes, kprobes");
	const bool uprobe = hw_pmus_named(&checkup->host.pmus, "uprobe") != NULL;
	const bool kprobe = hw_pmus_named(&checkup->host.pmus, "kprobe") != NULL;

	hw_finding_number(finding, "uprobe", uprobe);
	hw_finding_number(finding, "kprobe", kprobe);
	if (!uprobe && !kprobe) {
		hw_finding_cause(finding, HW_NO, "this kernel has no PMU for them");
		hw_finding_fix(finding, "a kernel with CONFIG_UPROBE_EVENTS=y and CONFIG_KPROBE_EVENTS=y");
		return;
	}
	hw_finding_text(finding, "the kernel has %s",
			uprobe && kprobe ? "both"
			: uprobe	 ? "uprobes"
					 : "kprobes");
	if (!hw_host_is_perfmon(&checkup->host)) {
		hw_finding_cause(finding, HW_NO, "probes need CAP_PERFMON");
		hw_finding_privileges(finding, &checkup->host, NULL);
	} else if (!uprobe || !kprobe) {
		hw_finding_cause(finding, HW_LIMITED, "it has no %s (CONFIG_%s_EVENTS)",
				 uprobe ? "kprobes" : "uprobes", uprobe ? "KPROBE" : "UPROBE");
	}
}

void hw_check_kernel_events(struct hw_checkup *checkup)
{
	check_tracepoints(checkup);
	check_probes(checkup);
}
