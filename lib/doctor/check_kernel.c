/* The kernel: the names of its functions, the clock of the samples, and what newer ones brought. */
#include "doctor/checks.h"

#include "base/file.h"
#include "dso/kallsyms.h"

#include <errno.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

/* Those that unwinding needs, and whether there is an unwinder for this architecture (unwind/regs.h). */
#if defined(__x86_64__)
#define REGISTERS UINT64_C(0x1ff) /* ax to ip: asm/perf_regs.h */
#define HAS_UNWINDER true
#elif defined(__aarch64__)
#define REGISTERS UINT64_C(0x1ffffffff) /* x0 to pc */
#define HAS_UNWINDER true
#else
#define REGISTERS UINT64_C(0)
#define HAS_UNWINDER false
#endif

/* --- Symbols ------------------------------------------------------------------------------------------- */

static void suggest_addresses(const struct hw_checkup *checkup, struct hw_finding *finding,
			      int64_t restricted)
{
	HW_AUTO(hw_buf_fini) struct hw_buf fix = { 0 };

	hw_buf_text(&fix, restricted == 0 ? "sudo sysctl kernel.perf_event_paranoid=1"
					  : "sudo sysctl kernel.kptr_restrict=0");
	if (restricted < 2) {
		hw_buf_text(&fix, ", or: ");
		hw_obstacle_print_privileges(&fix, &checkup->host, ",cap_syslog");
	}
	hw_finding_fix(finding, "%s", hw_buf_str(&fix));
}

static void check_symbols(struct hw_checkup *checkup)
{
	struct hw_finding *finding = hw_findings_add(checkup->findings, HW_SECTION_SYMBOLS, "kernel-symbols",
						     "names of its functions");
	struct hw_kallsyms kallsyms;
	struct hw_err err = { 0 };
	int64_t restricted = 0;

	if (hw_sysctl_read(&restricted, "kptr_restrict"))
		hw_finding_number(finding, "kptr_restrict", restricted);
	if (hw_kallsyms_read(&kallsyms, &err) == 0) {
		hw_finding_text(finding, "%zu of them", kallsyms.symbols.count);
		hw_finding_number(finding, "functions", (int64_t)kallsyms.symbols.count);
		hw_kallsyms_fini(&kallsyms);
		return;
	}
	if (err.kind != HW_ERR_PERMISSION) {
		hw_finding_cause(finding, HW_NO, "%s", err.message);
		hw_finding_fix(finding, "a kernel with CONFIG_KALLSYMS=y");
		return;
	}
	/* kallsyms_show_value() in kernel/ksyms_common.c: at 0, users see addresses when they may sample the kernel, too. */
	if (restricted == 0)
		hw_finding_cause(finding, HW_NO,
				 "/proc/kallsyms hides their addresses without CAP_SYSLOG while "
				 "perf_event_paranoid is "
				 "above 1");
	else
		hw_finding_cause(finding, HW_NO, "kptr_restrict = %d hides their addresses%s",
				 (int)restricted, restricted == 1 ? " without CAP_SYSLOG" : "");
	suggest_addresses(checkup, finding, restricted);
}

/* --- The clock ----------------------------------------------------------------------------------------- */

/* Those that are read from a register; others go through a bus, for every sample. */
static bool is_fast_clock(const char *name)
{
	static const char *const fast[] = {
		"tsc",	    "kvm-clock", "arch_sys_counter", "hyperv_clocksource_tsc_page", "xen",
		"timebase", "tod"
	};

	for (size_t i = 0; i < HW_COUNT_OF(fast); i++)
		if (strcmp(name, fast[i]) == 0)
			return true;
	return false;
}

static void check_clock(struct hw_checkup *checkup)
{
	struct hw_finding *finding =
		hw_findings_add(checkup->findings, HW_SECTION_SYMBOLS, "clocksource", "clock");
	char name[64];

	if (hw_file_read_line(name, sizeof name,
			      "/sys/devices/system/clocksource/clocksource0/current_clocksource") < 0) {
		hw_finding_text(finding, "unknown");
		return;
	}
	hw_finding_text(finding, "%s", name);
	hw_finding_word(finding, "clocksource", name);
	if (!is_fast_clock(name)) {
		hw_finding_cause(finding, HW_LIMITED, "it is slow to read, which every sample pays for");
		hw_finding_fix(finding, "look why the CPU's own clock is not used: sudo dmesg | grep -i -e "
					"clocksource -e tsc");
	}
}

/* --- Features ------------------------------------------------------------------------------------------ */

/* Each is tried on an event that never happens; which kernel had it first is in perf_event_open(2) or the history of
 * include/uapi/linux/perf_event.h. */
struct feature {
	const char *name; /* in JSON */
	const char *title;
	const char *since;
	const char *loss; /* what profiles lack without it; NULL = nothing yet */
};

enum {
	F_COMM_EXEC,
	F_CLOCKID,
	F_KSYMBOL,
	F_PIDFD,
	F_BUILD_ID,
	F_LOST,
	F_INHERIT_READ,
	F_USER_STACK,
	F_COUNT
};

