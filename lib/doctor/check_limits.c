/* How much: memory for rings, open files, samples per second, frames. */
#include "doctor/checks.h"

#include "base/units.h"
#include "record/recorder.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/resource.h>
#include <unistd.h>

#ifdef __x86_64__
#include <asm/perf_regs.h>
#define SOME_REGISTERS (UINT64_C(1) << PERF_REG_X86_IP | UINT64_C(1) << PERF_REG_X86_SP)
#elif defined(__aarch64__)
#include <asm/perf_regs.h>
#define SOME_REGISTERS (UINT64_C(1) << PERF_REG_ARM64_PC | UINT64_C(1) << PERF_REG_ARM64_SP)
#else /* no unwinder: recordings ask for none */
#define SOME_REGISTERS UINT64_C(0)
#endif

/* Descriptors that are not counters: the command line's files, libraries, /proc (as hw_recorder_open reserves). */
#define OTHER_DESCRIPTORS 64
#define THREADS_FEW 100

/* --- Rings --------------------------------------------------------------------------------------------- */

static uint64_t limit_of(int resource)
{
	struct rlimit limit;

	return getrlimit(resource, &limit) < 0 ? 0 : limit.rlim_cur;
}

static void print_kib(struct hw_buf *out, uint64_t bytes)
{
	if (bytes == RLIM_INFINITY)
		hw_buf_text(out, "unlimited");
	else
		hw_buf_printf(out, "%" PRIu64 " KiB", bytes >> 10);
}

static void suggest_memory(struct hw_finding *finding, const struct hw_checkup *checkup,
			   const struct hw_recorder_stats *stats)
{
	const uint64_t wanted_kib = (stats->ring_wanted_bytes + (uint64_t)sysconf(_SC_PAGESIZE)) >> 10;
	HW_AUTO(hw_buf_fini) struct hw_buf fix = { 0 };

	hw_buf_printf(&fix, "%ssudo sysctl kernel.perf_event_mlock_kb=%" PRIu64,
		      checkup->host.is_initial_user_ns ? "" : "outside of the user namespace: ", wanted_kib);
	if (checkup->host.is_initial_user_ns) {
		hw_buf_text(&fix, ", or: ");
		hw_obstacle_print_privileges(&fix, &checkup->host, ",cap_ipc_lock");
	}
	hw_finding_fix(finding, "%s", hw_buf_str(&fix));
}

/* The recorder itself, as a recording would have it: on ourselves, its counters never started. */
static void try_rings(struct hw_checkup *checkup, struct hw_finding *finding)
{
	struct hw_event event = {
		.text = (char *)"cpu-clock",
		.name = (char *)"cpu-clock",
		.attr = hw_checkup_attr(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK, 0),
	};
	const struct hw_variant variants[] = { { 0 },
					       { .stack_size_bytes = checkup->config->stack_raised_bytes } };
	const struct hw_recorder_config config = {
		.events = &event,
		.event_count = 1,
		.variants = variants,
		.variant_count = HW_COUNT_OF(variants),
		.sampling = { .stack_size_bytes = checkup->config->stack_size_bytes,
			      .user_regs_mask = SOME_REGISTERS },
		.enable_on_exec = true,
	};
	struct hw_recorder_stats stats = { 0 };
	struct hw_err err = { 0 };
	struct hw_recorder *recorder;
	HW_AUTO(hw_buf_fini) struct hw_buf size = { 0 };

	event.attr.freq = 1;
	event.attr.sample_freq = checkup->config->freq_hz;
	event.attr.exclude_kernel = !checkup->kernel_code;
	recorder = hw_recorder_new(&config, &err);
	if (!recorder || hw_recorder_open(recorder, getpid(), &err) < 0) {
		hw_finding_cause(finding, HW_NO, "%s", err.message);
		hw_finding_fix(finding, "%s", err.hint);
		if (recorder) {
			hw_recorder_stats(recorder, &stats, NULL);
			if (err.kind == HW_ERR_LIMIT)
				suggest_memory(finding, checkup, &stats);
		}
		hw_recorder_free(recorder);
		return;
	}
	hw_recorder_stats(recorder, &stats, NULL);
	hw_recorder_free(recorder);
	hw_print_size(&size, (double)stats.ring_size_bytes);
	hw_finding_text(finding, "%s for each of %zu CPU%s", hw_buf_str(&size), checkup->cpu_count,
			checkup->cpu_count == 1 ? "" : "s");
	hw_finding_number(finding, "ring_bytes", (int64_t)stats.ring_size_bytes);
	hw_finding_number(finding, "wanted_bytes", (int64_t)stats.ring_wanted_bytes);
	if (stats.ring_size_bytes < stats.ring_wanted_bytes) {
		size.size = 0;
		hw_print_size(&size, (double)stats.ring_wanted_bytes);
		hw_finding_cause(finding, HW_LIMITED,
				 "the limit on locked memory allows no more, where %s are wanted: bursts of "
				 "samples may be "
				 "lost",
				 hw_buf_str(&size));
		suggest_memory(finding, checkup, &stats);
	}
}

