/* The CPU's own counters: are there any, how many are free, do they interrupt, how exactly. */
#include "doctor/checks.h"

#include "base/file.h"
#include "event/budget.h"

#include <errno.h>
#include <unistd.h>

#define CYCLES_PERIOD 200000 /* some 0.1 ms */

#ifdef __x86_64__
#define IS_X86 true
#else
#define IS_X86 false
#endif

/* "cpu", or "cpu_core (CPUs 0-15), cpu_atom (CPUs 16-23)". */
static void print_core_pmus(struct hw_buf *out, const struct hw_host *host, bool is_hybrid)
{
	for (size_t i = 0; i < host->pmus.list.count; i++) {
		const struct hw_pmu *pmu = &host->pmus.list.at[i];

		if (!pmu->is_core)
			continue;
		hw_buf_printf(out, "%s%s", out->size ? ", " : "", pmu->name);
		if (is_hybrid && pmu->cpus)
			hw_buf_printf(out, " (CPUs %s)", pmu->cpus);
	}
}

/* What the kernel's driver calls the CPU: caps/pmu_name ("skylake", ABI/testing/sysfs-bus-event_source-devices-caps). */
static void add_caps(struct hw_finding *finding, const char *pmu)
{
	HW_AUTO(hw_freep)
	char *name_path = hw_asprintf("/sys/bus/event_source/devices/%s/caps/pmu_name", pmu);
	HW_AUTO(hw_freep)
	char *slots_path = hw_asprintf("/sys/bus/event_source/devices/%s/caps/branches", pmu);
	char line[64];

	if (hw_file_read_line(line, sizeof line, name_path) == 0)
		hw_finding_word(finding, "model", line);
	if (hw_file_read_line(line, sizeof line, slots_path) == 0)
		hw_finding_number(finding, "branch_records", strtoll(line, NULL, 10));
}

/* False when there is none; checkup->counter_obstacle then says why. */
static bool check_pmu(struct hw_checkup *checkup)
{
	struct hw_finding *finding =
		hw_findings_add(checkup->findings, HW_SECTION_COUNTERS, "pmu", "CPU PMU");
	const struct perf_event_attr attr = hw_checkup_attr(PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES, 0);
	const struct hw_event event = { .text = (char *)"cycles", .name = (char *)"cycles", .attr = attr };
	HW_AUTO(hw_buf_fini) struct hw_buf names = { 0 };
	size_t cores = 0;
	const struct hw_pmu *first = hw_pmus_core(&checkup->host.pmus, &cores);

	hw_finding_number(finding, "core_pmus", (int64_t)cores);
	hw_finding_word(finding, "cpu", checkup->host.cpu_name);
	hw_finding_word(finding, "hypervisor",
			checkup->host.hypervisor[0] ? checkup->host.hypervisor
			: checkup->host.is_virtual  ? "unknown"
						    : "none");
	if (!first) {
		hw_obstacle_judge(&checkup->counter_obstacle, &event, 0, -1, ENOENT,
				  &(struct hw_obstacle_facts){ .host = &checkup->host });
		hw_finding_obstacle(finding, HW_NO, &checkup->counter_obstacle, ENOENT);
		return false;
	}
	print_core_pmus(&names, &checkup->host, cores > 1);
	hw_finding_text(finding, "%s%s", hw_buf_str(&names),
			cores > 1 ? ": a hybrid CPU, whose kinds of cores each count their own events" : "");
	hw_finding_word(finding, "driver", first->name);
	add_caps(finding, first->name);
	return true;
}

/* Generic events that have no counter of their own on any CPU, most common first; else instructions, which may have. */
static bool general_event(const struct hw_checkup *checkup, struct hw_event *event)
{
	static const struct {
		const char *name;
		uint64_t config;
	} events[] = {
		{ "branch-misses", PERF_COUNT_HW_BRANCH_MISSES },
		{ "cache-misses", PERF_COUNT_HW_CACHE_MISSES },
		{ "instructions", PERF_COUNT_HW_INSTRUCTIONS },
	};

	for (size_t i = 0; i < HW_COUNT_OF(events); i++) {
		*event = (struct hw_event){
			.text = (char *)events[i].name,
			.name = (char *)events[i].name,
			.attr = hw_checkup_attr(PERF_TYPE_HARDWARE, events[i].config, 0),
		};
		if (hw_checkup_open(checkup, &event->attr) == 0)
			return true;
	}
	return false;
}

/* Does cycles count while all general counters are taken? */
static bool cycles_has_its_own(const struct hw_event *general, unsigned count)
{
	HW_VEC(struct hw_event) events = { 0 };
	bool fits[65] = { false };
	bool own;

	if (count + 1 > HW_COUNT_OF(fits))
		return false;
	for (unsigned i = 0; i < count; i++)
		hw_vec_push(&events, *general);
	hw_vec_push(&events, *general);
	events.at[count].attr.config = PERF_COUNT_HW_CPU_CYCLES;
	own = hw_budget_fit(events.at, events.count, fits, NULL) == 0 && fits[count];
	hw_vec_fini(&events);
	return own;
}