static const struct feature features[F_COUNT] = {
	[F_COMM_EXEC] = { "comm_exec", "comm_exec", "3.16", "execs are told from renames by guessing" },
	[F_CLOCKID] = { "clockid", "clockid", "4.1", "samples have no common clock with other programs" },
	[F_KSYMBOL] = { "ksymbol", "ksymbol", "5.1", "BPF programs loaded meanwhile have no names" },
	[F_PIDFD] = { "pidfd_open", "pidfd_open", "5.3", "the end of a process is seen by polling" },
	[F_BUILD_ID] = { "mmap2_build_id", "mmap2 build-id", "5.12",
			 "files replaced meanwhile go unnoticed" },
	[F_LOST] = { "format_lost", "PERF_FORMAT_LOST", "6.0", "losses are not known for each event" },
	[F_INHERIT_READ] = { "inherit_sample_read", "reading groups in inherited samples", "6.12", NULL },
	[F_USER_STACK] = { "user_stack", "user registers and stack", "3.7",
			   "user stacks need frame pointers (--unwind fp)" },
};

static bool has_feature(const struct hw_checkup *checkup, size_t index)
{
	struct perf_event_attr attr = hw_checkup_attr(PERF_TYPE_SOFTWARE, PERF_COUNT_SW_DUMMY, 1);

	switch (index) {
	case F_COMM_EXEC:
		attr.comm = attr.comm_exec = 1;
		break;
	case F_CLOCKID:
		attr.use_clockid = 1;
		attr.clockid = CLOCK_MONOTONIC;
		break;
	case F_KSYMBOL:
		attr.ksymbol = 1;
		break;
	case F_PIDFD: {
		HW_AUTO(hw_closep) int fd = (int)syscall(SYS_pidfd_open, getpid(), 0);

		return fd >= 0;
	}
	case F_BUILD_ID:
		attr.mmap = attr.mmap2 = attr.build_id = 1;
		break;
	case F_LOST:
		attr.read_format = PERF_FORMAT_LOST;
		break;
	case F_INHERIT_READ:
		attr.inherit = 1;
		attr.sample_type = PERF_SAMPLE_READ | PERF_SAMPLE_TID;
		attr.read_format = PERF_FORMAT_GROUP | PERF_FORMAT_ID;
		break;
	default:
		attr.sample_type = PERF_SAMPLE_REGS_USER | PERF_SAMPLE_STACK_USER;
		attr.sample_regs_user = REGISTERS;
		attr.sample_stack_user = 1024;
		break;
	}
	return hw_checkup_open(checkup, &attr) == 0;
}

static void check_features(struct hw_checkup *checkup)
{
	struct hw_finding *finding =
		hw_findings_add(checkup->findings, HW_SECTION_SYMBOLS, "kernel-features", "features");
	HW_AUTO(hw_buf_fini) struct hw_buf there = { 0 };
	HW_AUTO(hw_buf_fini) struct hw_buf missing = { 0 };
	struct utsname name = { 0 };

	(void)uname(&name);
	hw_finding_word(finding, "release", name.release);
	hw_finding_word(finding, "machine", name.machine);
	if (!checkup->timer_samples) {
		finding->is_implied = true;
		hw_finding_cause(finding, HW_NO, "needs an event that opens");
		return;
	}
	for (size_t i = 0; i < F_COUNT; i++) {
		const bool has = has_feature(checkup, i);

		hw_finding_number(finding, features[i].name, has);
		if (has)
			hw_buf_printf(&there, "%s%s", there.size ? ", " : "", features[i].title);
		else if (features[i].loss)
			hw_buf_printf(&missing, "%s%s (Linux %s): %s", missing.size ? "; " : "without ",
				      features[i].title, features[i].since, features[i].loss);
	}
	hw_finding_text(finding, "Linux %s: %s", name.release, hw_buf_str(&there));
	if (missing.size)
		hw_finding_cause(finding, HW_LIMITED, "%s", hw_buf_str(&missing));
}

/* --- User stacks --------------------------------------------------------------------------------------- */

static void check_unwinding(struct hw_checkup *checkup)
{
	struct hw_finding *finding =
		hw_findings_add(checkup->findings, HW_SECTION_SYMBOLS, "unwinding", "user stacks");
	struct utsname name = { 0 };

	(void)uname(&name);
	hw_finding_word(finding, "machine", name.machine);
	hw_finding_number(finding, "unwind_tables", HAS_UNWINDER);
	if (HAS_UNWINDER) {
		hw_finding_text(finding, "by unwind tables, and by frame pointers where code has none");
		return;
	}
	hw_finding_text(finding, "by frame pointers, as the kernel follows them");
	hw_finding_cause(finding, HW_LIMITED, "hwprof does not read the unwind tables of %s", name.machine);
	hw_finding_fix(finding, "compile with -fno-omit-frame-pointer");
}

void hw_check_kernel(struct hw_checkup *checkup)
{
	check_symbols(checkup);
	check_unwinding(checkup);
	check_features(checkup);
	check_clock(checkup);
}