static void check_rings(struct hw_checkup *checkup)
{
	struct hw_finding *finding =
		hw_findings_add(checkup->findings, HW_SECTION_LIMITS, "rings", "rings (locked memory)");
	const uint64_t memlock = limit_of(RLIMIT_MEMLOCK);
	HW_AUTO(hw_buf_fini) struct hw_buf limits = { 0 };
	int64_t mlock_kib = 0;

	if (hw_sysctl_read(&mlock_kib, "perf_event_mlock_kb"))
		hw_finding_number(finding, "perf_event_mlock_kb", mlock_kib);
	hw_finding_number(finding, "memlock_bytes", memlock == RLIM_INFINITY ? -1 : (int64_t)memlock);
	if (!checkup->timer_samples) {
		finding->is_implied = true;
		hw_finding_cause(finding, HW_NO, "needs an event that opens");
		return;
	}
	try_rings(checkup, finding);
	print_kib(&limits, memlock);
	if (finding->state == HW_LIMITED || finding->state == HW_NO) {
		HW_AUTO(hw_freep) char *cause = hw_strdup(finding->cause);

		hw_finding_cause(finding, finding->state,
				 "%s (perf_event_mlock_kb = %" PRId64 " per CPU, ulimit -l %s)", cause,
				 mlock_kib, hw_buf_str(&limits));
	}
}

/* --- Open files ---------------------------------------------------------------------------------------- */

static void check_open_files(struct hw_checkup *checkup)
{
	struct hw_finding *finding =
		hw_findings_add(checkup->findings, HW_SECTION_LIMITS, "open-files", "open files");
	struct rlimit limit = { 0 };
	uint64_t threads;

	(void)getrlimit(RLIMIT_NOFILE, &limit);
	hw_finding_number(finding, "soft", (int64_t)limit.rlim_cur);
	hw_finding_number(finding, "hard", (int64_t)limit.rlim_max);
	threads = limit.rlim_max > OTHER_DESCRIPTORS
			  ? (limit.rlim_max - OTHER_DESCRIPTORS) / checkup->cpu_count
			  : 0;
	hw_finding_number(finding, "threads", (int64_t)threads);
	hw_finding_text(finding, "%" PRIu64, (uint64_t)limit.rlim_max);
	if (threads == 0) {
		hw_finding_cause(
			finding, HW_NO,
			"an event on %zu CPUs needs %zu: one for each CPU, thread and event, and %d others",
			checkup->cpu_count, checkup->cpu_count + OTHER_DESCRIPTORS, OTHER_DESCRIPTORS);
		hw_finding_fix(finding, "sudo prlimit --pid $$ --nofile=65536, then hwprof in this shell");
	} else if (threads < THREADS_FEW) {
		hw_finding_cause(finding, HW_LIMITED,
				 "running processes of up to %" PRIu64
				 " threads can be attached to with one event: each takes one for each CPU, "
				 "thread and event",
				 threads);
		hw_finding_fix(finding, "sudo prlimit --pid $$ --nofile=65536, then hwprof in this shell");
	} else {
		hw_finding_text(finding,
				"%" PRIu64 ": running processes of up to %" PRIu64
				" threads can be attached to with one event",
				(uint64_t)limit.rlim_max, threads);
	}
}

/* --- Sysctls ------------------------------------------------------------------------------------------- */

static void check_sample_rate(struct hw_checkup *checkup)
{
	struct hw_finding *finding =
		hw_findings_add(checkup->findings, HW_SECTION_LIMITS, "sample-rate", "samples per second");
	int64_t max = 0;
	int64_t percent = 0;

	if (hw_sysctl_read(&percent, "perf_cpu_time_max_percent"))
		hw_finding_number(finding, "perf_cpu_time_max_percent", percent);
	if (!hw_sysctl_read(&max, "perf_event_max_sample_rate")) {
		hw_finding_cause(finding, HW_LIMITED, "perf_event_max_sample_rate cannot be read");
		return;
	}
	hw_finding_number(finding, "perf_event_max_sample_rate", max);
	hw_finding_text(finding, "up to %" PRId64 " per CPU", max);
	if ((uint64_t)max < checkup->config->freq_hz) {
		hw_finding_cause(finding, HW_LIMITED,
				 "hwprof takes %" PRIu64
				 " unless -F says otherwise; the kernel lowers the limit by itself "
				 "when samples cost more than %" PRId64
				 " %% of the time (perf_cpu_time_max_percent)",
				 checkup->config->freq_hz, percent);
		hw_finding_fix(finding, "sudo sysctl kernel.perf_event_max_sample_rate=100000");
	} else if (percent > 0 && percent < 100) {
		hw_finding_text(finding,
				"up to %" PRId64 " per CPU; fewer when they cost more than %" PRId64
				" %% of the time",
				max, percent);
	}
}

/* What the kernel records of its own stacks, and of user stacks by frame pointers. */
static void check_frames(struct hw_checkup *checkup)
{
	struct hw_finding *finding = hw_findings_add(checkup->findings, HW_SECTION_LIMITS, "kernel-frames",
						     "frames by the kernel");
	int64_t frames = 0;

	if (!hw_sysctl_read(&frames, "perf_event_max_stack")) {
		hw_finding_text(finding, "up to 127"); /* fixed before Linux 4.7 */
		return;
	}
	hw_finding_number(finding, "perf_event_max_stack", frames);
	hw_finding_text(finding, "up to %" PRId64 " of kernel code, and of user code with --unwind fp",
			frames);
	if (frames < 127) {
		hw_finding_cause(finding, HW_LIMITED, "that is less than the kernel's default of 127");
		hw_finding_fix(finding, "sudo sysctl kernel.perf_event_max_stack=127");
	}
}

void hw_check_limits(struct hw_checkup *checkup)
{
	check_rings(checkup);
	check_open_files(checkup);
	check_sample_rate(checkup);
	check_frames(checkup);
}
