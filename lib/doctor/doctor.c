#include "doctor/doctor.h"

#include "doctor/checks.h"

#include "base/cpu_list.h"
#include "base/file.h"
#include "base/units.h"

#include <errno.h>

/* --- For all checks ------------------------------------------------------------------------------------ */

struct perf_event_attr hw_checkup_attr(uint32_t type, uint64_t config, uint64_t period_events)
{
	return (struct perf_event_attr){
		.size = sizeof(struct perf_event_attr),
		.type = type,
		.config = config,
		.sample_period = period_events,
		.exclude_hv = 1,
	};
}

int hw_checkup_open(const struct hw_checkup *checkup, struct perf_event_attr *attr)
{
	int error;

	if (checkup->syscall_kills)
		return EPERM;
	error = hw_trial_open(attr, 0, -1);
	if (error != EACCES && error != EPERM)
		return error;
	attr->exclude_kernel = 1;
	attr->exclude_callchain_kernel = 1;
	return hw_trial_open(attr, 0, -1);
}

void hw_checkup_explain(const struct hw_checkup *checkup, struct hw_obstacle *obstacle, const char *name,
			const struct perf_event_attr *attr, pid_t tid, int open_errno)
{
	const struct hw_event event = { .text = (char *)name, .name = (char *)name, .attr = *attr };

	if (!checkup->syscall_kills) {
		hw_obstacle_find(obstacle, &event, tid, -1, open_errno);
		return;
	}
	/* What may not be tried is known. */
	hw_obstacle_judge(obstacle, &event, tid, -1, open_errno,
			  &(struct hw_obstacle_facts){ .host = &checkup->host,
						       .syscall_errno = checkup->syscall_errno });
}

void hw_finding_obstacle(struct hw_finding *finding, enum hw_finding_state state,
			 const struct hw_obstacle *obstacle, int open_errno)
{
	hw_finding_cause(finding, state, "%s", obstacle->cause[0] ? obstacle->cause : strerror(open_errno));
	hw_finding_fix(finding, "%s", obstacle->fix);
	hw_finding_word(finding, "obstacle", hw_obstacle_name(obstacle->kind));
}

void hw_finding_privileges(struct hw_finding *finding, const struct hw_host *host, const char *more)
{
	HW_AUTO(hw_buf_fini) struct hw_buf fix = { 0 };

	hw_obstacle_print_privileges(&fix, host, more);
	hw_finding_fix(finding, "%s", hw_buf_str(&fix));
}

bool hw_sysctl_read(int64_t *value, const char *name)
{
	HW_AUTO(hw_freep) char *path = hw_asprintf("/proc/sys/kernel/%s", name);
	char line[32];
	char *end = NULL;

	if (hw_file_read_line(line, sizeof line, path) < 0)
		return false;
	*value = strtoll(line, &end, 10);
	return end != line;
}

/* --- The verdict --------------------------------------------------------------------------------------- */

static void judge(struct hw_diagnosis *diagnosis, const struct hw_checkup *checkup)
{
	const struct hw_finding *rings = hw_findings_find(&diagnosis->findings, "rings");
	const bool no_rings = rings && rings->state == HW_NO && !rings->is_implied;
	const char *kernel = checkup->kernel_code ? "kernel code included" : "user code only";

	diagnosis->has_counters = checkup->counter_samples;
	diagnosis->can_record = (checkup->timer_samples || checkup->counter_samples) && !no_rings;
	diagnosis->has_kernel_code = diagnosis->can_record && checkup->kernel_code;
	diagnosis->has_whole_cpus = diagnosis->can_record && checkup->whole_cpus;
	if (!diagnosis->can_record)
		diagnosis->verdict = hw_asprintf("hwprof cannot profile here: %s",
						 no_rings ? rings->cause : checkup->timer_obstacle.cause);
	else if (checkup->counter_samples)
		diagnosis->verdict = hw_asprintf(
			"hwprof can profile your own processes here on hardware counters, %s", kernel);
	else
		diagnosis->verdict = hw_asprintf(
			"hwprof can profile your own processes here by a timer (cpu-clock), %s; on hardware "
			"counters it cannot: %s",
			kernel, checkup->counter_obstacle.cause);
}

void hw_diagnosis_init(struct hw_diagnosis *diagnosis, const struct hw_doctor_config *config)
{
	struct hw_checkup checkup = { .config = config, .findings = &diagnosis->findings };
	int *cpus = NULL;

	*diagnosis = (struct hw_diagnosis){ 0 };
	hw_host_read(&checkup.host, "");
	checkup.syscall_errno = hw_trial_syscall(&checkup.syscall_kills);
	if (hw_cpu_list_online(&cpus, &checkup.cpu_count, NULL) < 0)
		checkup.cpu_count = 1;
	free(cpus);
	hw_check_timer(&checkup);
	hw_check_counters(&checkup);
	hw_check_kernel_events(&checkup);
	hw_check_privileges(&checkup);
	hw_check_target(&checkup);
	hw_check_limits(&checkup);
	hw_check_kernel(&checkup);
	hw_check_debug_info(&checkup);
	judge(diagnosis, &checkup);
	hw_host_fini(&checkup.host);
}

void hw_diagnosis_fini(struct hw_diagnosis *diagnosis)
{
	hw_findings_fini(&diagnosis->findings);
	free(diagnosis->verdict);
	*diagnosis = (struct hw_diagnosis){ 0 };
}

void hw_diagnosis_json(struct hw_buf *out, const struct hw_diagnosis *diagnosis, const char *version)
{
	struct hw_json json = { .out = out };

	hw_json_begin(&json, '{');
	hw_json_key(&json, "hwprof");
	hw_json_text(&json, version);
	hw_json_key(&json, "verdict");
	hw_json_text(&json, diagnosis->verdict);
	hw_json_key(&json, "can_record");
	hw_json_bool(&json, diagnosis->can_record);
	hw_json_key(&json, "hardware_counters");
	hw_json_bool(&json, diagnosis->has_counters);
	hw_json_key(&json, "kernel_code");
	hw_json_bool(&json, diagnosis->has_kernel_code);
	hw_json_key(&json, "whole_cpus");
	hw_json_bool(&json, diagnosis->has_whole_cpus);
	hw_json_key(&json, "findings");
	hw_findings_json(&json, &diagnosis->findings);
	hw_json_end(&json, '}');
}