static void check_free(struct hw_checkup *checkup)
{
	struct hw_finding *finding =
		hw_findings_add(checkup->findings, HW_SECTION_COUNTERS, "counters", "free counters");
	struct hw_event event;
	int64_t watchdog = 0;
	unsigned count;
	bool own;

	if (!general_event(checkup, &event)) {
		finding->is_implied = true;
		hw_finding_cause(finding, HW_NO, "no hardware event opens");
		return;
	}
	count = hw_budget_counters(&event);
	own = cycles_has_its_own(&event, count);
	hw_finding_text(finding, "%u for any event%s", count, own ? ", and one for cycles" : "");
	hw_finding_number(finding, "general", count);
	hw_finding_number(finding, "cycles_own", own);
	hw_finding_word(finding, "counted_with", event.name);
	if (hw_sysctl_read(&watchdog, "nmi_watchdog") && watchdog) {
		hw_finding_cause(finding, HW_LIMITED,
				 "the kernel's NMI watchdog holds one more on every CPU");
		hw_finding_fix(finding, "sudo sysctl kernel.nmi_watchdog=0");
	} else if (count == 0) {
		hw_finding_cause(finding, HW_NO, "another user (perf, another profiler) holds them all");
	}
	hw_finding_number(finding, "nmi_watchdog", watchdog);
}

static void check_sampling(struct hw_checkup *checkup)
{
	struct perf_event_attr attr =
		hw_checkup_attr(PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES, CYCLES_PERIOD);
	struct hw_finding *finding = hw_findings_add(checkup->findings, HW_SECTION_COUNTERS, "sampling",
						     "sampling (overflow interrupts)");
	const int error = hw_checkup_open(checkup, &attr);
	enum hw_trial_result result;

	if (error) {
		hw_checkup_explain(checkup, &checkup->counter_obstacle, "cycles", &attr, 0, error);
		hw_finding_obstacle(finding, HW_NO, &checkup->counter_obstacle, error);
		return;
	}
	result = hw_trial_sample(&attr);
	if (result == HW_TRIAL_SILENT) {
		hw_copy_text(checkup->counter_obstacle.cause, sizeof checkup->counter_obstacle.cause,
			     "cycles opens and counts, but no overflow interrupt arrives");
		hw_finding_cause(finding, HW_NO, "%s%s", checkup->counter_obstacle.cause,
				 checkup->host.is_virtual
					 ? ": the hypervisor's virtual PMU does not deliver them"
					 : "");
		hw_finding_fix(finding,
			       "use -e cpu-clock; dmesg may say what is wrong with the PMU's interrupt");
		return;
	}
	/* Without a ring there was no trying; that is another finding. */
	checkup->counter_samples = true;
	hw_finding_text(finding, "cycles, %s",
			attr.exclude_kernel ? "of user code only" : "of user and kernel code");
	if (attr.exclude_kernel) {
		struct perf_event_attr all = attr;
		struct hw_obstacle obstacle;

		all.exclude_kernel = 0;
		hw_checkup_explain(checkup, &obstacle, "cycles", &all, 0, EACCES);
		hw_finding_obstacle(finding, HW_LIMITED, &obstacle, EACCES);
	}
}

/* The highest level that opens for cycles. Only x86's drivers refuse levels they do not have; Arm's take and ignore all,
 * which the missing caps/max_precise tells (ABI/testing/sysfs-bus-event_source-devices-caps). */
static unsigned highest_precise(const struct hw_checkup *checkup, const char *pmu)
{
	HW_AUTO(hw_freep) char *path = hw_asprintf("/sys/bus/event_source/devices/%s/caps/max_precise", pmu);
	unsigned best = 0;

	if (!IS_X86 && access(path, F_OK) < 0)
		return 0;
	for (unsigned level = 1; level <= 3; level++) {
		struct perf_event_attr attr =
			hw_checkup_attr(PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES, CYCLES_PERIOD);

		attr.precise_ip = level & 3;
		attr.exclude_kernel = 1;
		if (hw_checkup_open(checkup, &attr) == 0)
			best = level;
	}
	return best;
}

static void check_precise(struct hw_checkup *checkup, const char *pmu)
{
	static const char *const meanings[] = { "arbitrary skid", "constant skid", "zero skid requested",
						"zero skid required" };
	const unsigned best = highest_precise(checkup, pmu);
	struct hw_finding *finding =
		hw_findings_add(checkup->findings, HW_SECTION_COUNTERS, "precise", "precise levels");

	hw_finding_number(finding, "highest", best);
	if (best)
		hw_finding_text(finding, "up to %u for cycles (%s)", best, meanings[best]);
	else
		hw_finding_cause(
			finding, HW_LIMITED,
			"cycles has none here: a sample may name an instruction some way behind the one "
			"that caused it");
}

/* Without a PMU, for programs that read the JSON. */
static void imply(struct hw_checkup *checkup, const char *id, const char *title)
{
	struct hw_finding *finding = hw_findings_add(checkup->findings, HW_SECTION_COUNTERS, id, title);

	finding->is_implied = true;
	hw_finding_cause(finding, HW_NO, "needs a CPU PMU that opens");
}

void hw_check_counters(struct hw_checkup *checkup)
{
	size_t cores;

	if (!check_pmu(checkup)) {
		imply(checkup, "sampling", "sampling (overflow interrupts)");
		imply(checkup, "counters", "free counters");
		imply(checkup, "precise", "precise levels");
		return;
	}
	check_sampling(checkup);
	if (checkup->counter_samples) {
		check_free(checkup);
		check_precise(checkup, hw_pmus_core(&checkup->host.pmus, &cores)->name);
	} else {
		imply(checkup, "counters", "free counters");
		imply(checkup, "precise", "precise levels");
	}
}
